"""Commands as they are given, and what they print or refuse."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from django.core.management import CommandError, call_command
from django.test import override_settings

from accounts.models import Clinic
from patients.models import Patient
from tests.uploads.exports import result, write
from tests.uploads.files import labs
from tests.uploads.importers.test_fhir import PATIENT
from uploads.interfaces.watched_folder import alone
from uploads.models import Sender


@dataclass(frozen=True)
class Site:
    """A folder for files, and what the record holds."""

    folder: Path
    clinic: Clinic
    other: Clinic

    def file(self, name: str, content: bytes) -> str:
        (self.folder / name).write_bytes(content)
        return str(self.folder / name)


Given = Callable[[Site], list[str]]


def printed(site: Site, *arguments: str, **options) -> list[str]:
    """All that a command prints, and why it ends; the folder stands as FOLDER."""
    out, wrong = io.StringIO(), io.StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=wrong, **options)
    except CommandError as error:
        wrong.write(f"{error}\n")
    except SystemExit as end:
        wrong.write(f"ends with {end.code}\n")
    lines = (out.getvalue() + wrong.getvalue()).splitlines()
    return [line.replace(str(site.folder), "FOLDER") for line in lines if line.strip()]


def given(*arguments: str) -> Given:
    return lambda site: printed(site, *(part.replace("FOLDER", str(site.folder)) for part in arguments))


def upload(content: bytes, *more: str, name: str = "labs.csv") -> Given:
    return lambda site: printed(site, "upload", site.file(name, content), "--clinic", "north", *more)


def with_file(name: str, *arguments: str) -> Given:
    """Where a file stands in the way."""

    def told(site: Site) -> list[str]:
        site.file(name, b"")
        return given(*arguments)(site)

    return told


def large_folder(site: Site) -> list[str]:
    write(site.folder, Patient=[PATIENT])
    with override_settings(MAX_UPLOAD_MB=0):
        return given("upload", "FOLDER", "--clinic", "north")(site)


def unwritable_outcomes(site: Site) -> list[str]:
    """A file stands where their folder would be."""
    write(site.folder / "export", A=[PATIENT, result("a", status="whatever")])
    given = ("--clinic", "north", "--outcomes", site.file("taken", b""))
    return printed(site, "upload", str(site.folder / "export"), *given)


def export_without_folder(site: Site) -> list[str]:
    Patient.objects.create(clinic=site.other, mrn="S-1", family_name="Ek", sex="F", birth_date="1970-01-01")
    (site.folder / ".all.zip.part").write_bytes(b"")
    refused = given("export", "FOLDER/no/all.zip", "--clinic", "south")(site)
    return refused + given("export", "FOLDER/all.zip", "--clinic", "south")(site)


def watch_twice(site: Site) -> list[str]:
    with alone(site.folder):
        return given("watch", "FOLDER", "--clinic", "north", "--once")(site)


def watched(site: Site) -> list[str]:
    site.file("bad.csv", b"a,b\n1,2\n")
    return given("watch", "FOLDER", "--clinic", "north", "--once", "--settle", "0")(site)


def two_clinics(site: Site) -> list[str]:
    for clinic in (site.clinic, site.other):
        Patient.objects.create(clinic=clinic, mrn="T-1", family_name="Ek", sex="F", birth_date="1970-01-01")
    return given("report", "T-1")(site)


def blocked_sender(site: Site) -> list[str]:
    made = printed(site, "add_sender", "LIS", "--clinic", "north")
    again = printed(site, "add_sender", "LIS", "--clinic", "north")
    off = printed(site, "add_sender", "LIS", "--clinic", "north", "--block")
    assert Sender.objects.filter(allowed=False).exists()
    told = [line for line in (*made, *again, *off) if "Its token" not in line and len(line.split()) > 1]
    return [re.sub(r"end of \d+ \w+ \d{4}", "end of DAY", line) for line in told]


@contextmanager
def typing(*words: str) -> Iterator[None]:
    with patch("accounts.management.asking.getpass", side_effect=[*words] or EOFError):
        yield


def staff(*words: str) -> Given:
    def told(site: Site) -> list[str]:
        with typing(*words):
            return printed(site, "add_staff", "new.person", "--clinic", "north", "--role", "viewer")

    return told


def in_production(site: Site) -> list[str]:
    with override_settings(PRODUCTION=True):
        return printed(site, "load_demo")


def no_demo(site: Site) -> list[str]:
    Clinic.objects.create(code="demo", name="Not the demo", time_zone="UTC")
    return printed(site, "load_demo")


def knowledge_with_faults(site: Site) -> list[str]:
    site.file("analytes.toml", b'title = "x"\n')
    return given("knowledge", "--check", "--folder", "FOLDER")(site)[-1:]


DAY = "2025-03-01 08:00"
ALIKE = labs(*(f"N-9,{DAY[:-5]}0{n}:00,ALT,200,U/L,," for n in range(3)))
FAULTS = labs(*(f"N-1,{DAY},ALT,x{n},U/L,," for n in range(25)))
MARKED = labs(*(f"N-1,2025-03-01 08:{n:02},INR,{7 + n / 10},,," for n in range(25)))
CODES = {
    f"{name}: no such clinic": given(*arguments)
    for name, arguments in {
        "upload": ("upload", "x.csv", "--clinic", "nowhere"),
        "watch": ("watch", "FOLDER", "--clinic", "nowhere"),
        "export": ("export", "FOLDER/x.zip", "--clinic", "nowhere"),
        "mllp": ("mllp", "--sender", "LIS", "--clinic", "nowhere"),
        "add_sender": ("add_sender", "LIS", "--clinic", "nowhere"),
        "replay_messages": ("replay_messages", "--clinic", "nowhere"),
        "reassess": ("reassess", "--clinic", "nowhere"),
        "impact": ("impact", "--against", "FOLDER", "--clinic", "nowhere"),
        "overrules": ("overrules", "--clinic", "nowhere"),
        "figures": ("figures", "--clinic", "nowhere"),
        "report": ("report", "X", "--clinic", "nowhere"),
        "add_staff": ("add_staff", "new.person", "--clinic", "nowhere", "--role", "viewer"),
    }.items()
}
UPLOAD = {
    "not there": given("upload", "FOLDER/x.csv", "--clinic", "north"),
    "a folder": given("upload", "FOLDER", "--clinic", "north"),
    "a folder too large": large_folder,
    "no room for outcomes": unwritable_outcomes,
    "a device": given("upload", "/dev/null", "--clinic", "north"),
    "by nobody": upload(labs(), "--by", "nobody"),
    "no columns of ours": upload(b"a,b\n1,2\n"),
    "two ways": upload(labs("N-1,03/04/2025,ALT,30,U/L,,")),
    "alike": upload(ALIKE),
    "more than is shown": upload(FAULTS),
    "marked, more than is shown": upload(MARKED),
    "sender’s profile": upload(labs(f"N-1,{DAY},ALT,30,U/L,,"), "--sender", "LIS", "--dry-run"),
    "asks": upload(labs(f"N-1,{DAY},Haemoglobin,11,g/L,,"), "--dry-run"),
}
OTHERS = {
    "watch: no folder": given("watch", "FOLDER/x", "--clinic", "north"),
    "watch: twice": watch_twice,
    "watch: refused": watched,
    "export: nobody": given("export", "FOLDER/x.zip", "--clinic", "south"),
    "export: no such patient": given("export", "FOLDER/x.zip", "--clinic", "north", "--mrn", "X"),
    "export: no folder, a part": export_without_folder,
    "mllp: no sender": given("mllp", "--sender", "LIS", "--clinic", "north"),
    "add_sender: twice": blocked_sender,
    "add_sender: not there": given("add_sender", "Nobody", "--clinic", "north", "--block"),
    "add_sender: no name": given("add_sender", " ", "--clinic", "north"),
    "replay_messages": given("replay_messages", "--clinic", "north"),
    "reassess": given("reassess"),
    "report: nobody": given("report", "X"),
    "report: two": two_clinics,
    "report: no date": given("report", "N-1", "--as-of", "yesterday"),
    "report: an impossible date": given("report", "N-1", "--as-of", "2026-02-30"),
    "knowledge: nothing there": given("knowledge", "--folder", "FOLDER"),
    "knowledge: faults": knowledge_with_faults,
    "load_demo: in production": in_production,
    "load_demo: another clinic": no_demo,
    "overrules: none": given("overrules"),
    "figures: months": given("figures", "--months", "0"),
    "add_staff: a clinic that is there": given(
        "add_staff", "new.person", "--clinic", "north", "--role", "viewer", "--create-clinic", "North"
    ),
    "add_staff: no terminal": staff(),
    "add_staff: differ": staff("a-long-passphrase-7", "a-long-passphrase-8"),
}
GROUPS = {"command_clinics": CODES, "command_upload": UPLOAD, "commands": OTHERS}
