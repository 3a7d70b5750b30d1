"""Following up what is overdue: is a next attempt still to be made, and what people have decided beside it.

The checklist itself (`interpretation.monitoring`) knows nothing of contacts: it says what is due. Here it is
said who is left out of that, and who is asking the others.
"""

from datetime import date
from zoneinfo import ZoneInfo

from interpretation.words import day
from interpretation.words import moment as moment_words
from patients.models import Contact, LeftOut


def plan_state(
    contact: Contact | None,
    *,
    left_out: LeftOut | None,
    died_on: date | None,
    overdue_on: list[date],
    last_draw_on: date | None,
) -> str:
    """Of the next attempt that the latest contact planned: "open", or what settled it; "" without one.

    "answered": blood was drawn since, and no test will be overdue on the planned day. "left_out": the patient
    was left out of monitoring afterwards, on that day still. None of this depends on today's date.
    """
    if contact is None or contact.next_on is None:
        return ""
    if died_on is not None:
        return "died"
    if left_out and left_out.at > contact.at and not _ends_before(left_out, contact.next_on):
        return "left_out"
    drawn_since = last_draw_on is not None and last_draw_on >= contact.made_on
    if drawn_since and not any(day <= contact.next_on for day in overdue_on):
        return "answered"
    return "open"


def _ends_before(left_out: LeftOut, planned: date) -> bool:
    return left_out.ends_on is not None and left_out.ends_on < planned


def in_words(contact: Contact, zone: ZoneInfo) -> str:
    """ "Ola Berg recorded on 20 Nov 2026, 14:02: telephone, no answer. Next attempt …, Vera Lund." """
    at = contact.at.astimezone(zone)
    parts = [contact.get_kind_display(), contact.get_outcome_display()]
    what = ", ".join(part[0].lower() + part[1:] for part in parts if part)
    told = f"{contact.by} recorded on {moment_words(at)}: {what}."
    if contact.next_on:
        told += f" Next attempt {day(contact.next_on)}, {contact.owner}."
    return told
