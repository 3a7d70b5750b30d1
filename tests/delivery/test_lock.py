"""The locks hold what the lists ask for, no more, and with hashes. Without a network: script/lock asks the registry."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from delivery.lock import LOCK, ROOT, read, wanted_on

TESTS_LOCK = ROOT / "tests/requirements.lock"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def asked(path: Path) -> dict[str, str]:
    """Version by name, as locks write it, of what a list asks for itself."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    wanted = [Requirement(line) for line in lines if line and not line.startswith("-r")]
    return {canonicalize_name(each.name): str(each.specifier).removeprefix("==") for each in wanted}


def locked(path: Path, wanted_by: str) -> dict[str, str]:
    return {each.name: each.version for each in read(path) if wanted_by in each.wanted_by}


def test_what_the_product_asks_for_is_locked_and_nothing_that_it_asked_for_once():
    assert locked(LOCK, "-r requirements.txt") == asked(ROOT / "requirements.txt")


def test_what_the_tests_ask_for_is_locked():
    assert locked(TESTS_LOCK, "-r tests/requirements.txt") == asked(ROOT / "tests/requirements.txt")


def test_the_tests_run_on_what_the_product_runs_on():
    theirs = {(each.name, each.version) for each in read(TESTS_LOCK)}
    assert {(each.name, each.version) for each in read()} - theirs == set()


@pytest.mark.parametrize("path", [LOCK, TESTS_LOCK])
def test_every_package_has_hashes_and_stands_there_once(path):
    entries = read(path)
    assert [each.name for each in entries if not each.hashes] == []
    names = [each.name for each in entries]
    assert len(names) > 40 and len(names) == len(set(names))


@pytest.mark.parametrize("python", PYTHONS)
def test_a_package_for_other_systems_is_not_wanted_on_linux(python):
    names = {each.name for each in wanted_on(read(), python, "aarch64")}
    assert "cffi" in names and "colorama" not in names
