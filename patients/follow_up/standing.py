"""What stands beside the report at one moment, for the patient page."""

import json
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.db import connection

from accounts.models import User
from patients.follow_up.worse_before import Before
from patients.models import Concern, Contact, LeftOut, Note, Overrule, Patient
from patients.report.panel import in_zone

# As many are read for the page; nobody is asked that often before somebody decides.
LISTED = 50
# What ends a row of each kind: the names of its three fields begin with it.
ENDED = {Concern: "closed", Contact: "withdrawn", LeftOut: "lifted", Note: "struck", Overrule: "ended"}
PERSON = ", ".join(f"'{name}', u.{name}" for name in ("id", "username", "first_name", "last_name"))
parse = datetime.fromisoformat


@dataclass(frozen=True)
class Standing:
    """What people have decided beside the report, as of one moment. Times are the clinic's."""

    overrule: Overrule | None
    # Latest first, those withdrawn too.
    contacts: tuple[Contact, ...]
    left_out: tuple[LeftOut, ...]
    concerns: tuple[Concern, ...]
    notes: tuple[Note, ...]
    # The worklist's summary so far; of no moment but now.
    before: Before | None
    # A large file has changed the record, and the worklist does not say so yet; the page reads it as it is.
    being_assessed: bool


def standing_for(patient: Patient, moment: datetime) -> Standing:
    """One query."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(), {"patient": patient.pk, "moment": moment})
        contacts, left_out, concerns, notes, overrules, before, being_assessed = cursor.fetchone()
    zone = patient.clinic.zone
    return Standing(
        next(iter(_rows(Overrule, overrules, moment, zone)), None),
        _rows(Contact, contacts, moment, zone),
        _rows(LeftOut, left_out, moment, zone),
        _rows(Concern, concerns, moment, zone),
        _rows(Note, notes, moment, zone),
        _before(json.loads(before)) if before else None,
        being_assessed,
    )


@cache
def _sql() -> str:
    """Written out: put together by the ORM each time it costs as much as reading a record of 60 draws."""
    before = ", ".join(f"'{one.name}', {one.name}" for one in fields(Before))
    return f"""SELECT {_as_json(Contact)}, {_as_json(LeftOut)},
        {_as_json(Concern)}, {_as_json(Note)},
        {_as_json(Overrule, "AND (r.ended_at IS NULL OR r.ended_at > %(moment)s)")},
        (SELECT jsonb_build_object({before})::text FROM patients_assessment WHERE patient_id = %(patient)s),
        EXISTS (SELECT FROM patients_assessmentmark WHERE patient_id = %(patient)s AND changed)"""


def _as_json(model, which: str = "") -> str:
    """The rows recorded by then, latest first, with the people whom they name."""
    people = [field for field in model._meta.concrete_fields if field.related_model is User]
    named = ", ".join(
        f"'{one.name}', (SELECT jsonb_build_object({PERSON}) FROM accounts_user u WHERE u.id = r.{one.column})"
        for one in people
    )
    ids = ", ".join(f"'{one.column}'" for one in people)
    return f"""ARRAY(SELECT (to_jsonb(r) - ARRAY[{ids}] || jsonb_build_object({named}))::text
        FROM {model._meta.db_table} r WHERE r.patient_id = %(patient)s AND r.at <= %(moment)s {which}
        ORDER BY r.at DESC, r.id DESC LIMIT {LISTED})"""


def _rows(model, found: list[str], moment: datetime, zone: ZoneInfo) -> tuple:
    return tuple(_row(model, json.loads(given), moment, zone) for given in found)


def _row(
    model, given: dict, moment: datetime, zone: ZoneInfo
) -> Concern | Contact | LeftOut | Note | Overrule:
    """The row as a query of its own would bring it; what ended it later has not happened yet."""
    later = {ENDED[model]} if (at := given[f"{ENDED[model]}_at"]) and parse(at) > moment else set()
    fields = {}
    for name, value in given.items():
        if name.rsplit("_", 1)[0] in later:
            continue
        if isinstance(value, dict):
            value = User(**value)
        elif name.endswith("_at") or name == "at":
            value = in_zone(parse(value), zone) if value else None
        elif name.endswith("_on"):
            value = date.fromisoformat(value) if value else None
        fields[name] = value
    return model(**fields)


def _before(given: dict) -> Before:
    return Before(**{**given, "assessed_at": parse(given["assessed_at"])})
