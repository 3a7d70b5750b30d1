"""Whose rows these are, where a person has said so: for one sender, number and identity, nothing more."""

from dataclasses import dataclass, replace
from datetime import date

from accounts.models import Clinic
from uploads.importers.records import (
    REFUSED,
    SAME,
    DeathRow,
    DiagnosisRow,
    EventRow,
    Item,
    LabRow,
    PatientRow,
    Problem,
)
from uploads.models import Mapping, Whose

from .people import fold_family

# MRN, folded family name and date of birth as the file gives them.
Key = tuple[str, str, date | None]
_NOBODY = "not of this clinic: a person has decided so under Waiting."
_HERE = "this person is here already: a person has decided so under Waiting."


@dataclass(frozen=True)
class Asked:
    """What a person must decide of a row, and what the row says of its person."""

    why: str
    mrn: str
    family_name: str
    given_name: str
    birth_date: date | None
    sex: str
    example: str

    @property
    def key(self) -> Key:
        return self.mrn, fold_family(self.family_name), self.birth_date


def asked_of(item: Item, why: str) -> Asked:
    if isinstance(item, PatientRow):
        who = (item.family_name, item.given_name, item.birth_date)
        return Asked(why, item.mrn, *who, item.sex, "")
    identity = item.identity
    who = (identity.family_name, identity.given_name, identity.birth_date) if identity else ("", "", None)
    return Asked(why, item.mrn, *(part or "" for part in who[:2]), who[2], "", _example(item))


def key_of(item: Item) -> Key:
    return asked_of(item, "").key


def decisions_of(clinic: Clinic, sender: str, items: list[Item]) -> dict[Key, Whose]:
    """What stands decided of the numbers in these rows. A patient withdrawn since is nobody's any more."""
    mrns = {item.mrn for item in items if not isinstance(item, Problem)}
    rows = Whose.objects.filter(clinic=clinic, sender__iexact=sender, mrn__in=mrns, undone_at=None)
    found = rows.exclude(patient__withdrawn_at__isnull=False).select_related("patient")
    return {(row.mrn, row.family, row.birth_date): row for row in found}


def as_decided(item: Item, decisions: dict[Key, Whose]) -> Item:
    """The row as its patient’s own, a settled problem where it is nobody’s; itself where nobody decided."""
    if isinstance(item, Problem) or not decisions:
        return item
    said = decisions.get(key_of(item))
    if said is None or said.verdict == Whose.Verdict.NEW:
        return item
    if said.verdict == Whose.Verdict.NOBODY:
        return Problem(item.place, _NOBODY, REFUSED, settled=True)
    if isinstance(item, PatientRow):
        return Problem(item.place, _HERE, SAME, settled=True)
    return replace(item, mrn=said.patient.mrn, identity=None)


def zeros_count_not(clinic: Clinic, sender: str) -> bool:
    """Whether a person has said that zeros in front of a number mean nothing in what this sender sends."""
    said = Mapping.objects.filter(clinic=clinic, sender__iexact=sender, undone_at=None)
    return said.filter(what=Mapping.What.WRITES, said="strip_leading_zeros").exists()


def as_numbered(item: Item, alike: dict[str, str]) -> Item:
    """The row with the number as the record has it."""
    mrn = None if isinstance(item, Problem | PatientRow) else alike.get(item.mrn)
    return item if mrn is None else replace(item, mrn=mrn)


def is_accepted(item: PatientRow, decisions: dict[Key, Whose]) -> bool:
    said = decisions.get(key_of(item))
    return said is not None and said.verdict == Whose.Verdict.NEW


def _example(item: Item) -> str:
    if isinstance(item, LabRow):
        return f"{item.test} {item.value} {item.unit}".strip()[:60] + f", {item.taken_at:%Y-%m-%d %H:%M}"
    if isinstance(item, DeathRow):
        return f"died {item.died_on}"
    if isinstance(item, DiagnosisRow):
        return f"{item.kind}, {item.noted_on or 'no date'}"
    if isinstance(item, EventRow):
        return f"{item.label or item.kind}"[:60] + f", {item.started_at:%Y-%m-%d %H:%M}"
    return ""
