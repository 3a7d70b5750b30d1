"""A row of the worklist in words, numbers and two sparklines."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.urls import reverse

from accounts.models import Clinic
from interpretation.knowledge import load
from patients.follow_up.worse_before import in_words
from patients.models import Assessment, Patient
from patients.plugins import Shown
from patients.presenters.worklist.changes import Change, enzyme_change, enzyme_course, inr_change, inr_course
from patients.presenters.worklist.next_action import ActionLine, ContactCell, contact_of, lines_of
from patients.words import DIAGNOSIS_NAMES, LEFT_OUT_NAMES, URGENCY_WORDS, age, short_span
from patients.worklist import DIED_URGENCY, NEVER, PLACES, RISING

load("causes").read_by(__name__, "cause")

NAMES_SHOWN = 3
# Of what distinguishes a row its second line has room for so much.
SAID = 2
# A draw of today or yesterday is marked as new.
FRESH = timedelta(days=1)
PROPER = ("Wilson", "Fontan")
# In place of a grade, and of the numbers, where the record has changed since the summary.
BEING_ASSESSED = "being_assessed"
ITS_COURSE = "The record has changed."


@dataclass(frozen=True)
class Row:
    today: date
    # "" for whoever has died: nothing is due.
    level: str
    urgency: str
    in_short: str
    # Of `in_short` what no column shows, cut to what a line has room for.
    besides: str
    # "critical on 19 May", of the last 30 days.
    worse_before: str
    # Time alone has made the row untrue; it is being read again.
    expired: bool
    grade: str
    rising: bool
    # "INR rising slowly" and "1.0 to 1.7 since 2017"; both "" without.
    slow: tuple[str, str]
    # The INR cannot be read: its course is shown, and said not to count.
    unread: bool
    address: str
    name: str
    about: str
    born: date
    clinic: str
    diagnoses: str
    # "cirrhosis +2": for a narrow window.
    diagnosis: str
    # What was compared; the courses are shown where nothing could be.
    enzyme: str
    enzyme_change: Change | None
    inr_change: Change | None
    enzyme_shown: str
    enzyme_course: Change | None
    inr_course: Change | None
    bilirubin: str
    over: str
    reason: str
    last_draw: str
    last_draw_on: date | None
    fresh: bool
    open_causes: int
    causes: str
    # "vitamin K deficiency +1": for a narrow window.
    cause: str
    # The INR is raised, and nobody has said whether an anticoagulant is taken.
    ask_anticoagulant: bool
    overdue: int
    never_done: int
    reviewed_on: date | None
    reviewed_by: str
    # The grade at review where it was milder, else "".
    reviewed_grade: str
    new_since: str
    worse_since: bool
    overruled_to: str
    overruled_by: str
    # Left out of monitoring today: why, "" where not; until a last day or open-ended.
    left_out: str
    left_out_until: date | None
    # What stands of concerns, each with its owner.
    concerns: tuple[str, ...]
    lines: tuple[ActionLine, ...]
    contact: ContactCell
    # What each column of the worklist shows (`patients.plugins`); none elsewhere.
    cells: tuple[Shown, ...]


def row(found: Assessment, clinic: Clinic, now: datetime, cells: Iterable[Shown] = ()) -> Row:
    """What one line shows; days are counted in the clinic's own date. `found` comes with `being_assessed`."""
    found = _untold(found) if found.being_assessed else found
    here = now.astimezone(clinic.zone)
    today = here.date()
    patient = found.patient
    last_on = found.last_draw_at.astimezone(clinic.zone).date() if found.last_draw_at else None
    # No test counts before this day: the patient may be left out until then.
    late = found.first_overdue_on is not None and found.first_overdue_on <= today
    urgency = _urgency(found, now, today)
    return Row(
        today=today,
        **urgency,
        grade=found.grade,
        rising=found.grade_rank == RISING,
        slow=_slow(found),
        unread=found.grade == "not_interpretable",
        address=reverse("patients:detail", args=[patient.uuid]),
        name=", ".join(filter(None, [patient.family_name, patient.given_name])),
        about=f"{patient.mrn} · {age_and_sex(patient, today)}",
        born=patient.birth_date,
        clinic=clinic.name,
        diagnoses=_listed([DIAGNOSIS_NAMES.get(kind, kind) for kind in found.diagnoses]),
        diagnosis=_first([DIAGNOSIS_NAMES.get(kind, kind) for kind in found.diagnoses]),
        **_courses(found),
        bilirubin=found.bilirubin,
        over=short_span(found.latest_at - found.baseline_at) if found.baseline_at and found.latest_at else "",
        last_draw=days_ago(last_on, today),
        last_draw_on=last_on,
        fresh=last_on is not None and today - last_on <= FRESH,
        open_causes=found.open_causes,
        causes=_listed([_cause_name(key) for key in found.named_causes]),
        cause=_first([_cause_name(key) for key in found.named_causes]),
        ask_anticoagulant=found.ask_anticoagulant,
        overdue=sum(NEVER < day <= today for day in found.overdue_on) if late else 0,
        never_done=found.overdue_on.count(NEVER) if late else 0,
        reviewed_on=found.reviewed_at.astimezone(clinic.zone).date() if found.reviewed_at else None,
        reviewed_by=found.reviewed_by,
        reviewed_grade=_milder(found),
        new_since=found.new_since,
        worse_since=found.worse_since,
        overruled_to=found.overruled_to,
        overruled_by=found.overruled_by,
        **_left_out(found, today),
        concerns=tuple(found.concerns),
        lines=lines_of(found, urgency["level"], here),
        contact=contact_of(found, today),
        cells=tuple(cells),
    )


def _urgency(found: Assessment, now: datetime, today: date) -> dict:
    silent = found.urgency_rank == DIED_URGENCY or found.grade == BEING_ASSESSED
    return {
        "level": "" if silent else found.urgency,
        "urgency": "" if silent else URGENCY_WORDS[found.urgency],
        # At the usual interval there is nothing to say why.
        "in_short": "" if found.urgency == "routine" else found.in_short,
        "besides": "" if found.urgency == "routine" else _besides(found.in_short),
        "worse_before": in_words(found.worst_before, today),
        "expired": is_expired(found, now),
    }


def _untold(found: Assessment) -> Assessment:
    """Who it is and what people have decided; nothing that was read from an older record."""
    kept = ["patient", "clinic_id", "diagnoses", "reviewed_at", "reviewed_by", "left_out", "left_out_until"]
    kept += ["last_contact_on", "last_contact", "next_contact_on", "contact_owner", "contact_on", "concerns"]
    told = {name: getattr(found, name) for name in kept}
    return Assessment(**told, grade=BEING_ASSESSED, reason=ITS_COURSE, to_review=False)


def is_expired(found: Assessment, now: datetime) -> bool:
    """Time alone has made it untrue."""
    return found.valid_until is not None and found.valid_until <= now


def _left_out(found: Assessment, today: date) -> dict:
    until = found.left_out_until
    name = LEFT_OUT_NAMES[found.left_out].lower() if found.left_out else ""
    return {"left_out": "" if until and until < today else name, "left_out_until": until}


def _besides(in_short: str) -> str:
    """What distinguishes the row: the INR has a column of its own."""
    aged, _, rest = in_short.rpartition("; ")
    parts = [aged] if aged else [part for part in rest.split(", ") if not part.startswith("INR ")]
    return ", ".join(parts[:SAID])


def _slow(found: Assessment) -> tuple[str, str]:
    head, _, rest = found.slow_rise.partition(": ")
    return head, rest


def _milder(found: Assessment) -> str:
    """What was graded milder at the review is worth a word; a grade that is none of the pattern is not."""
    then, now = found.reviewed_grade, found.grade
    pattern = PLACES[:RISING]
    return then if now in pattern and then in PLACES and PLACES.index(then) > PLACES.index(now) else ""


def _courses(found: Assessment) -> dict:
    measured = found.enzyme_to is not None and found.inr_from is not None
    enzyme = enzyme_change(found) if measured else None
    inr = inr_change(found) if measured else None
    return {
        "enzyme": found.enzyme,
        "enzyme_change": enzyme,
        "inr_change": inr,
        "enzyme_shown": found.enzyme or found.points_enzyme,
        "enzyme_course": enzyme or enzyme_course(found),
        "inr_course": inr or inr_course(found),
        "reason": "" if measured else found.reason,
    }


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


def _first(names: list[str]) -> str:
    """ "cirrhosis +2": the first name, and how many more."""
    more = f" +{len(names) - 1}" if len(names) > 1 else ""
    return f"{_inside(names[0])}{more}" if names else ""


def _inside(name: str) -> str:
    """A name within a list starts small, but "PBC" and "Wilson disease" keep their capital."""
    return name if name[:2].isupper() or name.startswith(PROPER) else name[0].lower() + name[1:]


def _cause_name(key: str) -> str:
    """A cause's name up to its first comma or bracket."""
    name = load("causes")["cause"].get(key, {}).get("name", key)
    return name.split(" (")[0].split(",")[0].split(":")[0]


def days_ago(day: date | None, today: date) -> str:
    if day is None:
        return "none"
    days = (today - day).days
    return "today" if days <= 0 else short_span(timedelta(days=days)) if days >= 3 else f"{days} d"
