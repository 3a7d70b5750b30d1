"""The choices of the page as links and fields: corners, grades, filters, months, who is not shown and why."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import Clinic
from interpretation.record.records import DIAGNOSIS_KINDS
from interpretation.words import MONTHS as NAMES
from interpretation.words import day
from patients.words import DIAGNOSIS_NAMES, GRADE_WORDS, URGENCY_WORDS
from patients.worklist import WorklistState

from .counting import Counted
from .marks import DRAWN, WORDS
from .state import PopulationState, months_before


@dataclass(frozen=True)
class Corner:
    """A named movement; `x`, `y` and `anchor` say where its words stand on the plane."""

    key: str
    name: str
    about: str
    x: int
    y: int
    anchor: str
    number: int = 0
    on: bool = False
    address: str = ""

    @property
    def left(self) -> int:
        """Where what can be pressed begins; it is 232 wide."""
        return self.x - 6 if self.anchor == "start" else self.x - 226


# Each y is that of the number, above its name.
CORNERS = (
    Corner("dissociation", "Dissociation", "enzymes fall, INR rises", 62, 42, "start"),
    Corner("injury", "Active injury, failing synthesis", "enzymes rise, INR rises", 740, 42, "end"),
    Corner("recovery", "Recovery", "enzymes fall, INR falls or holds", 62, 470, "start"),
    Corner("new_injury", "New injury", "enzymes rise, INR holds or falls", 740, 470, "end"),
)
WITHIN = Corner("within", "Within expected variation", "neither moves more than noise", 0, 0, "start")
# Why somebody is not on the plane, and the grade by which the worklist shows them.
REASONS = {
    "unreadable": ("INR cannot be read", "not_interpretable"),
    "few": ("without two draws to compare", "not_assessable"),
    "later": ("compared with a later draw", ""),
    "no_change": ("without ALT or AST to compare", ""),
    "died": ("died", "died"),
    "being_assessed": ("being assessed", ""),
}
WORK = {
    "review": "Unreviewed or changed",
    "overdue": "Tests overdue",
    "causes": "Causes open",
    "anticoagulant": "Anticoagulant not known",
    "contact": "To contact",
    "mine": "My contacts",
    "left_out": "Left out of monitoring",
}


def choices(state: PopulationState, clinics: list[Clinic], counted: Counted, today: date) -> dict:
    corners = [_corner(state, one, counted.corners) for one in CORNERS]
    within = _corner(state, WITHIN, counted.corners)
    return {
        "corners": corners,
        "within": within,
        "corner": next((one for one in (*corners, within) if one.on), None),
        "all": state.to(corner="all"),
        "grades": [_grade(state, kind, counted.kinds) for kind in _marks_shown(state, counted)],
        "reasons": [_reason(state, key, counted.reasons[key]) for key in REASONS if counted.reasons[key]],
        "kept": {name: value for name, value in state.fields().items() if name in ("corner", "grade")},
        "urgencies": list(URGENCY_WORDS.items()),
        "diagnoses": [(kind, DIAGNOSIS_NAMES[kind]) for kind in DIAGNOSIS_KINDS],
        "clinics_shown": clinics if len(clinics) > 1 else [],
        "work": [_work(state, name, label) for name, label in WORK.items()],
        "work_on": ", ".join(label for name, label in WORK.items() if getattr(state.filters, name)),
        "on_paper": _on_paper(state, clinics, today),
        # Without a filter everybody is meant.
        "worklist": f"{reverse('patients:worklist')}?{urlencode(state.filters.fields() or {'show': 'all'})}",
        **_months(state, today),
    }


def _corner(state: PopulationState, corner: Corner, numbers: Counter) -> Corner:
    on = state.corner == corner.key
    return replace(corner, number=numbers[corner.key], on=on, address=state.to(corner=corner.key))


def _marks_shown(state: PopulationState, counted: Counted) -> list[str]:
    """Every grade, the worst first; “INR rising” only where there is somebody."""
    return [
        kind
        for kind in reversed(DRAWN)
        if kind != "rising" or counted.kinds[kind] or state.filters.grade == kind
    ]


def _grade(state: PopulationState, kind: str, numbers: Counter) -> dict:
    """A mark with its word and number; pressed, it shows these alone."""
    on = state.filters.grade == kind
    filters = replace(state.filters, grade="" if on else kind)
    address = state.to(filters=filters)
    return {
        "kind": kind,
        "word": GRADE_WORDS.get(kind, WORDS[kind]),
        "number": numbers[kind],
        "on": on,
        "address": address,
    }


def _reason(state: PopulationState, key: str, number: int) -> dict:
    """`address` is the worklist of them, where a filter of it says so."""
    words, grade = REASONS[key]
    filters = replace(state.filters, grade=grade)
    address = reverse("patients:worklist") + filters.query() if grade else ""
    return {"number": number, "words": words, "address": address}


def _on_paper(state: PopulationState, clinics: list[Clinic], today: date) -> str:
    """ "30 Nov 2026; Cirrhosis; Tests overdue": a sheet says of which patients it is, and of when."""
    filters = state.filters
    clinic = next((one.name for one in clinics if one.code == filters.clinic), "")
    grade = WORDS.get(filters.grade, GRADE_WORDS.get(filters.grade, ""))
    chosen = [clinic, grade, URGENCY_WORDS.get(filters.urgency, ""), DIAGNOSIS_NAMES.get(filters.dx, "")]
    work = [label for name, label in WORK.items() if getattr(filters, name)]
    return "; ".join(filter(None, [day(today), *chosen, *work]))


def _work(state: PopulationState, name: str, label: str) -> dict:
    """A box to tick; its value is what the worklist's address says for it."""
    value = WorklistState(**{name: True}).fields()[name]
    return {"name": name, "label": label, "value": value, "on": getattr(state.filters, name)}


def _months(state: PopulationState, today: date) -> dict:
    """Now and the months that are over; `before` and `after` are steps from the chosen one."""
    months = [None, *months_before(today)]
    place = months.index(state.month)
    return {
        "months": [_month(month) for month in months],
        "month": _month(state.month),
        # Right is now.
        "slider": {"most": len(months) - 1, "value": len(months) - 1 - place},
        "before": state.to(month=months[place + 1]) if place + 1 < len(months) else "",
        "after": state.to(month=months[place - 1]) if place else "",
    }


def _month(month: date | None) -> dict:
    if month is None:
        return {"value": "", "name": "Now"}
    return {"value": f"{month:%Y-%m}", "name": f"{NAMES[month.month - 1]} {month.year}"}
