"""What has to be done for a patient, and by when, in at most two lines."""

from dataclasses import dataclass
from datetime import date, datetime

from interpretation.knowledge import load
from interpretation.urgency import PRESSING
from patients.follow_up.next_steps import NextStep, steps_at
from patients.models import Assessment, Contact

load("urgency").read_by(__name__, "level")

LINES = 2


@dataclass(frozen=True)
class ActionLine:
    """`state` is a class of the frame: "now", "overdue", "due", "soon", "never" or "fine"."""

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
    """What urgency asks for (its time stands beside the grade), then the tests: those not due yet only where
    nothing else is."""
    steps = steps_at(found.next_steps, now)
    pressing = [step for step in steps if step.state != "fine"]
    act = [ActionLine("now", load("urgency")["level"][level]["short"])] if level in PRESSING else []
    lines = [*act, *map(_line, pressing)] or [*map(_line, steps[:1])]
    return tuple(lines[:LINES])


def _line(step: NextStep) -> ActionLine:
    return ActionLine(step.state, f"{step.when}: {step.tests}")


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
