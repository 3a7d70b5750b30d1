import json
from importlib.metadata import distribution

import pytest
from django.contrib.staticfiles.finders import get_finders

from delivery.lock import read, wanted_here
from delivery.sbom import INSIDE, Part, licence_of, written


def packages() -> list[Part]:
    return [Part(each, distribution(each.name), "0" * 64) for each in wanted_here(read())]


@pytest.fixture(scope="module")
def sbom() -> dict:
    """`written` holds it to the schema of CycloneDX."""
    return json.loads(written(packages()))


def test_every_locked_package_is_a_part_with_its_licence(sbom):
    there = {part["name"]: part for part in sbom["components"]}
    wanted = wanted_here(read())
    assert {each.name: each.version for each in wanted}.items() <= {
        name: part["version"] for name, part in there.items()
    }.items()
    assert [name for name, part in there.items() if not part["licenses"]] == []


def test_scripts_and_the_database_in_packages_are_parts_with_the_version_that_is_there(sbom):
    there = {part["name"]: part["version"] for part in sbom["components"]}
    assert {each.name for each in INSIDE} <= there.keys()
    assert there["htmx.org"].startswith("2.") and there["postgresql"].startswith("18.")


def test_every_foreign_script_of_the_pages_is_a_part():
    """What Django's admin keeps in a folder named vendor, and what the page itself loads."""
    served = {path for finder in get_finders() for path, _ in finder.list([])}
    vendors = {path.split("vendor/")[1].split("/")[0] for path in served if "/vendor/" in path}
    known = {each.file for each in INSIDE}
    assert [name for name in vendors if not any(f"vendor/{name}/" in file for file in known)] == []


def test_it_says_what_needs_what(sbom):
    needs = {each["ref"].partition("@")[0]: each.get("dependsOn", []) for each in sbom["dependencies"]}
    assert any(ref.startswith("pkg:npm/plotly.js@") for ref in needs["pkg:pypi/plotly"])
    assert any(ref.startswith("pkg:pypi/django@") for ref in needs["liver-dissociation"])
    assert not any(ref.startswith("pkg:pypi/asgiref@") for ref in needs["liver-dissociation"])


def test_a_version_that_a_file_no_longer_says_stops_it(monkeypatch):
    monkeypatch.setattr("delivery.sbom.INSIDE", (INSIDE[0]._replace(version="nowhere ([0-9])"),))
    with pytest.raises(ValueError, match="no longer says its version"):
        written(packages())


@pytest.mark.parametrize(
    ("said", "licence"),
    [
        ({"License-Expression": ["MIT OR 0BSD"], "License": ["other"]}, "MIT OR 0BSD"),
        ({"License": ["ZPL 2.1"]}, "ZPL 2.1"),
        (
            {"License": ["whole\ntext"], "Classifier": ["License :: OSI Approved :: MIT License"]},
            "MIT License",
        ),
    ],
)
def test_a_licence_is_read_from_where_the_package_says_it(said, licence):
    assert licence_of(Saying(said)) == licence


def test_a_licence_that_only_lies_in_the_package_is_known_by_its_title():
    assert licence_of(distribution("pyrage")) == "The MIT License (MIT)"


def test_a_package_that_says_no_licence_stops_it():
    with pytest.raises(ValueError, match="invented does not say its licence"):
        licence_of(Saying({"Name": ["invented"], "Classifier": ["Framework :: Django"]}))


class Saying:
    """A package with such metadata."""

    def __init__(self, said: dict[str, list[str]]) -> None:
        self.metadata = self
        self.files = None
        self.said = said

    def __getitem__(self, name: str) -> str | None:
        return self.get_all(name, [None])[0]

    def get_all(self, name: str, default: list) -> list:
        return self.said.get(name, default)
