"""Parts of the patient page that load themselves after it: past grades, what would change, one score."""
