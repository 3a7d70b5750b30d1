"""The second reader: what cannot be it says, and it knows nothing of the first."""

import ast
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from patients.actions.people import INVISIBLE
from tests.fuzz import readers, second
from tests.fuzz.second import texts
from tests.fuzz.second.judge import Claim, Evidence, cannot_be
from tests.fuzz.seeds import seeds
from uploads.importers.main import read_file

HERE = Path(next(iter(second.__path__)))
TAKEN = datetime(2025, 3, 1, 8, 0)
SEEN = Evidence(
    "200", units=("U/L",), tests=("ALT",), times=("2025-03-01 08:00",), people=("N-1",), limits=("7-40",)
)
CLAIM = Claim((), "N-1", "ALT", 200, "", TAKEN, 7, 40)


def test_it_imports_the_standard_library_and_itself():
    for path in HERE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            ours = [name for name in names if name.partition(".")[0] in OURS]
            assert all(name.startswith("tests.fuzz.second") for name in ours), path


OURS = ("tests", "interpretation", "patients", "uploads", "meetings", "accounts", "config", "django")


def changed(claim: Claim) -> list[Claim]:
    """The same with one thing that is not true."""
    return [
        claim._replace(value=claim.value * 10 + 0.001),
        claim._replace(value=claim.value * 1.1 + 0.001),
        claim._replace(value=claim.value / 60 + 0.001),
        claim._replace(comparator="" if claim.comparator else "<"),
        claim._replace(comparator="" if claim.comparator else ">="),
        claim._replace(taken_at=claim.taken_at + timedelta(days=1)),
        claim._replace(taken_at=claim.taken_at + timedelta(hours=1)),
        claim._replace(analyte="AST" if claim.analyte == "ALT" else "ALT"),
        claim._replace(mrn=f"{claim.mrn}9"),
    ]


def test_it_denies_whatever_is_not_true_of_every_value_of_every_file():
    for seed in seeds():
        look = readers.looker(seed.content)
        if look is None:
            continue
        for part, parsed in read_file(seed.content, INVISIBLE):
            for claim in readers.claims(parsed, part.sheet):
                assert not [other for other in changed(claim) if not cannot_be(other, look(other))], seed.name


def test_it_denies_the_value_of_one_person_to_another_of_the_same_file():
    several = 0
    for seed in seeds():
        look = readers.looker(seed.content)
        found = [
            one
            for part, parsed in read_file(seed.content, INVISIBLE)
            for one in readers.claims(parsed, part.sheet)
        ]
        numbers = {claim.mrn for claim in found if look}
        for claim in found if len(numbers) > 1 else ():
            for number in numbers - {claim.mrn}:
                several += 1
                assert number in claim.mrn or cannot_be(claim._replace(mrn=number), look(claim)), seed.name
    assert several


@pytest.mark.parametrize(
    ("text", "sign", "number"),
    [
        ("88", "", 88), ("<5", "<", 5), ("≤ 5", "<=", 5), ("LESS THAN 10", "<", 10), ("1,4", "", 1.4),
        ("1.234", "", 1234), ("1.234", "", 1.234), ("1.234,5", "", 1234.5), ("1 234", "", 1234), ("１２", "", 12),
        ("1.5 x 10^5", "", 150_000), ("10⁹", "", 1e9), ("35 (0-40)", "", 35), ("12 H", "", 12),
        (">10 no clot", ">", 10),
    ],
)  # fmt: skip
def test_a_number_may_be_read_as(text, sign, number):
    assert any(
        one.value == pytest.approx(number) and sign in one.signs and not one.rest
        for one in texts.numbers(text)
    )


@pytest.mark.parametrize(
    "value",
    [
        "88 & 120",
        "300-400",
        "1.1/1.2",
        "ca. 200",
        "200?",
        "not 200",
        "<200",
        "200 mmol",
        "20 0",
        "haemolysed 200",
    ],
)
def test_what_could_be_two_things_is_no_200(value):
    assert cannot_be(CLAIM, [SEEN._replace(value=value)])


@pytest.mark.parametrize(
    "seen",
    [
        {"units": ("ukat/L",)}, {"units": ("",)}, {"tests": ("AST",)}, {"times": ("2025-03-02 08:00",)},
        {"people": ("N-2",)}, {"flags": (">",)}, {"limits": ("7-41",)}, {"doubled": True},
    ],
)  # fmt: skip
def test_each_part_of_a_value_is_asked_for(seen):
    assert not cannot_be(CLAIM, [SEEN])
    assert cannot_be(CLAIM, [SEEN._replace(**seen)])


def test_nothing_there_is_no_value():
    assert cannot_be(CLAIM, []) == "nothing stands at that place"


def test_an_analyte_that_is_not_on_its_list_is_judged_by_its_number():
    claim = CLAIM._replace(analyte="new_test", lower=None, upper=None)
    assert not cannot_be(claim, [SEEN]) and cannot_be(claim._replace(value=205), [SEEN])
