"""FHIR Bulk Data (“Flat FHIR”): resources one a line, in one file or in a folder as an export leaves it.

`packing`: a folder of a disk as one archive; `lines`: the lines of its files; `index`: what may be referred to, on a
disk; `references`: what that answers to whoever reads a resource; `reading`: the rows; `manifest`: what the sender says
of the export. Each file is read twice: references may lead to a file that comes later. Memory holds a line at a time.
"""

from .lines import sniff
from .reading import read

__all__ = ["read", "sniff"]
