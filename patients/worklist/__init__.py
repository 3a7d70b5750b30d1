"""The worklist: which rows, in which order, from which row on, and how many each filter shows."""

from .choosing import matching, searched
from .counting import COUNTED, counts
from .folding import fold, words
from .paging import PAGE, WorklistPage, page
from .places import DIED, DIED_URGENCY, GRADES, NEVER, PLACES, RISING, URGENCIES
from .state import ALL, DEFAULT_SORT, NEW, PATIENT, SORTS, Key, WorklistState

__all__ = [
    "ALL",
    "COUNTED",
    "DEFAULT_SORT",
    "DIED",
    "DIED_URGENCY",
    "GRADES",
    "NEVER",
    "NEW",
    "PAGE",
    "PATIENT",
    "PLACES",
    "RISING",
    "SORTS",
    "URGENCIES",
    "Key",
    "WorklistPage",
    "WorklistState",
    "counts",
    "fold",
    "matching",
    "page",
    "searched",
    "words",
]
