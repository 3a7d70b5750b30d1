from django.core.management.base import BaseCommand, CommandError, CommandParser

from interpretation.words import counted
from patients.report.hazards import ROOT, Hazard, faults, hazards, summary


class Command(BaseCommand):
    help = (
        "Prints what could harm a patient, the risk before and after the controls, and what remains. With --check it "
        "fails where a test that holds a control is gone or renamed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="exit 1 with each fault in one line")

    def handle(self, **options: bool) -> None:
        if options["check"]:
            self._check()
        else:
            self.stdout.write("\n".join(line(hazard) for hazard in hazards()))
        self.stdout.write(f"{summary()}.")

    def _check(self) -> None:
        if not (ROOT / "tests").is_dir():
            raise CommandError("The tests are not here, as in a bundle: check where the whole project is.")
        if found := faults():
            self.stdout.write("\n".join(found))
            raise CommandError(f"{counted(len(found), 'fault')} in the hazards.")


def line(hazard: Hazard) -> str:
    return f"{hazard.id} {hazard.title}: risk {hazard.risk_before} -> {hazard.risk_after}. Remains: {hazard.remains}"
