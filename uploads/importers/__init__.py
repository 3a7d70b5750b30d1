"""One module a format, all of one shape: a table in, records and located problems out; no Django."""
