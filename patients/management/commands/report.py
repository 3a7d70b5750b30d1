import json

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from interpretation.report import as_json
from patients.asof import parse_as_of
from patients.models import Patient
from patients.panel import panel


class Command(BaseCommand):
    help = "Prints the report of a stored patient: in words, or as JSON."

    def add_arguments(self, parser):
        parser.add_argument("mrn", metavar="MRN")
        parser.add_argument("--clinic", metavar="CODE", help="where several clinics know this MRN")
        parser.add_argument(
            "--as-of",
            metavar="TIME",
            default="",
            help="2025-08-17 (the end of that day in the clinic) or 2025-08-17T10:00; now when left out",
        )
        parser.add_argument("--json", action="store_true", help="the whole report as one JSON object")

    def handle(self, **options):
        patient = find(options["mrn"], options["clinic"])
        try:
            as_of = parse_as_of(options["as_of"], patient.clinic.zone, timezone.now())
        except ValueError as error:
            raise CommandError(str(error)) from None
        report = panel(patient, as_of).report
        if options["json"]:
            self.stdout.write(json.dumps(as_json(report), ensure_ascii=False))
        else:
            self.stdout.write(report.dissociation.sentence)


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
