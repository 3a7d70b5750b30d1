"""What apps that build on this one show on its pages. They add themselves when ready; none is known here.

A part loads itself through htmx after the page has come, so it costs the page no query; without scripts it is
a link. A column of the worklist is asked once for all rows of the page.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse

from .models import Patient


@dataclass(frozen=True)
class Part:
    """`address` names a page; asked by htmx it answers with a fragment of its own."""

    title: str
    address: str


@dataclass(frozen=True)
class Cell:
    text: str
    href: str = ""
    # A quiet cell is an offer, not a fact.
    quiet: bool = False


@dataclass(frozen=True)
class Column:
    """`cells` gives what each of these patients has, by primary key, to this user."""

    title: str
    cells: Callable[[Iterable[Patient], object], dict[int, Cell]]


patient_parts: list[Part] = []
worklist_parts: list[Part] = []
worklist_columns: list[Column] = []


def parts_of(patient: Patient) -> list[dict]:
    return [
        {"title": part.title, "href": reverse(part.address, args=[patient.uuid])} for part in patient_parts
    ]


def parts_of_worklist() -> list[dict]:
    return [{"title": part.title, "href": reverse(part.address)} for part in worklist_parts]


def columns_for(patients: list[Patient], user) -> list[tuple[str, dict[int, Cell]]]:
    return [(column.title, column.cells(patients, user)) for column in worklist_columns]
