"""The knowledge laid open: every entry of every data file, where it is used, and what is wrong with it.

For the knowledge page and `manage.py knowledge`; `interpret()` does not need it. The walk knows no file by
name: a new data file of the same shape appears by itself.
"""

from .entries import KnowledgeEntry, KnowledgeFile, catalogue
from .faults import faults
from .sureness import SURENESS, surely
from .wording import Field

__all__ = ["SURENESS", "KnowledgeEntry", "Field", "KnowledgeFile", "catalogue", "faults", "surely"]
