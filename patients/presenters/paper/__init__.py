"""The patient on paper and in a terminal: one sheet, and the whole report as text."""
