"""Words of meetings as staff read them."""

from datetime import datetime

from django import template

from interpretation.words import moment
from meetings import words
from meetings.models import Action

register = template.Library()


@register.filter
def clock(seconds: int) -> str:
    """ "2:03", "1:04:59"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def until(end: datetime, start: datetime) -> str:
    """ "13:47" in the zone of `end`, with its day where that is another than that of the start."""
    same_day = end.date() == start.astimezone(end.tzinfo).date()
    return f"{end:%H:%M}" if same_day else moment(end)


@register.filter
def action_words(action: Action) -> str:
    return words.action_words(action.kind, action.text, action.tests)
