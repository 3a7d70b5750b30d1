"""Whose results these are: what is open, and what people have decided."""
