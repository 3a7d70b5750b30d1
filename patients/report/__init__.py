"""The only bridge to the clinical core: rows to records, `interpret()`, as of and as known then."""
