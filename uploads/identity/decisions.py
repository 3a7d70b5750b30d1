"""Whose rows these are, where a person has said so: for one sender, number and identity, nothing more."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from accounts.models import Clinic
from uploads.importers.dates import written
from uploads.importers.records import (
    REFUSED,
    SAME,
    DeathRow,
    DiagnosisRow,
    EventRow,
    Item,
    LabRow,
    PatientRow,
    RowProblem,
)
from uploads.matching.people import fold_family
from uploads.models import IdentityDecision

# MRN, folded family name and date of birth as the file gives them.
Key = tuple[str, str, date | None]
_NOBODY = "not of this clinic: a person has decided so under Waiting."
_HERE = "this person is here already: a person has decided so under Waiting."


@dataclass(frozen=True)
class IdentityClaim:
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


def claim_of(item: Item, why: str) -> IdentityClaim:
    if isinstance(item, PatientRow):
        who = (item.family_name, item.given_name, item.birth_date)
        return IdentityClaim(why, item.mrn, *who, item.sex, "")
    identity = item.identity
    who = (identity.family_name, identity.given_name, identity.birth_date) if identity else ("", "", None)
    return IdentityClaim(why, item.mrn, *(part or "" for part in who[:2]), who[2], "", _example(item))


def key_of(item: Item) -> Key:
    return claim_of(item, "").key


def decisions_of(clinic: Clinic, sender: str, mrns: Collection[str]) -> dict[Key, IdentityDecision]:
    """What stands decided of these numbers. A patient withdrawn since is nobody's any more."""
    if not mrns:
        return {}
    rows = IdentityDecision.objects.filter(clinic=clinic, sender__iexact=sender, mrn__in=mrns, undone_at=None)
    found = rows.exclude(patient__withdrawn_at__isnull=False).select_related("patient")
    return {(row.mrn, row.family, row.birth_date): row for row in found}


def as_decided(item: Item, decisions: dict[Key, IdentityDecision]) -> Item:
    """The row as its patient’s own, a settled problem where it is nobody’s; itself where nobody decided."""
    if isinstance(item, RowProblem) or not decisions:
        return item
    said = decisions.get(key_of(item))
    if said is None or said.verdict == IdentityDecision.Verdict.NEW:
        return item
    if said.verdict == IdentityDecision.Verdict.NOBODY:
        return RowProblem(item.place, _NOBODY, REFUSED, settled=True)
    if isinstance(item, PatientRow):
        return RowProblem(item.place, _HERE, SAME, settled=True)
    return replace(item, mrn=said.patient.mrn, identity=None)


def as_numbered(item: Item, alike: dict[str, str]) -> Item:
    """The row with the number as the record has it."""
    mrn = None if isinstance(item, RowProblem | PatientRow) else alike.get(item.mrn)
    return item if mrn is None else replace(item, mrn=mrn)


def is_accepted(item: PatientRow, decisions: dict[Key, IdentityDecision]) -> bool:
    said = decisions.get(key_of(item))
    return said is not None and said.verdict == IdentityDecision.Verdict.NEW


def _example(item: Item) -> str:
    if isinstance(item, LabRow):
        return f"{item.test} {item.value} {item.unit}".strip()[:60] + f", {written(item.taken_at)}"
    if isinstance(item, DeathRow):
        return f"died {item.died_on}"
    if isinstance(item, DiagnosisRow):
        return f"{item.kind}, {item.noted_on or 'no date'}"
    if isinstance(item, EventRow):
        return f"{item.label or item.kind}"[:60] + f", {written(item.started_at)}"
    return ""
