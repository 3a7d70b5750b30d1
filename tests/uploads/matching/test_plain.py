"""Plain rows are stored as they would be one by one: the same files both ways, every table compared."""

import random
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime, timedelta
from itertools import count
from unittest import mock
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from tests.uploads.files import labs
from tests.uploads.message_cases import CASES
from tests.uploads.whole_record import whole_record
from uploads import actions
from uploads.matching import files as matching_files
from uploads.matching import plain, sorting
from uploads.models import UploadRow

pytestmark = pytest.mark.django_db
PEOPLE = 40
HEADER = "mrn,birth_date,collected_at,test,value,unit,ref_low,ref_high,laboratory,method,status,verified_at,comment"
TESTS = {
    "ALT": ("U/L", 10, 120),
    "AST": ("U/L", 10, 120),
    "INR": ("", 0.9, 2.2),
    "Total bilirubin": ("umol/L", 4, 60),
    "Direct bilirubin": ("umol/L", 1, 6),
    "Albumin": ("g/L", 25, 50),
    "Platelets": ("10^9/L", 60, 400),
    "Sodium": ("mmol/L", 130, 146),
}
# One thing otherwise in a row: columns by their number in HEADER, and whether the usual row stands beside it.
MRN, BORN, AT, TEST, VALUE, UNIT, LOW, HIGH, LABORATORY, METHOD, STATUS, VERIFIED, COMMENT = range(13)
ODD = {
    "twice": (True, lambda row: {}),
    "rival": (True, lambda row: {VALUE: "77"}),
    "second of the minute": (True, lambda row: {AT: f"{row[AT]}:40"}),
    "another laboratory": (True, lambda row: {LABORATORY: "South"}),
    "another method": (True, lambda row: {METHOD: "Roche"}),
    "a minute later": (True, lambda row: {AT: f"{moment(row) + timedelta(minutes=1):%Y-%m-%d %H:%M}"}),
    "preliminary": (True, lambda row: {STATUS: "preliminary"}),
    "corrected": (True, lambda row: {STATUS: "corrected", VALUE: "55"}),
    "unknown status": (False, lambda row: {STATUS: "odd"}),
    "unknown test": (False, lambda row: {TEST: "Zonulin"}),
    "unknown unit": (False, lambda row: {UNIT: "furlong"}),
    "bound": (False, lambda row: {VALUE: f"<{row[VALUE]}"}),
    "words": (False, lambda row: {VALUE: "haemolysed"}),
    "blank": (False, lambda row: {VALUE: ""}),
    "unit in value": (False, lambda row: {VALUE: f"{row[VALUE]} {row[UNIT]}"}),
    "future": (False, lambda row: {AT: "2199-01-01 08:00"}),
    "before birth": (False, lambda row: {AT: "1950-01-01 08:00"}),
    "day alone": (False, lambda row: {AT: row[AT][:10]}),
    "hour that is not": (False, lambda row: {AT: "2025-03-30 01:30"}),
    "no date": (False, lambda row: {AT: "soon"}),
    "nobody": (False, lambda row: {MRN: "Z-9"}),
    "no number": (False, lambda row: {MRN: ""}),
    "somebody else": (False, lambda row: {BORN: "1971-02-03"}),
    "slip of unit": (False, lambda row: {VALUE: f"{float(row[VALUE]) * 17.1:g}"}),
    "surprise": (False, lambda row: {VALUE: f"{float(row[VALUE]) * 4:g}"}),
    "verified": (False, lambda row: {VERIFIED: row[AT]}),
    "comment": (False, lambda row: {COMMENT: "haemolysis"}),
    "range": (False, lambda row: {LOW: "50", HIGH: "10"}),
    "quoted": (False, lambda row: {LABORATORY: '"North, 2"'}),
}


def moment(row: list[str]) -> datetime:
    return datetime.strptime(row[AT], "%Y-%m-%d %H:%M")


START = datetime(2025, 1, 6, 6)
Contents = list[tuple[str, bytes]]


class Undone(Exception):
    """Takes back what was stored to be compared."""


def people_file() -> bytes:
    rows = [f"N-{n},Ito{n},F,1970-01-{n % 28 + 1:02}" for n in range(PEOPLE)]
    return ("\n".join(("mrn,family_name,sex,birth_date", *rows)) + "\n").encode()


def laboratory_file(seed: int, odd: float, first: int = 0) -> bytes:
    """Draws of each person; of so many rows one thing is otherwise than usual."""
    chance = random.Random(seed)
    rows = []
    for day in range(4):
        for n in range(PEOPLE):
            at = START + timedelta(days=first + 40 * day + n % 9, minutes=n * 7)
            for test, (unit, low, high) in TESTS.items():
                value = round(chance.uniform(low, high), 1 if high < 50 else 0)
                born = f"1970-01-{n % 28 + 1:02}"
                row = [
                    f"N-{n}",
                    born,
                    f"{at:%Y-%m-%d %H:%M}",
                    test,
                    f"{value:g}",
                    unit,
                    "",
                    "",
                    "North",
                    "",
                    "",
                    "",
                    "",
                ]
                rows += _with_oddity(row, chance) if chance.random() < odd else [row]
            rows.append(
                [f"N-{n}", "", f"{at:%Y-%m-%d %H:%M}", "MCV", "91", "fL", "", "", "North", "", "", "", ""]
            )
    chance.shuffle(rows) if seed % 2 else None
    return labs(*(",".join(row) for row in rows), header=HEADER)


def _with_oddity(row: list[str], chance: random.Random) -> list[list[str]]:
    """The row with one thing otherwise, alone or beside the usual one; or cut short."""
    if chance.random() < 0.03:
        return [row[:9]]
    beside, change = ODD[chance.choice(list(ODD))]
    changed = change(row)
    other = [changed.get(place, cell) for place, cell in enumerate(row)]
    return [row, other] if beside else [other]


@pytest.fixture
def everybody(monkeypatch) -> None:
    """Nobody stands in the file's first rows, a chunk holds few, and no time passes."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(plain, "EXAMPLES", 0)
    monkeypatch.setattr(matching_files, "CHUNK", 300)


def written(
    stored: list[Contents], clinic, by, *, way: str, undo: bool = False, **asked: bool
) -> tuple[dict, int]:
    """What the batches leave in every table, one after the other, and how many rows were kept; taken back after."""
    found: dict = {}
    kept = 0
    one_by_one = mock.patch.object(sorting, "_table", lambda file: None)
    # Two draws of one moment are read in the order of these.
    numbers = count(1)
    in_order = mock.patch("patients.actions.bulk.uuid4", lambda: UUID(int=next(numbers)))
    try:
        with transaction.atomic(), in_order, one_by_one if way == "one by one" else nullcontext():
            uploads = [actions.store(contents=contents, clinic=clinic, by=by, **asked) for contents in stored]
            if undo:
                actions.undo(uploads=uploads[-1], by=by)
            found, kept = whole_record(), UploadRow.objects.count()
            raise Undone
    except Undone:
        return found, kept


def compared(stored: list[Contents], clinic, by, **how: bool) -> int:
    """How many rows fewer are kept where they are not looked at one by one; all else is the same."""
    plainly, kept = written(stored, clinic, by, way="plainly", **how)
    one_by_one, all_rows = written(stored, clinic, by, way="one by one", **how)
    assert plainly.keys() == one_by_one.keys()
    for model, rows in one_by_one.items():
        assert len(plainly[model]) == len(rows), model
        different = [pair for pair in zip(plainly[model], rows, strict=True) if pair[0] != pair[1]]
        if different:
            pytest.fail(f"{len(different)} of {model}: {different[0][0]}\n{different[0][1]}")
    return all_rows - kept


@pytest.mark.parametrize("seed", range(4))
def test_a_file_with_odd_rows_is_stored_as_one_by_one(everybody, clinic, data_manager, seed):
    batches = [
        [("people.csv", people_file())],
        [("labs.csv", laboratory_file(seed, odd=(0, 0.01, 0.05, 0.3)[seed]))],
        [("more.csv", laboratory_file(seed + 10, odd=0.01, first=80))],
    ]
    assert compared(batches, clinic, data_manager) > (100 if seed < 3 else -1)


@pytest.mark.parametrize("asked", ["apply_changes", "accept_questions"])
def test_so_it_is_where_a_person_has_said_yes_and_where_all_is_taken_back(
    everybody, clinic, data_manager, asked
):
    batches = [[("people.csv", people_file())], [("labs.csv", laboratory_file(1, odd=0.02))]]
    assert compared(batches, clinic, data_manager, undo=True, **{asked: True}) > 100


def test_so_it_is_with_people_in_the_same_batch_and_with_the_same_file_again(everybody, clinic, data_manager):
    results = ("labs.csv", laboratory_file(2, odd=0.02))
    compared(
        [
            [("people.csv", people_file()), results],
            [results],
            [results, ("b.csv", laboratory_file(3, odd=0))],
        ],
        clinic,
        data_manager,
    )


def test_so_are_the_real_files(everybody, clinic, data_manager, shared_data):
    clinic.time_zone = "UTC"
    clinic.save()
    people, *files = sorted(
        (shared_data / "mimic-iv-demo").glob("*.csv"), key=lambda path: path.name != "patients.csv"
    )
    batches = [[(path.name, path.read_bytes())] for path in (people, *files)]
    assert compared(batches, clinic, data_manager) >= 0


def test_so_are_the_files_that_went_wrong(everybody, clinic, data_manager):
    if not CASES.is_dir():
        pytest.skip(f"No cases at {CASES}.")
    people = [("00_patients.csv", (CASES / "00_patients.csv").read_bytes())]
    batches = [[(path.name, path.read_bytes())] for path in _cases()]
    compared([people, *batches], clinic, data_manager)


def _cases() -> Iterator:
    return (
        path for path in sorted(CASES.iterdir()) if path.suffix in (".csv", ".xlsx", ".ods", ".hl7", ".json")
    )
