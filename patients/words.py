"""Names, verdicts, dates and ages as staff read them: what the pages need beside `interpretation.words`."""

from datetime import UTC, date, datetime, timedelta

from interpretation.knowledge import load
from interpretation.record.date_alone import DateAlone
from interpretation.words import (
    MONTHS,
    NO_HOUR,
    age_in_months,
    ago_or_in,
    beside_now,
    counted,
    day,
    day_of_month,
    days,
    hour,
    length,
    long_span,
)

load("urgency").read_by(__name__, "level")

DIAGNOSIS_NAMES = {
    "cirrhosis": "Cirrhosis",
    "advanced_fibrosis": "Advanced fibrosis",
    "chronic_liver_disease": "Chronic liver disease",
    "hepatitis_b": "Hepatitis B",
    "hepatitis_c": "Hepatitis C",
    "alcohol_related": "Alcohol-related",
    "masld": "MASLD",
    "autoimmune_hepatitis": "Autoimmune hepatitis",
    "pbc": "PBC",
    "psc": "PSC",
    "wilson": "Wilson disease",
    "drug_induced": "Drug-induced liver injury",
    "ischaemic": "Ischaemic liver injury",
    "acute_liver_injury": "Acute liver injury",
    "cholestasis": "Cholestasis",
    "portal_hypertension": "Portal hypertension",
    "fontan": "Fontan circulation",
    "right_heart_failure": "Right-heart failure",
    "heart_failure": "Heart failure",
    "sepsis": "Sepsis",
    "malnutrition": "Malnutrition",
    "lupus_anticoagulant": "Lupus anticoagulant",
    "factor_deficiency": "Clotting factor deficiency",
    "hcc": "Hepatocellular carcinoma",
}
EVENT_NAMES = {
    "vka": "Vitamin K antagonist",
    "doac": "Direct oral anticoagulant",
    "direct_thrombin_inhibitor": "Direct thrombin inhibitor",
    "vitamin_k": "Vitamin K",
    "plasma": "Plasma",
    "pcc": "Prothrombin complex concentrate",
    "rfviia": "Recombinant factor VIIa",
    "cryoprecipitate": "Cryoprecipitate",
    "plasma_exchange": "Plasma exchange",
    "platelets": "Platelet transfusion",
    "red_cells": "Red cells",
    "albumin_infusion": "Albumin infusion",
    "nac": "N-acetylcysteine",
    "antibiotic": "Antibiotic",
    "tigecycline": "Tigecycline",
    "hepatotoxic_drug": "Hepatotoxic drug",
    "interacting_drug": "Drug that interacts with warfarin",
    "nil_by_mouth": "Nil by mouth",
    "ascites": "Ascites",
    "encephalopathy": "Encephalopathy",
    "variceal_bleed": "Variceal bleed",
    "infection": "Infection",
    "tips": "TIPS",
    "transplant": "Liver transplant",
    "dialysis": "Dialysis",
    "pregnancy": "Pregnancy",
    "bad_sample": "Bad sample",
    "procedure": "Procedure",
    "note": "Note",
}
# Why somebody is left out of monitoring: as a name, and after "because the patient".
LEFT_OUT_NAMES = {
    "died": "Died",
    "moved": "Moved away",
    "declined": "Declined",
    "elsewhere": "Treated elsewhere",
    "end_of_life": "End-of-life care",
}
LEFT_OUT_BECAUSE = {
    "died": "died",
    "moved": "moved away",
    "declined": "declined",
    "elsewhere": "is treated elsewhere",
    "end_of_life": "receives end-of-life care",
}
GRADE_WORDS = {
    "critical": "Critical",
    "established": "Established",
    "possible": "Possible",
    "not_interpretable": "Not interpretable",
    "none": "None",
    "not_assessable": "Not assessable",
}
URGENCY_WORDS = {level: row["name"] for level, row in load("urgency")["level"].items()}
# Of a person on a cause.
ITEM_SHORT = {"Conjugated or direct bilirubin": "D-bili", "Albumin": "Alb", "Platelets": "Plt"}
VERDICT_WORDS = {
    "pending": "open",
    "excluded": "excluded",
    "contributing": "contributes",
    "considered": "considered",
}
# State and direction of a marker beside the verdict of the rule.
MARKER_WORDS = {
    "agrees": "agrees",
    "disagrees": "disagrees",
    "within": "no real change",
    "not_measured": "not measured",
}
DIRECTION_WORDS = {"up": "up", "down": "down"}
# The states of interpretation/monitoring.
STATE_WORDS = {
    "up_to_date": "up to date",
    "due_soon": "due soon",
    "due": "due",
    "overdue": "overdue",
    "long_overdue": "long overdue",
    "never_done": "never done",
    "paused": "paused",
}
# What became of a planned attempt, from `contacts.plan_state`.
SETTLED_BY = {
    "answered": "blood was drawn since",
    "left_out": "left out of monitoring since",
    "died": "the patient died",
}
# What these say is said in full where the source is opened; beside each sentence it would be noise.
UNNAMED = {"source document", "general knowledge", "product default", "computed"}
SHORT_UNITS = {"hour": "h", "day": "d", "month": "mo"}
MONTHS_UNTIL_YEARS = 24
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NEAR_DAYS = {-1: "yesterday", 0: "today", 1: "tomorrow"}


# --- verdicts ---


def grade_word(grade: str) -> str:
    """ "Critical"; "Not assessed" for no grade."""
    return "Being assessed" if grade == "being_assessed" else GRADE_WORDS.get(grade, "Not assessed")


def verdict_word(verdict: str) -> str:
    """ "contributes": a person's verdict on a cause."""
    return VERDICT_WORDS.get(verdict, verdict)


def state_word(state: str) -> str:
    """ "long overdue": a line of the checklist."""
    return STATE_WORDS.get(state, state)


def marker_word(state: str, direction: str, *, has_value: bool) -> str:
    """ "down, agrees"; a marker with values that cannot be compared says so."""
    if state == "not_measured" and has_value:
        return "cannot be compared"
    return ", ".join(filter(None, (DIRECTION_WORDS.get(direction, ""), MARKER_WORDS[state])))


def publications(names: str) -> list[str]:
    """Of the short names of some sources those of a publication."""
    return [name for name in names.split(", ") if name and name not in UNNAMED]


# --- dates and times ---


def short_day(at: date, now: date) -> str:
    """ "14 Nov", with its year where that is not the year of `now`."""
    return day_of_month(at) if at.year == now.year else day(at)


def full_day(at: date) -> str:
    """ "14 November 2026"."""
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def full_moment(at: datetime) -> str:
    """ "14 November 2026 at 07:10"."""
    return f"{full_day(at)}, {NO_HOUR}" if isinstance(at, DateAlone) else f"{full_day(at)} at {at:%H:%M}"


def said_day(at: date) -> str:
    """ "Mon 30 Nov 2026"."""
    return f"{WEEKDAYS[at.weekday()]} {day(at)}"


def day_read(at: date, today: date) -> str:
    """ "Mon 30 Nov 2026, 6 days ago": a day as the form has read it."""
    return f"{said_day(at)}, {_beside_today((at - today).days)}"


def moment_read(at: datetime, now: datetime) -> str:
    """ "Mon 30 Nov 2026, 01:11, 6 minutes ago": a time as the form has read it."""
    beside = (
        _beside_today((at.date() - now.date()).days) if isinstance(at, DateAlone) else beside_now(at - now)
    )
    return f"{said_day(at)}, {hour(at)}, {beside}"


def _beside_today(days: int) -> str:
    if days in NEAR_DAYS:
        return NEAR_DAYS[days]
    near = counted(abs(days), "day") if abs(days) < 120 else long_span(timedelta(days=abs(days)))
    return ago_or_in(near, days)


def month(at: date) -> str:
    """ "Nov 2026"."""
    return f"{MONTHS[at.month - 1][:3]} {at.year}"


def short_days(first: datetime, last: datetime) -> str:
    """ "4 to 14 Nov 2026": as `days`, the month once where it is the same."""
    same_month = (first.year, first.month) == (last.year, last.month)
    if same_month and first.day != last.day:
        return f"{first.day} to {day(last)}"
    return days(first, last)


def short_span(time: timedelta) -> str:
    """ "54 h", "10 d", "18 mo"."""
    text, unit = length(time)
    return f"{text} {SHORT_UNITS[unit]}"


def discreet(patient) -> str:
    """ "AO …100": initials and the last of the MRN, for titles, which a browser keeps."""
    names = f"{patient.given_name} {patient.family_name}".split()
    return f"{''.join(name[0] for name in names).upper()} …{patient.mrn[-3:]}".strip()


def short_wait(time: timedelta) -> str:
    """As `short_span`, below an hour in minutes: "40 min", "5 h", "3 d"."""
    return f"{time // timedelta(minutes=1)} min" if time < timedelta(hours=1) else short_span(time)


def due_words(state: str, due_on: date | None, due_by: datetime | None, now: datetime) -> str:
    """ "overdue 3 May"; "due 6 h ago" where hours count, which `due_by` says."""
    if due_by is None:
        return " ".join(filter(None, [state_word(state), short_day(due_on, now) if due_on else ""]))
    # Between times of one zone Python counts hours by the clock on the wall.
    left = due_by.astimezone(UTC) - now.astimezone(UTC)
    if abs(left) < timedelta(minutes=1):
        return "due now"
    return f"due {ago_or_in(short_wait(abs(left)), 1 if left > timedelta(0) else -1)}"


def late(due_at: date, now: datetime) -> str:
    """ "18 h", "4 d": since something was due, of a day in days."""
    has_hour = isinstance(due_at, datetime)
    return short_span(now - due_at if has_hour else now.date() - due_at)


def cell_due(state: str, due_at: date, now: datetime) -> str:
    """ "over 18 h", "due 29 Nov", "3 Dec": a state of the checklist where there is little room."""
    if state in ("overdue", "long_overdue"):
        return f"over {late(due_at, now)}"
    word = {"due_soon": "soon ", "due": "due "}.get(state, "")
    return f"{word}{short_day(due_at, now)}"


def age(born: date | None, on: date) -> str:
    """ "58 y"; "7 mo" below two years; "" where it is not known."""
    if born is None or on < born:
        return ""
    months = age_in_months(born, on)
    return f"{months} mo" if months < MONTHS_UNTIL_YEARS else f"{months // 12} y"
