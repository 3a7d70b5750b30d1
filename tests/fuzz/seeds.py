"""What is changed: the cases and files of others where they are here, and the tests' own files."""

import random
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from tests.conftest import SHARED_DATA
from tests.fuzz import changes, structures
from tests.uploads.files import PEOPLE, labs
from tests.uploads.importers.test_fhir import bundle, observation
from tests.uploads.oru import obx, oru
from tests.uploads.sheets import LABS, ods, xls, xlsx
from uploads import blank

# A workbook is opened in a process of its own, which takes a hundred times as long as a text.
_RARE = 0.02


class Seed(NamedTuple):
    name: str
    content: bytes

    @property
    def form(self) -> str:
        if self.content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
            return "workbook"
        return "json" if self.content.lstrip()[:1] in (b"{", b"[") else "text"


class Mutant(NamedTuple):
    """A seed changed; `number` with the run's seed makes it anew."""

    number: int
    name: str
    content: bytes


def seeds() -> list[Seed]:
    return [*_of_others(), *_own()]


def mutants(count: int, seed: int) -> Iterator[Mutant]:
    found = seeds()
    rare = [one for one in found if one.form == "workbook"]
    usual = [one for one in found if one.form != "workbook"]
    for number in range(count):
        rng = random.Random(f"{seed}:{number}")
        chosen = rng.choice(rare if rng.random() < _RARE else usual)
        yield Mutant(number, chosen.name, changed(rng, chosen))


def changed(rng: random.Random, seed: Seed) -> bytes:
    content = seed.content
    for _ in range(rng.choice((1, 1, 2, 3))):
        content = _once(rng, seed.form, content)
    return content


def _once(rng: random.Random, form: str, content: bytes) -> bytes:
    if form == "workbook":
        try:
            return structures.of_workbook(rng, content)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            ValueError,
            OSError,
            EOFError,
            zlib.error,
        ):
            return changes.of_bytes(rng, content)
    if rng.random() < 0.08:
        return changes.of_bytes(rng, content)
    if form == "json" and rng.random() < 0.8:
        return structures.of_json(rng, content)
    text = changes.of_text(rng, content.decode("utf-8", "surrogateescape"))
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _of_others() -> Iterator[Seed]:
    for folder in (SHARED_DATA.parent / "cases", SHARED_DATA / "interop"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".md":
                yield Seed(str(path.relative_to(folder.parent)), path.read_bytes())


def _own() -> Iterator[Seed]:
    for kind in blank.FILES:
        yield Seed(f"blank {kind}", blank.csv_of(kind).encode())
    yield Seed("people", PEOPLE.encode())
    yield Seed("long", labs(*_ROWS))
    yield Seed("wide", _WIDE.encode())
    yield Seed("down", _DOWN.encode())
    yield Seed("german", _GERMAN.encode("cp1252"))
    yield Seed("print", _PRINT.encode())
    yield Seed("columns", _COLUMNS.encode())
    yield from _messages()
    yield Seed("bundle", bundle(observation(), observation(valueQuantity={"value": 1.4, "code": "{INR}"},
        code={"coding": [{"system": "http://loinc.org", "code": "6301-6"}]})))  # fmt: skip
    yield from _books()


def _messages() -> Iterator[Seed]:
    inr = obx("6301-6^INR^LN", "1.4", n=2, unit="", limits="0.8-1.2")
    yield Seed("oru", oru(obx(), inr, "NTE|1||a\\F\\b", "SPM|1|||BLD"))
    yield Seed(
        "oru SN", oru(obx(kind="SN", value="<^5"), obx("1975-2^Bilirubin^LN", "3.4", n=2, unit="mg/dL"))
    )
    yield Seed("oru batch", oru(obx(), id="1") + oru(obx(value="88"), id="2", taken="20250401083000+0100"))


def _books() -> Iterator[Seed]:
    taken = datetime(2025, 3, 4, 8, 30)
    rows = [LABS, ("N-1", taken, "ALT", 112, "U/L", 7, 40), ("N-1", taken, "INR", 1.4, "", "", "")]
    yield Seed("long.xlsx", xlsx({"Labs": rows}))
    yield Seed("long.ods", ods({"Labs": rows}))
    yield Seed("long.xls", xls({"Labs": rows}))


_ROWS = (
    "N-1,2025-03-01 08:00,ALT,200,U/L,7,40", "N-1,2025-03-01 08:00,INR,1.4,,0.8,1.2",
    "N-1,2025-03-01 08:00,Bilirubin,3.4,mg/dL,0.2,1.2", "N-2,2025-03-14 08:00,Platelets,<5,10*9/L,150,400",
    "N-2,2025-03-14 08:00,Albumin,28,g/L,35,50", "N-2,2025-03-14 08:00,Creatinine,88,umol/L,45,90",
)  # fmt: skip
_WIDE = (
    "mrn,collected_at,ALT (U/L),INR,Bilirubin (mg/dL),Albumin [g/dL],Quick (%)\n"
    "N-1,14/03/2025 08:00,112,1.4,3.4,2.8,35\nN-2,15/03/2025 08:00,88 H,<1.0,0.9,4.1,101\n"
)
_DOWN = (
    "MRN,N-1\ntest,unit,range,2025-03-01 08:00,2025-04-01 08:00\nALT,U/L,7-40,112,88\nINR,,0.8-1.2,1.4,1.9\n"
    "Platelets,10*9/L,150-400,90,<5\n"
)
_PRINT = (
    "North Hospital\nLaboratory: North Laboratory\nCollected: 30.11.2026 08:30\n\n"
    "Test                 Result     Unit     Reference\nALT (GPT)            44 H       U/l      < 35\n"
    "AST                  38         U/l      (10 - 50)\nBilirubin, total:    1.2        mg/dl    [0.1-1.2]\n"
    "INR                  1.7*\nPlatelets            <5         10*9/L   150-400\n"
)
_COLUMNS = (
    "MRN\tcollected_at\tALT (U/L)\tAST [U/L]\tINR\tlaboratory\nN-1\t2026-11-30 08:30\t44\t1 240\t1,7\tNorth\n"
)
_GERMAN = (
    "Patientennummer;Abnahmedatum;Untersuchung;Ergebnis;Einheit;Normbereich\n"
    "N-1;14.03.2025 08:00;GPT;112;U/l;<35\nN-1;14.03.2025 08:00;INR;1,4;;0,9-1,2\n"
    "N-2;15.03.2025 08:00;Bilirubin gesamt;1.234,5;µmol/l;<21\n"
)
