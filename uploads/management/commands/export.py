"""manage.py export FILE.zip --clinic CODE: the record as CSV files, for what takes longer than a page."""

import os
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import Clinic, no_clinic
from patients.models import Patient
from uploads.export import archive


class Command(BaseCommand):
    help = (
        "Writes the record of a clinic, or of one patient, as a ZIP of CSV files that upload back to the "
        "same record. THE FILE HOLDS PATIENT DATA: keep it where the record is kept."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("target", type=Path, metavar="FILE.zip")
        parser.add_argument("--clinic", required=True, metavar="CODE")
        parser.add_argument("--mrn", help="only this patient")

    def handle(self, *, target: Path, clinic: str, mrn: str | None, **options) -> None:
        people = Patient.objects.current().filter(clinic__code=clinic)
        if not Clinic.objects.filter(code=clinic).exists():
            raise CommandError(no_clinic(clinic))
        if mrn is not None:
            people = people.filter(mrn=mrn)
        if not people.exists():
            raise CommandError(
                "Nothing to write: no such patient." if mrn else "This clinic has no patients."
            )
        part = target.with_name(f".{target.name}.part")
        try:
            # Nobody else may read it, and no half of it stays under its name.
            with open(part, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                rows = archive(people, file)
            part.replace(target)
        except FileExistsError:
            raise CommandError(
                f"{part} is there already: remove it where no other export is running."
            ) from None
        except OSError as error:
            part.unlink(missing_ok=True)
            raise CommandError(f"{target} cannot be written: {error.strerror}.") from None
        self.stdout.write(
            f"{target}: " + ", ".join(f"{count:,} {name}" for name, count in rows.items()) + "."
        )
