"""The first screen of a patient and the tabs below it."""
