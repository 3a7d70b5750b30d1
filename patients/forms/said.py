"""Days and times of a form said back as they were read, whatever order the browser shows them in."""

from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo

from django import forms
from django.utils import timezone

from patients.forms.fields import ClinicTimeField, DateField, DayTimeField
from patients.words import day_read, moment_read

KINDS = {"day": DateField, "day-and-time": DayTimeField, "time": ClinicTimeField}


def kind_of(field: forms.Field) -> str:
    """The kind of a field of days or times, "" for any other."""
    return next((kind for kind, cls in KINDS.items() if isinstance(field, cls)), "")


def said(value: date | datetime | None, kind: str, zone: tzinfo) -> str:
    """ "Mon 30 Nov 2026, 6 days ago"; with its time of day where one was given."""
    if value is None:
        return ""
    now = timezone.now().astimezone(zone)
    if not isinstance(value, datetime):
        return day_read(value, now.date())
    local = value.astimezone(zone)
    if kind == "day-and-time" and local.time() == time():
        return day_read(local.date(), now.date())
    return moment_read(local, now)


def read_back(kind: str, name: str, data: Mapping[str, str], zone: tzinfo) -> tuple[str, str]:
    """What a field with this name says of what is typed into it, and what is wrong with that."""
    field = KINDS[kind](required=False)
    if hasattr(field, "zone"):
        field.zone = zone
    try:
        value = field.clean(field.widget.value_from_datadict(data, {}, name))
    except forms.ValidationError as error:
        return "", " ".join(error.messages)
    return said(value, kind, zone), ""
