"""Clinic meetings: the agenda, what was decided, what was frozen at the close, and what is left to do.

A closed meeting never changes again: the database refuses it. What is said later is an addendum.
"""

from .agenda import AgendaItem, Nomination
from .discussions import Addendum, Discussion
from .letters import Letter
from .meetings import Attendance, Meeting, MeetingQuerySet
from .tasks import Action

__all__ = [
    "Action",
    "Addendum",
    "AgendaItem",
    "Attendance",
    "Discussion",
    "Letter",
    "Meeting",
    "MeetingQuerySet",
    "Nomination",
]
