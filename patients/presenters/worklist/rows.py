"""A row of the worklist in words, numbers and two sparklines."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from accounts.models import Clinic
from interpretation import words
from interpretation.knowledge import load
from patients.follow_up.worse_before import in_words
from patients.models import Assessment, Contact, Patient
from patients.plugins import Shown
from patients.words import DIAGNOSIS_NAMES, LEFT_OUT_NAMES, URGENCY_WORDS, age, short_span
from patients.worklist import DIED_URGENCY, NEVER, RISING

load("causes").read_by(__name__, "cause")

WIDTH, HEIGHT, EDGE = 80, 24, 3
NAMES_SHOWN = 3
# A draw of today or yesterday is marked as new.
FRESH = timedelta(days=1)
PROPER = ("Wilson", "Fontan")


@dataclass(frozen=True)
class Change:
    """From one value to another: "112", "34", "−70 %", and the line between."""

    start: str
    end: str
    percent: str
    points: str
    dot: tuple[str, str] | None


@dataclass(frozen=True)
class Row:
    today: date
    # "" for whoever has died: nothing is due.
    level: str
    urgency: str
    in_short: str
    # "critical on 19 May", of the last 30 days.
    worse_before: str
    # Time alone has made the row untrue; it is being read again.
    expired: bool
    grade: str
    rising: bool
    address: str
    name: str
    about: str
    born: date
    clinic: str
    diagnoses: str
    enzyme: str
    enzyme_change: Change | None
    inr_change: Change | None
    over: str
    reason: str
    last_draw: str
    last_draw_on: date | None
    fresh: bool
    open_causes: int
    causes: str
    # The INR is raised, and nobody has said whether an anticoagulant is taken.
    ask_anticoagulant: bool
    overdue: int
    never_done: int
    reviewed_on: date | None
    reviewed_by: str
    new_since: str
    worse_since: bool
    overruled_to: str
    overruled_by: str
    # Left out of monitoring today: why, "" where not; until a last day or open-ended.
    left_out: str
    left_out_until: date | None
    contact: "ContactCell"
    # What each column of the worklist shows (`patients.plugins`); none elsewhere.
    cells: tuple[Shown, ...]


@dataclass(frozen=True)
class ContactCell:
    """The next attempt, when it is due by the clinic's date, and the last one."""

    next_on: date | None
    owner: str
    due: bool
    # Overdue, and nobody has planned to ask.
    unplanned: bool
    last_on: date | None
    last: str


def row(found: Assessment, clinic: Clinic, now: datetime, cells: Iterable[Shown] = ()) -> Row:
    """What one line shows; days are counted in the clinic's own date."""
    today = now.astimezone(clinic.zone).date()
    patient = found.patient
    last_on = found.last_draw_at.astimezone(clinic.zone).date() if found.last_draw_at else None
    # No test counts before this day: the patient may be left out until then.
    late = found.first_overdue_on is not None and found.first_overdue_on <= today
    measured = found.enzyme_to is not None and found.inr_from is not None
    return Row(
        today=today,
        **_urgency(found, now, today),
        grade=found.grade,
        rising=found.grade_rank == RISING,
        address=reverse("patients:detail", args=[patient.uuid]),
        name=", ".join(filter(None, [patient.family_name, patient.given_name])),
        about=f"{patient.mrn} · {age_and_sex(patient, today)}",
        born=patient.birth_date,
        clinic=clinic.name,
        diagnoses=_listed([DIAGNOSIS_NAMES.get(kind, kind) for kind in found.diagnoses]),
        enzyme=found.enzyme,
        enzyme_change=_enzyme(found) if measured else None,
        inr_change=_inr(found) if measured else None,
        over=short_span(found.latest_at - found.baseline_at) if found.baseline_at and found.latest_at else "",
        reason="" if measured else found.reason,
        last_draw=days_ago(last_on, today),
        last_draw_on=last_on,
        fresh=last_on is not None and today - last_on <= FRESH,
        open_causes=found.open_causes,
        causes=_listed([_cause_name(key) for key in found.named_causes]),
        ask_anticoagulant=found.ask_anticoagulant,
        overdue=sum(NEVER < day <= today for day in found.overdue_on) if late else 0,
        never_done=found.overdue_on.count(NEVER) if late else 0,
        reviewed_on=found.reviewed_at.astimezone(clinic.zone).date() if found.reviewed_at else None,
        reviewed_by=found.reviewed_by,
        new_since=found.new_since,
        worse_since=found.worse_since,
        overruled_to=found.overruled_to,
        overruled_by=found.overruled_by,
        **_left_out(found, today),
        contact=_contact(found, today),
        cells=tuple(cells),
    )


def _urgency(found: Assessment, now: datetime, today: date) -> dict:
    died = found.urgency_rank == DIED_URGENCY
    return {
        "level": "" if died else found.urgency,
        "urgency": "" if died else URGENCY_WORDS[found.urgency],
        # At the usual interval there is nothing to say why.
        "in_short": "" if found.urgency == "routine" else found.in_short,
        "worse_before": in_words(found.worst_before, today),
        "expired": is_expired(found, now),
    }


def is_expired(found: Assessment, now: datetime) -> bool:
    """Time alone has made it untrue."""
    return found.valid_until is not None and found.valid_until <= now


def _left_out(found: Assessment, today: date) -> dict:
    until = found.left_out_until
    name = LEFT_OUT_NAMES[found.left_out].lower() if found.left_out else ""
    return {"left_out": "" if until and until < today else name, "left_out_until": until}


def _contact(found: Assessment, today: date) -> ContactCell:
    due = found.contact_on is not None and found.contact_on <= today
    return ContactCell(
        next_on=found.next_contact_on,
        owner=str(found.contact_owner or ""),
        due=due,
        unplanned=due and found.next_contact_on is None,
        last_on=found.last_contact_on,
        last=Contact.Outcome(found.last_contact).label if found.last_contact else "",
    )


def age_and_sex(patient: Patient, today: date) -> str:
    """ "58 F"; an infant in months; the age at death of someone who has died."""
    born, until = patient.birth_date, patient.died_on or today
    years = age(born, until).removesuffix(" y") or "0 mo"
    sex = "" if patient.sex == Patient.Sex.UNKNOWN else f" {patient.sex}"
    return f"{years}{sex}{', died' if patient.died_on else ''}"


def _listed(names: list[str]) -> str:
    """Not all names of a long list: the page has the rest."""
    shown = [name if place == 0 else _inside(name) for place, name in enumerate(names[:NAMES_SHOWN])]
    more = len(names) - NAMES_SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _inside(name: str) -> str:
    """A name within a list starts small, but "PBC" and "Wilson disease" keep their capital."""
    return name if name[:2].isupper() or name.startswith(PROPER) else name[0].lower() + name[1:]


def _cause_name(key: str) -> str:
    """A cause's name up to its first comma or bracket."""
    name = load("causes")["cause"].get(key, {}).get("name", key)
    return name.split(" (")[0].split(",")[0].split(":")[0]


def _enzyme(found: Assessment) -> Change:
    signs = _signs(found.enzyme_signs)
    ends = words.enzyme(found.enzyme_from, signs[0]), words.enzyme(found.enzyme_to, signs[1])
    return _change(*ends, words.bounded_percent(found.enzyme_change_pct, signs), found.enzyme_points)


def _inr(found: Assessment) -> Change:
    signs = _signs(found.inr_signs)
    ends = words.inr(found.inr_from, signs[0]), words.inr(found.inr_to, signs[1])
    return _change(*ends, words.bounded_percent(found.inr_change_pct, signs), found.inr_points)


def _signs(stored: str) -> tuple[str, str]:
    """The comparators of the first and the last value, "" where it is a number."""
    first, _, last = stored.partition(",")
    return first, last


def _change(start: str, end: str, percent: str, points: list) -> Change:
    line = spark(points)
    return Change(
        start=start,
        end=end,
        percent=percent,
        points=" ".join(f"{x},{y}" for x, y in line),
        dot=line[-1] if line else None,
    )


def spark(points: list) -> list[tuple[str, str]]:
    """Places of the points in an 80 by 24 box: true time across, logarithm of the value upwards."""
    # A logarithm needs a value above zero: a zero stands at a tenth of the smallest other value.
    above = [value for _, value in points if value > 0]
    if not above:
        return []
    floor = min(above) / 10
    times = [datetime.fromisoformat(at).timestamp() for at, _ in points]
    logs = [math.log(value if value > 0 else floor) for _, value in points]
    across = _scaled(times, EDGE, WIDTH - EDGE, middle=WIDTH / 2)
    upwards = _scaled(logs, HEIGHT - EDGE, EDGE + 1, middle=HEIGHT / 2)
    return [(f"{x:.1f}", f"{y:.1f}") for x, y in zip(across, upwards, strict=True)]


def _scaled(values: list[float], low: float, high: float, middle: float) -> list[float]:
    least, most = min(values), max(values)
    if most - least < 1e-9:
        return [middle] * len(values)
    return [low + (high - low) * (value - least) / (most - least) for value in values]


def days_ago(day: date | None, today: date) -> str:
    if day is None:
        return "none"
    days = (today - day).days
    return "today" if days <= 0 else short_span(timedelta(days=days)) if days >= 3 else f"{days} d"
