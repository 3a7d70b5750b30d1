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

from accounts.permissions import Can, may
from interpretation import knowledge
from patients.access import record_mark
from patients.models import Patient
from patients.presenters.options import Options

from .memory import MEMORY, Key, Made

# Stands in each form until the page is sent; nobody can type it.
TOKEN = secrets.token_hex(16)


@dataclass(frozen=True)
class Reader:
    """What somebody may do with the record: all by which two people see different pages."""

    enter: bool
    decide: bool


ANYBODY = Reader(enter=False, decide=False)


def reader_of(user, patient: Patient) -> Reader:
    return Reader(may(user, Can.ENTER, patient.clinic), may(user, Can.DECIDE, patient.clinic))


def key_of(patient: Patient, reader: Reader, options: Options, *more: str) -> Key:
    """Everything that changes what such a part shows, but the time. `patient` as `patient_for` found it."""
    clinic = patient.clinic
    return (
        *more,
        patient.uuid,
        record_mark(patient),
        patient.staff_changed_to,
        patient.signed_to,
        (
            clinic.pk,
            clinic.name,
            clinic.time_zone,
            clinic.display_units,
            clinic.chart_scale,
            clinic.is_silent,
        ),
        knowledge.VERSION,
        reader,
        options,
    )


def imprint(request: HttpRequest, key: Key, now: datetime, make: Callable[[], Made]) -> str:
    """With the tokens of whoever asks, in place of the one for all with which `make` wrote its forms."""
    text = MEMORY.get(key, now, make)
    return text.replace(TOKEN, get_token(request)) if TOKEN in text else text


def part(patient: Patient, options: Options, name: str, now: datetime, make: Callable[[], Made]) -> str:
    """What the page brings later: the same for everybody, and of an earlier moment made anew."""
    return make()[0] if options.as_of else MEMORY.get(key_of(patient, ANYBODY, options, name), now, make)
