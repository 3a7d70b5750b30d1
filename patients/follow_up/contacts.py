"""Following up what is overdue: is a next attempt still to be made, and what people have decided beside it.

The checklist itself (`interpretation.monitoring`) knows nothing of contacts: it says what is due. Here it is
said who is left out of that, and who is asking the others.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.db.models.functions import JSONObject

from accounts.models import User
from interpretation.words import day
from interpretation.words import moment as moment_words
from patients.follow_up.worse_before import Before, before_of, so_far
from patients.models import AssessmentMark, Contact, LeftOut, Overrule, Patient
from patients.report.panel import in_zone

BEING_ASSESSED = Exists(AssessmentMark.objects.filter(patient=OuterRef("pk"), changed=True))
# As many are read for the page; nobody is asked that often before somebody decides.
LISTED = 50


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


# --- what stands at one moment, for the patient page ---


@dataclass(frozen=True)
class Standing:
    """What people have decided beside the report, as of one moment. Times are stored ones."""

    overrule: Overrule | None
    # Latest first, those withdrawn too.
    contacts: tuple[Contact, ...]
    left_out: tuple[LeftOut, ...]
    # The worklist's summary so far; of no moment but now.
    before: Before | None
    # A large file has changed the record, and the worklist does not say so yet; the page reads it as it is.
    being_assessed: bool


def standing_for(patient: Patient, moment: datetime) -> Standing:
    """One query."""
    ended = Q(overrules__ended_at__isnull=True) | Q(overrules__ended_at__gt=moment)
    found = (
        Patient.objects.filter(pk=patient.pk)
        .annotate(
            overrule=FilteredRelation("overrules", condition=ended & Q(overrules__at__lte=moment)),
            contact_rows=_as_json(Contact, moment),
            left_out_rows=_as_json(LeftOut, moment),
            being_assessed=BEING_ASSESSED,
            **so_far(),
        )
        .select_related("overrule__by")
        .order_by("-overrule__at")
    )[0]
    zone = patient.clinic.zone
    return Standing(
        getattr(found, "overrule", None),
        tuple(_row(Contact, given, moment, zone) for given in found.contact_rows),
        tuple(_row(LeftOut, given, moment, zone) for given in found.left_out_rows),
        before_of(found),
        found.being_assessed,
    )


PERSON = ("id", "username", "first_name", "last_name")
# What ends a row of each kind: the names of its three fields begin with it.
ENDED = {Contact: "withdrawn", LeftOut: "lifted"}
parse = datetime.fromisoformat


def _as_json(model, moment: datetime) -> ArraySubquery:
    """The rows recorded by then, latest first, with the people whom they name."""
    fields = {field.name: field for field in model._meta.concrete_fields if field.name != "patient"}
    values = {name: name for name, field in fields.items() if not field.is_relation}
    for who in fields.keys() - values.keys():
        values[who] = JSONObject(**{name: f"{who}__{name}" for name in PERSON})
    rows = model.objects.filter(patient=OuterRef("pk"), at__lte=moment)
    return ArraySubquery(rows.values_list(JSONObject(**values))[:LISTED])


def _row(model, given: dict, moment: datetime, zone: ZoneInfo):
    """The row as a query of its own would bring it; what ended it later has not happened yet."""
    later = {ENDED[model]} if (at := given[f"{ENDED[model]}_at"]) and parse(at) > moment else set()
    fields = {}
    for name, value in given.items():
        if name.rsplit("_", 1)[0] in later:
            continue
        if isinstance(value, dict):
            value = User(**value) if value["id"] is not None else None
        elif name.endswith("_at") or name == "at":
            value = in_zone(parse(value), zone) if value else None
        elif name.endswith("_on"):
            value = date.fromisoformat(value) if value else None
        fields[name] = value
    return model(**fields)


def in_words(contact: Contact, zone: ZoneInfo) -> str:
    """ "Ola Berg recorded on 20 Nov 2026, 14:02: telephone, no answer. Next attempt …, Vera Lund." """
    at = contact.at.astimezone(zone)
    parts = [contact.get_kind_display(), contact.get_outcome_display()]
    what = ", ".join(part[0].lower() + part[1:] for part in parts if part)
    told = f"{contact.by} recorded on {moment_words(at)}: {what}."
    if contact.next_on:
        told += f" Next attempt {day(contact.next_on)}, {contact.owner}."
    return told
