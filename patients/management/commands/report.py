import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from interpretation.changes import as_json as changes_as_json
from interpretation.changes import what_would_change
from interpretation.episodes import as_json as episodes_as_json
from interpretation.episodes import episodes, grades
from interpretation.report import as_json
from patients.models import Patient
from patients.presenters.paper.plain_text import text_report
from patients.report.as_of import parse_as_of
from patients.report.panel import Panel, panel


class Command(BaseCommand):
    help = "Prints the report of a stored patient: in words with their sources, or as JSON."

    def add_arguments(self, parser) -> None:
        parser.add_argument("mrn", metavar="MRN")
        parser.add_argument("--clinic", metavar="CODE", help="where several clinics know this MRN")
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            default="",
            help="2025-08-17 (the end of that day in the clinic) or 2025-08-17T10:00; now when left out",
        )
        parser.add_argument(
            "--known-then",
            action="store_true",
            help="only what had been received or entered here by that time, as it was then",
        )
        parser.add_argument(
            "--episodes", action="store_true", help="each dissociation up to that time as well"
        )
        parser.add_argument("--json", action="store_true", help="the whole report as one JSON object")

    def handle(self, **options) -> None:
        patient = find(options["mrn"], options["clinic"])
        try:
            as_of = parse_as_of(options["as_of"], patient.clinic.zone, timezone.now())
        except ValueError as error:
            raise CommandError(str(error)) from None
        found = panel(patient, as_of, as_of if options["known_then"] else None)
        told = episodes(grades(found.case).points, found.case) if options["episodes"] else ()
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found, told, options["episodes"]), ensure_ascii=False))
            return
        self.stdout.write(text_report(found, told, with_episodes=options["episodes"]))


def _as_json(found: Panel, told, with_episodes: bool) -> dict:
    data = as_json(found.report)
    data["changes"] = changes_as_json(what_would_change(found.case, found.report))
    if with_episodes:
        data["episodes"] = episodes_as_json(told)
    return data


def find(mrn: str, code: str | None) -> Patient:
    patients = Patient.objects.current().filter(mrn=mrn).select_related("clinic").order_by("clinic__code")
    if code:
        patients = patients.filter(clinic__code=code)
    found = list(patients[:20])
    if not found:
        where = f" in clinic “{code}”" if code else ""
        raise CommandError(f"No patient has the MRN “{mrn}”{where}.")
    if len(found) > 1:
        codes = ", ".join(patient.clinic.code for patient in found)
        raise CommandError(f"Several clinics have the MRN “{mrn}”: {codes}. Say which with --clinic CODE.")
    return found[0]
