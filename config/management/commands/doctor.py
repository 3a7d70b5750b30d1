"""manage.py doctor: what is wrong with this installation, and what to do about it."""

import json

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.operating import doctor


class Command(BaseCommand):
    help = "Says in sentences what is wrong with this installation; ends with 1 where something is."
    # It must speak where a check would stop it.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as a list of objects: about, sentence")

    def handle(self, *, json: bool, **options: object) -> None:
        found = doctor.findings()
        self.stdout.write(_objects(found) if json else _sentences(found))
        if found:
            raise CommandError(f"Found: {len(found)}.", returncode=1)


def _sentences(found: list[doctor.Ailment]) -> str:
    return "\n".join(one.sentence for one in found) or "Nothing is wrong."


def _objects(found: list[doctor.Ailment]) -> str:
    return json.dumps([one._asdict() for one in found], ensure_ascii=False, indent=2)
