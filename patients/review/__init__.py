"""What clinicians make of a report: snapshot, signed report, what changed since, overrules."""
