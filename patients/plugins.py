"""The columns of the worklist and the parts of the patient page, in the order in which they are shown.

This app and those that build on it add theirs when ready; no other app is known here.

A part loads itself through htmx after the page has come, so it costs the page no query; without scripts it is
a link. A column of the worklist comes with the rows of the page, in the query that fetches them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.urls import reverse

from accounts.models import User

from .models import Assessment, Patient
from .presenters.options import Options
from .worklist import SORTS, Key


@dataclass(frozen=True)
class Part:
    """`address` names a page; asked by htmx it answers with a fragment of its own.

    `place` is where on the patient page it stands, `keeps` which choices of that page its address carries on.
    A fragment that brings an element of that `id` takes the place of its link wherever that is.
    """

    title: str
    address: str
    place: str = "to_do"
    keeps: tuple[str, ...] = ()
    id: str = ""
    css: str = "other-part"


@dataclass(frozen=True)
class PartLink:
    title: str
    href: str
    id: str = ""
    css: str = ""


@dataclass(frozen=True)
class Sort:
    """An order of the worklist, by its `name` in the address; `order` is "ascending" or "descending"."""

    name: str
    label: str
    order: str
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Cell:
    text: str
    href: str = ""
    # A quiet cell is an offer, not a fact.
    quiet: bool = False


@dataclass(frozen=True)
class Column:
    """`annotations`: expressions over the rows of Assessment; `cell` says what one row shows to this user: the same
    to everybody of one role in its clinic.

    `template` shows it as `cell`, and the line of the worklist as `row`: a column without `cell` reads that.
    `span`, `css` and the small line `note` are of its heading. `several`: only for people of more than one clinic.
    """

    title: str
    cell: Callable[[Assessment, User], Cell | None] | None = None
    annotations: Mapping[str, object] = field(default_factory=dict)
    sorts: tuple[Sort, ...] = ()
    template: str = "patients/worklist/_cell.html"
    span: int = 1
    css: str = ""
    note: str = ""
    several: bool = False


@dataclass(frozen=True)
class Shown:
    """What one column shows of one row, and the template that shows it."""

    template: str
    cell: Cell | None


patient_parts: list[Part] = []
worklist_parts: list[Part] = []
worklist_columns: list[Column] = []


def add_columns(columns: Iterable[Column]) -> None:
    """The worklist can be sorted by what they bring."""
    for column in columns:
        worklist_columns.append(column)
        SORTS.update({sort.name: sort.keys for sort in column.sorts})


def parts_of(patient: Patient, options: Options) -> dict[str, list[PartLink]]:
    """By their place on the page."""
    found: dict[str, list[PartLink]] = {}
    for part in patient_parts:
        href = reverse(part.address, args=[patient.uuid]) + options.only(*part.keeps)
        found.setdefault(part.place, []).append(PartLink(part.title, href, part.id, part.css))
    return found


def parts_of_worklist() -> list[PartLink]:
    return [PartLink(part.title, reverse(part.address)) for part in worklist_parts]


def columns_for(several: bool) -> list[Column]:
    return [column for column in worklist_columns if several or not column.several]


def annotations_of(columns: Iterable[Column]) -> dict[str, object]:
    return {name: one for column in columns for name, one in column.annotations.items()}


def cells_of(columns: Iterable[Column], row: Assessment, user: User) -> list[Shown]:
    return [Shown(one.template, one.cell(row, user) if one.cell else None) for one in columns]
