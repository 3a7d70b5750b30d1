"""What a clinic's administrator decides of the clinic: its name, clocks, units, charts and notice times."""

from datetime import time

import pghistory
from django.db.models import DateTimeField, Expression, F, Func, QuerySet, TimeField, Value
from django.db.models.functions import Cast

from accounts.models import Clinic, User
from interpretation.words import counted, listed
from patients.actions.errors import Refused, refusing
from patients.actions.marks.work import mark_all
from patients.actions.writing import check_version
from patients.models import Draw, Event, OtherResult, Patient
from patients.tasks import hand_over_marked

SETTINGS = ("name", "time_zone", "display_units", "chart_scale", "notice_hours")


def change_clinic(*, clinic: Clinic, by: User, version: int, **fields: object) -> list[str]:
    """Gives the names of what has changed; raises `Stale` where somebody else was faster."""
    with pghistory.context(user=by.pk), refusing():
        held = Clinic.objects.select_for_update().get(pk=clinic.pk)
        changed = [name for name in SETTINGS if fields[name] != getattr(held, name)]
        if not changed:
            return []
        check_version(held, version)
        if "time_zone" in changed:
            _refuse_other_days(held, str(fields["time_zone"]))
        for name in changed:
            setattr(held, name, fields[name])
        held.version += 1
        held.save(update_fields=[*changed, "version"])
        if "time_zone" in changed:
            # Days are counted anew: what is overdue, and until when a reading holds.
            mark_all(Patient.objects.filter(clinic=held, withdrawn_at=None))
            hand_over_marked()
    return changed


def _refuse_other_days(clinic: Clinic, zone: str) -> None:
    """Stored moments stay; but the midnight that stands for a day without an hour has to be one there, too."""
    # Those that were withdrawn, too: a draw can come back.
    of_a_day = {"patient__clinic": clinic, "hour_known": False}
    kinds = {"draw": Draw.objects.filter(**of_a_day), "other result": OtherResult.objects.filter(**of_a_day)}
    moved = {kind: _moved(rows, "taken_at", zone) for kind, rows in kinds.items()}
    events = Event.objects.filter(patient__clinic=clinic)
    events = events.alias(was=_clock("started_at", clinic.time_zone)).filter(was=time())
    moved["event"] = _moved(events, "started_at", zone)
    found = [counted(number, kind) for kind, number in moved.items() if number]
    if found:
        raise Refused(
            f"Stored for a day without an hour: {listed(found)}. In {zone} that midnight would be another time of "
            "day, so the time zone stays as it is. Export the clinic’s record and upload it to a new clinic of that "
            "zone.",
            "time_zone",
        )


def _moved(rows: QuerySet, field: str, zone: str) -> int:
    return rows.alias(there=_clock(field, zone)).exclude(there=time()).count()


def _clock(field: str, zone: str) -> Expression:
    """What the clocks of that zone show."""
    here = Func(Value(zone), F(field), function="timezone", output_field=DateTimeField())
    return Cast(here, TimeField())
