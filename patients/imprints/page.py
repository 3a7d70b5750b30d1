"""Imprints of what the patient page shows as of now, the same for everybody who may do the same there.

They are written without the request: whose it is, what waits for that person and the tokens of forms are put around
and into them each time, as is the log of looks.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from accounts.permissions import Can, may
from interpretation import knowledge
from patients.access import record_mark
from patients.models import Patient
from patients.presenters.options import Options

from .memory import MEMORY, Key

# Stands in each form until the page is sent; nobody can type it.
TOKEN = secrets.token_hex(16)


@dataclass(frozen=True)
class Reader:
    """What somebody may do with the record: all by which two people see different pages."""

    enter: bool
    decide: bool


def reader_of(user, patient: Patient) -> Reader:
    return Reader(may(user, Can.ENTER, patient.clinic), may(user, Can.DECIDE, patient.clinic))


def key_of(patient: Patient, reader: Reader, options: Options, *more: str) -> Key:
    """Everything that changes what such a part shows, but the time. `patient` as `patient_for` found it."""
    clinic = patient.clinic
    return (
        *more,
        patient.uuid,
        record_mark(patient),
        patient.staff_version,
        (clinic.pk, clinic.name, clinic.time_zone, clinic.display_units),
        knowledge.VERSION,
        reader,
        options,
    )


def imprint(
    request: HttpRequest, key: Key, now: datetime, make: Callable[[], tuple[str, dict, datetime]]
) -> str:
    """`make` gives the template, its context and how long that holds."""

    def write() -> tuple[str, datetime]:
        template, context, until = make()
        return render_to_string(template, {**context, "csrf_token": TOKEN}), until

    text = MEMORY.get(key, now, write)
    return text.replace(TOKEN, get_token(request)) if TOKEN in text else text
