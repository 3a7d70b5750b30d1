import json
import time
from collections.abc import Iterator
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Clinic, no_clinic
from interpretation import knowledge
from patients.actions.assess import BATCH
from patients.models import Patient
from patients.report.impact import CannotCompare, VerdictChange, changes, data_of, other_version, totals
from patients.report.panel import cases_for

from .reassess import LINE_EVERY


class Command(BaseCommand):
    help = (
        "Judges every stored patient by the knowledge in use and by another version of it, and lists whose "
        "grade, attribution, scenario or urgency would change, with what is read now. THE OUTPUT HOLDS PATIENT "
        "IDENTIFIERS (clinic and MRN): "
        "keep it where the record is kept. Nothing is stored. For the data of an older revision: "
        "git archive REVISION interpretation/data | tar -x -C OLD, then --against OLD/interpretation/data; with its "
        "rule: archive the whole of interpretation, then --against OLD/interpretation."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--against", metavar="FOLDER", required=True, help="a folder of TOML files")
        parser.add_argument("--clinic", metavar="CODE", help="only the patients of this clinic")
        parser.add_argument("--json", action="store_true", help="one JSON object, identifiers included")

    def handle(self, **options) -> None:
        folder = Path(options["against"])
        patients = Patient.objects.current().order_by("pk")
        if code := options["clinic"]:
            if not Clinic.objects.filter(code=code).exists():
                raise CommandError(no_clinic(code))
            patients = patients.filter(clinic__code=code)
        try:
            found = list(self.compare(patients, folder))
        except CannotCompare as error:
            raise CommandError(str(error)) from None
        said = about(folder, self.done, found)
        self.stdout.write(json.dumps(said, ensure_ascii=False) if options["json"] else words(said))

    def compare(self, patients, folder: Path) -> Iterator[tuple[Patient, list[VerdictChange]]]:
        """Each patient whose reading would change, batch by batch: memory stays flat."""
        total, self.done, last, now = patients.count(), 0, 0, timezone.now()
        self.started = self.said = time.monotonic()
        with other_version(folder) as other:
            while batch := list(patients.filter(pk__gt=last).select_related("clinic")[:BATCH]):
                cases = cases_for(batch, now)
                for patient in batch:
                    if found := changes(*other.both(cases[patient.pk])):
                        yield patient, found
                    self.done += 1
                    self.progress(max(total, self.done))
                last = batch[-1].pk
        if self.stderr.isatty() and self.done:
            self.stderr.write("", ending="\n")

    def progress(self, total: int) -> None:
        """On standard error, so that the answer can be piped."""
        now = time.monotonic()
        wait = 0.2 if self.stderr.isatty() else LINE_EVERY
        if now - self.said < wait and self.done < total:
            return
        self.said = now
        rate = self.done / max(now - self.started, 0.001)
        line = f"{self.done:,} of {total:,} patients, {rate:,.0f} a second"
        if self.stderr.isatty():
            self.stderr.write(f"\r{line}", ending="")
            self.stderr.flush()
        else:
            self.stderr.write(line)


def about(folder: Path, patients: int, found: list[tuple[Patient, list[VerdictChange]]]) -> dict:
    return {
        "in_use": {"version": knowledge.VERSION, "digest": knowledge.digest()},
        "other": {
            "folder": str(folder),
            "version": knowledge.load("references", data_of(folder))["version"],
            "digest": knowledge.digest(data_of(folder)),
        },
        "patients": patients,
        "changed": len(found),
        "transitions": [
            {"what": change.what, "was": change.was, "becomes": change.becomes, "count": count}
            for change, count in totals(change for _, changed in found for change in changed)
        ],
        "changes": [
            {"clinic": patient.clinic.code, "mrn": patient.mrn, **vars(change)}
            for patient, changed in found
            for change in changed
        ],
    }


def words(said: dict) -> str:
    in_use, other = said["in_use"], said["other"]
    lines = [
        f"In use: knowledge {in_use['version']} ({in_use['digest']}). "
        f"Compared with {other['version']} ({other['digest']}), {other['folder']}.",
        f"{said['changed']:,} of {said['patients']:,} patients would read differently.",
    ]
    for one in said["transitions"]:
        lines.append(f"{one['what']}: {one['was']} -> {one['becomes']}: {one['count']:,}")
        same = [row for row in said["changes"] if all(row[k] == one[k] for k in ("what", "was", "becomes"))]
        lines += [f"  {row['clinic']} {row['mrn']}: {row['why']}" for row in same]
    return "\n".join(lines)
