"""Where a row stands by how soon to act and by its grade."""

from datetime import date

from interpretation.urgency import LEVELS

# The worklist's first key: the place of a row in this tuple. Who has died stands after all others.
URGENCIES = (*LEVELS, "died")
# The next key: the place in this tuple. An INR that rises without falling enzymes is
# no dissociation, but it must not stand among the quiet rows; who has died stands after all grades.
PLACES = (
    "critical",
    "established",
    "possible",
    "rising",
    "not_interpretable",
    "none",
    "not_assessable",
    "died",
)
RISING, DIED = PLACES.index("rising"), PLACES.index("died")
DIED_URGENCY = URGENCIES.index("died")
GRADES = tuple(place for place in PLACES if place not in ("rising", "died"))
# In `Assessment.overdue_on`: a test of the checklist that was never done.
NEVER = date(1, 1, 1)
