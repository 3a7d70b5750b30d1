"""What apps that build on this one show on its pages. They add themselves when ready; none is known here.

A part loads itself through htmx after the page has come, so it costs the page no query; without scripts it is
a link. A column of the worklist comes with the rows of the page, in the query that fetches them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.urls import reverse

from .models import Assessment, Patient


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
    """`annotations`: expressions over the rows of Assessment; `cell` says what one row shows to this user."""

    title: str
    annotations: Mapping[str, object]
    cell: Callable[[Assessment, object], Cell | None]


patient_parts: list[Part] = []
worklist_parts: list[Part] = []
worklist_columns: list[Column] = []


def parts_of(patient: Patient) -> list[dict]:
    return [
        {"title": part.title, "href": reverse(part.address, args=[patient.uuid])} for part in patient_parts
    ]


def parts_of_worklist() -> list[dict]:
    return [{"title": part.title, "href": reverse(part.address)} for part in worklist_parts]


def annotations_of_worklist() -> dict[str, object]:
    return {name: one for column in worklist_columns for name, one in column.annotations.items()}


def cells_of(row: Assessment, user) -> list[Cell | None]:
    return [column.cell(row, user) for column in worklist_columns]
