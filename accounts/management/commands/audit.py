"""Who looked at whom, whose role changed and who signed in, as JSON lines for a system that watches over logs."""

import json
from datetime import UTC, datetime
from heapq import merge

from django.core.management.base import BaseCommand, CommandError

from accounts.history import RoleChange, all_changes
from accounts.looks import Look, LookChoice, all_looks, period
from accounts.models import Clinic, SignInEvent, no_clinic
from accounts.signing_in.log import all_events


class Command(BaseCommand):
    help = (
        "Prints looks at patients, changes of roles and the log of sign-ins as JSON lines, the latest first; "
        "refusals of names that nobody has only where no clinic is named. Patients stand in them by their "
        "public identifier alone: no name and no MRN. Days are those of UTC."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--from", dest="first", default="", metavar="DAY", help="such as 2026-11-01")
        parser.add_argument(
            "--to", dest="last", default="", metavar="DAY", help="the last day, itself included"
        )
        parser.add_argument("--clinic", metavar="CODE", help="only of this clinic")

    def handle(self, *, first: str, last: str, clinic: str | None, **options) -> None:
        try:
            since, until = period(UTC, first, last)
        except (ValueError, OverflowError):
            raise CommandError("Give days as 2026-11-30.") from None
        choice = LookChoice(self.clinics(clinic), since=since, until=until)
        looks = ((look.at, _of_look(look)) for look in all_looks(choice))
        changes = ((one.at, _of_change(one)) for one in all_changes(choice))
        sign_ins = ((one.at, _of_sign_in(one)) for one in all_events(choice, unknown=not clinic))
        for _, line in merge(looks, changes, sign_ins, key=lambda pair: pair[0], reverse=True):
            self.stdout.write(json.dumps(line))

    def clinics(self, code: str | None) -> tuple[Clinic, ...]:
        found = tuple(Clinic.objects.filter(code=code) if code else Clinic.objects.all())
        if code and not found:
            raise CommandError(no_clinic(code))
        return found


def _of_look(look: Look) -> dict:
    if look.issuer:
        return _of_visit(look)
    kind = "list" if look.is_list else "look"
    people = [one.uuid for one in look.people]
    return _line(look.at, kind, look.clinic) | {
        "user": look.user.username,
        "page": look.page_name,
        "patients": people,
    }


def _of_visit(look: Look) -> dict:
    return _line(look.at, "visit", look.clinic) | {
        "user": look.user.username,
        "page": look.page_name,
        "issuer": look.issuer,
        "number_hash": look.number_hash,
    }


def _of_change(one: RoleChange) -> dict:
    return _line(one.at, "role", one.clinic) | {
        "user": one.username,
        "change": one.change,
        "role": one.role,
        "by": one.by,
    }


def _of_sign_in(one: SignInEvent) -> dict:
    return {
        "at": one.at.astimezone(UTC).isoformat(),
        "kind": "sign_in",
        "user": one.user.username if one.user else None,
        "what": one.what,
        "detail": one.detail,
        "by": one.by.username if one.by else None,
        "address": one.address,
    }


def _line(at: datetime, kind: str, clinic: Clinic) -> dict:
    return {"at": at.astimezone(UTC).isoformat(), "kind": kind, "clinic": clinic.code}
