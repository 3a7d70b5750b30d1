"""Signatures on the knowledge in words: who signed what, as far as the reader may know the name."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from accounts.models import Clinic
from interpretation.catalogue import KnowledgeEntry
from interpretation.words import day
from patients.models import Signature
from patients.review.signatures import AGREE, AMEND, DISPUTE, NOBODY, Stances, changes_between

# So many are named on the line of an entry.
NAMED = 2
WORDS = {
    AGREE: ("fine", "signed by"),
    AMEND: ("soon", "amendment proposed by"),
    DISPUTE: ("overdue", "disputed by"),
}


@dataclass(frozen=True)
class SignedLine:
    """What is said of one kind of stance: a class of `.state`, and words."""

    look: str
    words: str


@dataclass(frozen=True)
class EarlierSignature:
    """A signature on another wording, and what has changed since: place, then, now."""

    signature: Signature
    who: str
    changes: list[tuple[str, str, str]]


def who(row: Signature, clinics: Iterable[Clinic]) -> str:
    """Colleagues by name; staff of another clinic by that clinic alone."""
    known = row.clinic_id in {clinic.pk for clinic in clinics}
    return f"{row.by if known else 'a clinician'}, {row.clinic.name}"


def in_full(row: Signature) -> str:
    """With the name, for whoever runs the installation."""
    return f"{row.by}, {row.clinic.name}"


def lines(stances: Stances, clinics: Iterable[Clinic]) -> tuple[SignedLine, ...]:
    """At most one a kind; of what is signed in an earlier wording only where nothing else is said."""
    clinics = list(clinics)
    said = [
        SignedLine(look, f"{word} {_people(rows, clinics)}")
        for stance, (look, word) in WORDS.items()
        if (rows := stances.of(stance))
    ]
    if not said and stances.earlier:
        said.append(
            SignedLine("soon", f"signed in an earlier wording by {_people(stances.earlier, clinics)}")
        )
    return tuple(said) or (SignedLine("never", "not signed"),)


@dataclass(frozen=True)
class StandingSignature:
    """One stance on the present wording; `proposed` in place of what, of an amendment."""

    signature: Signature
    look: str
    who: str
    proposed: str = ""


def standing(stances: Stances, clinics: Iterable[Clinic]) -> list[StandingSignature]:
    return [
        StandingSignature(row, WORDS[row.stance][0], who(row, clinics), str(json.loads(row.proposed or '""')))
        for row in stances.standing
    ]


def earlier(stances: Stances, entry: KnowledgeEntry, clinics: Iterable[Clinic]) -> list[EarlierSignature]:
    return [EarlierSignature(row, who(row, clinics), changes_between(row, entry)) for row in stances.earlier]


def lines_by_anchor(
    entries: Iterable[KnowledgeEntry], stances: dict[str, Stances], clinics: Iterable[Clinic]
) -> dict[str, tuple[SignedLine, ...]]:
    """Nothing of a reference, which nobody signs."""
    clinics = list(clinics)
    return {
        entry.anchor: lines(stances.get(entry.anchor, NOBODY), clinics) if entry.can_be_signed else ()
        for entry in entries
    }


def _people(rows: Iterable[Signature], clinics: list[Clinic]) -> str:
    named = [f"{who(row, clinics)}, {day(row.at.astimezone(row.clinic.zone).date())}" for row in rows]
    more = len(named) - NAMED
    return "; ".join([*named[:NAMED], *([f"and {more} more"] if more > 0 else [])])
