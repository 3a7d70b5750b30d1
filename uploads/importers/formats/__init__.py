"""Bytes to rows of cells: text with separators, and workbooks."""
