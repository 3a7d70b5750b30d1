"""What has to be done for a patient, and by when, in at most two lines beside the question that comes first."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from interpretation.knowledge import load
from interpretation.urgency import PRESSING
from patients.follow_up.next_steps import NextStep, steps_at
from patients.models import Assessment, Contact

load("orders").read_by(__name__, "order")

LINES = 2
# In the order in which the patient's page asks (`interpretation.orders.WHENS`).
PLACES = ("now", "overdue", "today", "due", "soon", "never", "awaited", "fine")


@dataclass(frozen=True)
class ActionLine:
    """`state` is a class of the frame: "now", "overdue", "due", "soon", "never", "awaited" or "fine"."""

    state: str
    text: str


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


def lines_of(found: Assessment, level: str, now: datetime) -> tuple[ActionLine, ...]:
    """What the patient's page asks for first: tests not due yet only where nothing else is."""
    steps = ((_place(step), _line(step)) for step in steps_at(found.next_steps, now))
    lines = sorted([*_question(found, level), *steps], key=lambda one: PLACES.index(one[0]))
    pressing = [line for place, line in lines if place != "fine"]
    # Where it presses, what is asked first takes no place from what is to do.
    count = LINES + bool(level in PRESSING and found.ask_anticoagulant)
    return tuple(pressing[:count] or [line for _, line in lines[:1]])


def _question(found: Assessment, level: str) -> Iterator[tuple[str, ActionLine]]:
    """Nothing is asked after death, where there is no level."""
    if level and found.ask_anticoagulant:
        yield "now", ActionLine("now", load("orders")["order"]["anticoagulant"]["text"])


def _place(step: NextStep) -> str:
    return "today" if step.is_today else step.state


def _line(step: NextStep) -> ActionLine:
    return ActionLine(step.state, f"{step.when}: {step.tests}" if step.when else step.tests)


def contact_of(found: Assessment, today: date) -> ContactCell:
    due = found.contact_on is not None and found.contact_on <= today
    return ContactCell(
        next_on=found.next_contact_on,
        owner=str(found.contact_owner or ""),
        due=due,
        unplanned=due and found.next_contact_on is None,
        last_on=found.last_contact_on,
        last=Contact.Outcome(found.last_contact).label if found.last_contact else "",
    )
