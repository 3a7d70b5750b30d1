"""The worklist: its lines, and the columns in which they stand."""
