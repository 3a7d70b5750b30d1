"""Strata of the worklist: rows that are alike in everything that its filters of state and work ask.

A stratum is a number whose bits are those answers. Each index of a stratum is in the order of one sort, so that any
filters together are a few walks that begin where their rows are, however many others the clinic has.
"""

from django.db.models import Case, F, Func, Q, Value, When

from interpretation.record.records import DIAGNOSIS_KINDS

# Where the bits of each answer begin, and how many there are; the two ranks in front, as the default order has them.
URGENCY, GRADE = (9, 3), (6, 3)
FLAGS = {
    "concern": (5, ~Q(concerns=[])),
    "new": (4, Q(new_or_worse=True)),
    "review": (3, Q(to_review=True)),
    "causes": (2, Q(open_causes__gt=0)),
    "anticoagulant": (1, Q(ask_anticoagulant=True)),
    "left_out": (0, ~Q(left_out="")),
}
STRATUM = sum(
    (Case(When(asked, then=Value(1 << place)), default=Value(0)) for place, asked in FLAGS.values()),
    start=F("urgency_rank") * Value(1 << URGENCY[0]) + F("grade_rank") * Value(1 << GRADE[0]),
)
# Marks: a bit for each letter with which a word of the names or the MRN begins, the first bit for all others,
# and above those a bit for each kind of diagnosis. Migration 0011 teaches PostgreSQL the same.
LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
HINTS = Func(F("search"), F("diagnoses"), function="patients_hints")


def hint_of_word(word: str) -> int:
    """The bit that every row has in which a word begins as this one does."""
    return 1 << LETTERS.find(word[0]) + 1


def hint_of_diagnosis(kind: str) -> int:
    return 1 << len(LETTERS) + 1 + DIAGNOSIS_KINDS.index(kind)
