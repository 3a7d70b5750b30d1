import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Clinic
from interpretation.record.records import Case
from interpretation.words import counted
from patients.actions.assess import BATCH
from patients.follow_up.notice_rate import notice_rate
from patients.models import Notice, Patient
from patients.report.panel import cases_for


class Command(BaseCommand):
    help = (
        "Counts notices per 100 patients a month: replayed over the record as if each result had been stored "
        "when it was taken, and those that were raised here. Nothing is stored, nobody is named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--from", dest="first", metavar="DATE", type=_day, help="first day, YYYY-MM-DD")
        parser.add_argument("--to", dest="last", metavar="DATE", type=_day, help="last day, YYYY-MM-DD")
        parser.add_argument("--clinic", metavar="CODE", help="only the patients of this clinic")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options) -> None:
        patients, notices = Patient.objects.current().order_by("pk"), Notice.objects.filter(kind="today")
        if code := options["clinic"]:
            if not Clinic.objects.filter(code=code).exists():
                raise CommandError(f"No clinic has the code “{code}”.")
            patients, notices = patients.filter(clinic__code=code), notices.filter(clinic__code=code)
        first, last = options["first"], options["last"]
        if last:
            last += timedelta(days=1)
        found = notice_rate(_cases(patients), first, last)
        if first:
            notices = notices.filter(raised_at__gte=first)
        if last:
            notices = notices.filter(raised_at__lt=last)
        said = asdict(found) | {"per_100_a_month": found.per_100_a_month, "raised_here": notices.count()}
        self.stdout.write(json.dumps(said) if options["json"] else _words(said))


def _words(said: dict) -> str:
    return (
        f"Replayed: {counted(said['notices'], 'notice')} of {counted(said['noticed'], 'patient')}, among "
        f"{counted(said['patients'], 'patient')} followed for {said['months']:.1f} months in all: "
        f"{said['per_100_a_month']:.1f} per 100 patients a month.\n"
        f"Raised here: {counted(said['raised_here'], 'notice')}."
    )


def _cases(patients) -> Iterator[Case]:
    """Batch by batch: memory stays flat."""
    last, now = 0, timezone.now()
    while batch := list(patients.filter(pk__gt=last).select_related("clinic")[:BATCH]):
        yield from cases_for(batch, now).values()
        last = batch[-1].pk


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time.min, tzinfo=timezone.get_default_timezone())
