"""A short run of `python -m tests.fuzz`: the same files each time in CI, others each day elsewhere."""

import os
from datetime import date

import pytest

from tests.fuzz import readers
from tests.fuzz.http import Pages
from tests.fuzz.limits import TooSlow, limited_memory, limited_time
from tests.fuzz.run import FuzzRun
from tests.fuzz.seeds import Mutant, mutants, seeds

SEED = 1 if os.environ.get("CI") else int(date.today().strftime("%Y%m%d"))


@pytest.fixture
def run(settings) -> FuzzRun:
    return FuzzRun(SEED, settings.VAR_DIR / "fuzz")


def test_no_changed_file_brings_a_value_that_it_does_not_hold(run):
    run.through(readers.faults, mutants(400, SEED))
    assert not run.faults
    assert run.judged > 100


@pytest.mark.django_db
def test_no_changed_file_makes_a_page_fail(run):
    run.through(Pages().faults, mutants(20, SEED))
    assert not run.faults


def test_files_as_they_are_bring_no_value_that_they_do_not_hold():
    found = {seed.name: readers.faults(seed.content)[1] for seed in seeds()}
    assert not {name: wrong for name, wrong in found.items() if wrong}


def test_the_same_seed_makes_the_same_files():
    assert list(mutants(30, 5)) == list(mutants(30, 5)) != list(mutants(30, 6))


def test_a_fault_is_kept_with_what_makes_it_anew(tmp_path):
    run = FuzzRun(3, tmp_path)
    run.through(lambda content: (1, ["cannot be"]), [Mutant(8, "a.csv", b"x")])
    assert run.faults == [f"seed 3, number 8, a.csv ({tmp_path / '3-8'}): cannot be"]
    assert (tmp_path / "3-8").read_bytes() == b"x"


def test_what_raises_or_takes_too_much_is_a_fault(tmp_path):
    def breaks(content: bytes):
        raise KeyError("x")

    def fills(content: bytes):
        return len(bytearray(2_000_000_000)), []

    for trial, words in ((breaks, "KeyError"), (fills, "MemoryError")):
        run = FuzzRun(3, tmp_path)
        run.through(trial, [Mutant(8, "a.csv", b"x")])
        assert words in run.faults[0]


def test_what_hangs_is_stopped():
    with pytest.raises(TooSlow), limited_memory(), limited_time(cpu=0.05):
        while True:
            pass
