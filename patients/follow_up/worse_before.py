"""What was worse within the last 30 days, kept in the worklist's summary from one assessment to the next."""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta

from django.db.models import F

from interpretation.record.records import Report
from interpretation.urgency import LEVELS
from patients.models import Patient
from patients.words import GRADE_WORDS, URGENCY_WORDS, short_day
from patients.worklist import PLACES, RISING

# So long a worse grade or urgency is said. [clinical.md 4.4 c]
DAYS = 30
PATTERN = PLACES[:RISING]
ORDERS = {"grade": PATTERN, "urgency": LEVELS}


@dataclass(frozen=True)
class Before:
    """What is asked of the summary as it was, by the names of its fields."""

    assessed_at: datetime
    grade: str
    urgency: str
    knowledge_version: str
    worst_before: dict[str, list[str]]


NAMES = tuple(one.name for one in fields(Before))


def so_far() -> dict[str, F]:
    """What a query of patients fetches beside, for `before_of`."""
    return {f"before_{name}": F(f"assessment__{name}") for name in NAMES}


def before_of(patient: Patient) -> Before | None:
    """Of a patient fetched with `so_far`; None where there is no summary yet."""
    if patient.before_assessed_at is None:
        return None
    return Before(**{name: getattr(patient, f"before_{name}") for name in NAMES})


def worse_before(before: Before | None, report: Report) -> dict[str, list[str]]:
    """Of grade and of urgency the worst of these days, where it is worse than now.

    What another version of the rule has said is no measure. The day is the last on which it was so.
    """
    if before is None or before.knowledge_version != report.knowledge_version:
        return {}
    on = before.assessed_at.astimezone(report.as_of.tzinfo).date().isoformat()
    now = {"grade": report.dissociation.grade, "urgency": report.urgency.level}
    found = {}
    for name, order in ORDERS.items():
        known = [before.worst_before.get(name), [getattr(before, name), on]]
        worse = [one for one in known if one and _is_worse(order, one[0], now[name])]
        recent = [one for one in worse if is_recent(one, report.as_of.date())]
        if recent:
            # Of equals the latest, which stands last.
            found[name] = min(reversed(recent), key=lambda one, order=order: order.index(one[0]))
    if report.urgency.was:
        # Its reason says so already: "was today on 3 May 2026, no result since".
        found.pop("urgency", None)
    return found


def _is_worse(order: tuple[str, ...], then: str, now: str) -> bool:
    """What is not in this order, such as "not interpretable", is neither better nor worse."""
    return then in order and (now not in order or order.index(then) < order.index(now))


def in_words(worse: dict[str, list[str]], today: date) -> str:
    """ "critical on 19 May, “today” on 21 May"; "" where nothing was worse."""
    names = {"grade": GRADE_WORDS, "urgency": URGENCY_WORDS}
    said: dict[str, list[str]] = {}
    for name, dated in worse.items():
        if is_recent(dated, today):
            word = names[name][dated[0]].lower()
            said.setdefault(dated[1], []).append(f"“{word}”" if name == "urgency" else word)
    return ", ".join(
        f"{' and '.join(ws)} on {short_day(date.fromisoformat(on), today)}" for on, ws in said.items()
    )


def is_recent(dated: list[str], today: date) -> bool:
    return today - date.fromisoformat(dated[1]) <= timedelta(days=DAYS)
