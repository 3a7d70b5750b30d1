import json
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from interpretation import knowledge
from interpretation.catalogue import catalogue, faults
from interpretation.words import counted
from patients.actions.written.shown import count_shown
from patients.presenters.knowledge import counts, use_of_code
from patients.presenters.knowledge.signed import in_full
from patients.review.amendments import patch


class Command(BaseCommand):
    help = (
        "Prints the version of the knowledge, its files, and how many entries are sourced and reviewed. "
        "With --check it fails on what the schema of a file does not allow (a number out of its range, an "
        "interval without its timing, a score without its formula), a missing or unknown source, a "
        "placeholder, a missing header, two things of one name, a limit that nothing reads, a statement "
        "never shown and a reference never cited. With --amendments it prints what clinicians propose, as a "
        "patch that git apply takes."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="exit 1 with each fault in one line")
        parser.add_argument("--amendments", action="store_true", help="a patch of the data files")
        parser.add_argument("--count-shown", action="store_true", help="count now what is behind readings")
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.add_argument("--folder", metavar="FOLDER", help="another folder of TOML files")

    def handle(self, **options) -> None:
        if options["amendments"]:
            self.stdout.write(patch(in_full), ending="")
        elif options["count_shown"]:
            self.stdout.write(f"Counted over {counted(count_shown(), 'patient')}.")
        else:
            self.tell(options)

    def tell(self, options: dict) -> None:
        folder = Path(options["folder"]) if options["folder"] else knowledge.DATA
        if not knowledge.files(folder):
            raise CommandError(f"{folder}: no TOML files there.")
        found = faults(folder, use_of_code()) if options["check"] else []
        if found:
            self.fail(found, options["json"])
        try:
            said = about(folder)
        except knowledge.KnowledgeError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(said, ensure_ascii=False) if options["json"] else words(said))

    def fail(self, found: list[str], as_json: bool) -> None:
        """Faults are the answer, so they go to standard output."""
        self.stdout.write(json.dumps({"faults": found}, ensure_ascii=False) if as_json else "\n".join(found))
        raise CommandError(f"{counted(len(found), 'fault')} in the knowledge.")


def about(folder: Path) -> dict:
    files = catalogue(folder)
    total = counts(files)
    return {
        "version": knowledge.load("references", folder)["version"],
        "digest": knowledge.digest(folder),
        "folder": str(folder),
        "entries": total.entries,
        "reviewed": total.reviewed,
        "sureness": total.sureness,
        "words": total.words,
        "files": [
            {
                "name": file.name,
                "title": file.title,
                "entries": len(file.entries),
                "reviewed": sum(entry.is_reviewed for entry in file.entries),
                "reviewed_by": file.reviewed_by,
                "reviewed_on": file.reviewed_on,
                "sureness": counts((file,)).sureness,
            }
            for file in files
        ],
    }


def words(said: dict) -> str:
    lines = [f"Knowledge {said['version']} ({said['digest']}), {said['folder']}", f"{said['words']}."]
    for file in said["files"]:
        head = f"{file['name']}: {file['entries']} entries, {file['reviewed']} reviewed"
        lines.append(f"  {head} ({file['reviewed_by']}, {file['reviewed_on']})")
    return "\n".join(lines)
