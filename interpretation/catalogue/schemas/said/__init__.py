"""Schemas of the files that hold what the panel says."""
