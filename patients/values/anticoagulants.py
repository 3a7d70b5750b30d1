"""Anticoagulants by name: what a person can choose, and what a file may call them."""

from interpretation.record.spelling import fold_name
from patients.words import EVENT_NAMES

# Substance -> kind of event.
KINDS = {
    "warfarin": "vka",
    "acenocoumarol": "vka",
    "phenprocoumon": "vka",
    "rivaroxaban": "doac",
    "apixaban": "doac",
    "edoxaban": "doac",
    "dabigatran": "doac",
    "argatroban": "direct_thrombin_inhibitor",
}
_GROUPS = {fold_name(name): kind for kind in KINDS.values() for name in (kind, EVENT_NAMES[kind])}


def kind_of(name: str) -> str:
    """The kind of event of the one substance in a name, or of the name of a group; "" for none or several."""
    folded = fold_name(name)
    found = {kind for substance, kind in KINDS.items() if f" {substance} " in f" {folded} "}
    return found.pop() if len(found) == 1 else _GROUPS.get(folded, "")


def is_group(name: str) -> bool:
    """ "DOAC" names a kind and no drug."""
    return fold_name(name) in _GROUPS
