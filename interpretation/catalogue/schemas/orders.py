"""orders.toml: what to do now, in a few words."""

from collections.abc import Iterable

from ..shape import ABOUT, NAME, Each, Files, Many, Sentence, TableShape, Word, plain, sentences

ORDERS = {
    "anticoagulant": ("", ""),
    "review": ("act", ""),
    "review_pattern": ("act", ""),
    "repeat": ("tests", "added"),
    "checklist": ("tests", ""),
    "measure": ("", ""),
    "restore": ("drug", ""),
    "restore_sample": ("", ""),
    "after_vitamin_k": ("", ""),
    "review_after_injury": ("", ""),
    "vitamin_k": ("", ""),
    "vitamin_k_for": ("", "cause"),
    "tests": ("tests", "cause"),
    "precipitant": ("", ""),
    "acute_injury": ("", ""),
    "decompensation": ("signs", ""),
    "transplant": ("", ""),
    "pregnancy": ("", ""),
}
ITEMS = "infection variceal_bleed alcohol drug hepatitis_b"
NOTES = Word(choices=("asked", "done", "meeting", "record", "none"))


def _order(text: str, why: str) -> TableShape:
    reason = Sentence(why, may_be_empty=True)
    return TableShape(
        {"text": Sentence(text), "why": reason, "of": Many(NAME, 0), "note": NOTES}, sourced=True
    )


SHAPE = TableShape(
    {
        "order": TableShape({key: _order(*braces) for key, braces in ORDERS.items()}),
        "item": sentences(plain(ITEMS)),
        # Short names, of whichever need them.
        "test": Each(NAME),
        "cause": Each(NAME),
    }
)


def rules(files: Files) -> Iterable[str]:
    for table in ("test", "cause"):
        for key in files["orders"][table].keys() - ABOUT - files["causes"][table].keys():
            yield f"orders.toml: {table}.{key}: no such {table} in causes.toml: take it out"
