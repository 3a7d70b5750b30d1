"""The filters of the worklist as chips: state apart from work, each with its number."""

from accounts.models import Clinic
from interpretation.urgency import LEVELS
from patients.words import DIAGNOSIS_NAMES, GRADE_WORDS, URGENCY_WORDS
from patients.worklist import ALL, COUNTED, GRADES, NEW, WorklistState

GROUPS = {"state": "State", "urgency": "How soon", "work": "Work"}
SHOWN = {NEW: "New or worse since review", ALL: "All"}
# What the record shows. Of the last two only where there are any.
STATES = {
    "critical": GRADE_WORDS["critical"],
    "established": GRADE_WORDS["established"],
    "possible": GRADE_WORDS["possible"],
    "rising": "INR rising",
    "not_interpretable": GRADE_WORDS["not_interpretable"],
    "none": GRADE_WORDS["none"],
    "not_assessable": GRADE_WORDS["not_assessable"],
    "died": "Died",
}
# What somebody has to do, for whomever: the list shows everybody then.
WORK = {
    "overdue": "Tests overdue",
    "causes": "Causes open",
    "anticoagulant": "Anticoagulant not known",
    "contact": "To contact",
    "mine": "My contacts",
    "concern": "With a concern",
    "review": "Unreviewed or changed",
    "left_out": "Left out of monitoring",
}
# These stand in the row; the others are one press further, unless they are on.
FRONT_STATES = ("critical", "established", "possible", "rising", "not_interpretable")
FRONT = frozenset((*FRONT_STATES, "today", "24_to_48_h", "overdue", "causes", "contact", "concern"))
# Shown only where there are such rows.
WHERE_ANY = ("anticoagulant", "mine", "concern", "left_out")


def shown_of(state: WorklistState, number: dict[str, int | None]) -> list[dict]:
    """New or worse, and everybody: one of the two is always on."""
    found = {NEW: number["new"], ALL: number["everybody"]}
    return [
        _chip(name, SHOWN[name], count, state.show == name, state.to(show=name, urgency="", grade=""))
        for name, count in found.items()
    ]


def others_of(number: dict[str, int | None]) -> str:
    """How many are not new or worse; "" where nobody has counted them out."""
    new, everybody = number["new"], number["everybody"]
    if new is None or everybody is None or everybody > COUNTED:
        return ""
    return f"{everybody - new:,}"


def picked(state: WorklistState, clinics: list[Clinic]) -> list[dict]:
    """Diagnosis and clinic that were picked from the lists; pressed, each goes."""
    found = []
    if state.dx:
        found.append(_chip("dx", DIAGNOSIS_NAMES[state.dx], None, True, state.to(dx="")))
    for clinic in clinics:
        if clinic.code == state.clinic:
            found.append(_chip("clinic", clinic.name, None, True, state.to(clinic="")))
    return [chip | {"group": "picked"} for chip in found]


def filters_of(state: WorklistState, number: dict[str, int | None]) -> list[dict]:
    """The chips, each with its group: "state", "urgency" or "work"; `front`: it stands in the row."""
    return [*_states(state, number), *_urgencies(state, number), *_work(state, number)]


def grouped(chips: list[dict]) -> list[dict]:
    """By group, those that stand in the row apart from those behind "More filters"."""
    return [
        {
            "name": name,
            "label": label,
            "front": [chip for chip in chips if chip["group"] == name and chip["front"]],
            "more": [chip for chip in chips if chip["group"] == name and not chip["front"]],
        }
        for name, label in GROUPS.items()
    ]


def _states(state: WorklistState, number: dict[str, int | None]) -> list[dict]:
    found = []
    for place, label in STATES.items():
        on = state.grade == place
        if place in GRADES or number[place] != 0 or on:
            address = state.to(grade="" if on else place)
            found.append(_chip(place, label, number[place], on, address) | {"group": "state"})
    return found


def _urgencies(state: WorklistState, number: dict[str, int | None]) -> list[dict]:
    found = []
    for level in LEVELS:
        on = state.urgency == level
        address = state.to(urgency="" if on else level)
        chip = _chip(level, URGENCY_WORDS[level], number[level], on, address)
        found.append(chip | {"group": "urgency"})
    return found


def _work(state: WorklistState, number: dict[str, int | None]) -> list[dict]:
    """Among everybody: who is to be called need not be new."""
    found = []
    for name, label in WORK.items():
        on = getattr(state, name)
        if name not in WHERE_ANY or number[name] != 0 or on:
            address = state.to(show=ALL, **{name: not on})
            found.append(_chip(name, label, number[name], on, address) | {"group": "work"})
    return found


def _chip(key: str, label: str, number: int | None, on: bool, address: str) -> dict:
    front = on or key in FRONT
    return {
        "key": key,
        "label": label,
        "number": capped(number),
        "on": on,
        "address": address,
        "front": front,
    }


def capped(number: int | None) -> str:
    """ "1,000+" above what is counted out."""
    if number is None:
        return ""
    return f"{COUNTED:,}+" if number > COUNTED else f"{number:,}"
