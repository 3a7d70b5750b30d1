"""What became of cards: accepted, or overridden with a reason. Kept as evidence where the patient is in this record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from interpretation.knowledge import load
from patients.actions.reviews import keep_evidence
from patients.codes import OVERRIDE
from uploads.importers.fhir.values import read_time, word
from uploads.models import HookCard, HookFeedback, Sender

from .asked import loaded
from .problems import HookProblem

load("causes").read_by(__name__, "cause")
OUTCOMES = ("accepted", "overridden")
COMMENT = 300


@dataclass(frozen=True)
class CardOutcome:
    """`cause`: the key of one of ours, "" where another reason or none was given."""

    card: UUID
    outcome: str
    at: datetime
    reason: str = ""
    cause: str = ""
    comment: str = ""


def read(body: bytes) -> list[CardOutcome]:
    """Raises HookProblem (400)."""
    entries = loaded(body).get("feedback")
    if not isinstance(entries, list) or not entries:
        raise HookProblem(400, "“feedback” is missing or no list.")
    return [_outcome(entry) for entry in entries]


def _outcome(entry: Any) -> CardOutcome:
    if not isinstance(entry, dict):
        raise HookProblem(400, "An entry of “feedback” is no object.")
    outcome = entry.get("outcome")
    if outcome not in OUTCOMES:
        raise HookProblem(400, "“outcome” is neither accepted nor overridden.")
    code, comment = _reason(entry.get("overrideReason")) if outcome == "overridden" else ("", "")
    return CardOutcome(
        _card(entry), outcome, _at(entry), code, code if code in load("causes")["cause"] else "", comment
    )


def _card(entry: dict[str, Any]) -> UUID:
    try:
        return UUID(str(entry.get("card")))
    except ValueError:
        raise HookProblem(400, "“card” is not the uuid of a card.") from None


def _at(entry: dict[str, Any]) -> datetime:
    try:
        at = read_time(entry.get("outcomeTimestamp"))
    except ValueError as error:
        raise HookProblem(400, f"outcomeTimestamp: {error}") from None
    if at is None or at.tzinfo is None:
        raise HookProblem(400, "“outcomeTimestamp” is missing or without its time zone.")
    return at


def _reason(given: Any) -> tuple[str, str]:
    """Code and comment; the code of another list than ours says nothing here."""
    if not isinstance(given, dict):
        return "", ""
    coding = given.get("reason") if isinstance(given.get("reason"), dict) else {}
    code = word(coding.get("code")) if word(coding.get("system")) in ("", OVERRIDE) else ""
    return code[:60], word(given.get("userComment"))[:COMMENT]


@transaction.atomic
def keep(sender: Sender, outcomes: list[CardOutcome]) -> None:
    """The same again is one. Of cards that were of nobody here nothing is kept."""
    found = HookCard.objects.filter(sender=sender, uuid__in=[one.card for one in outcomes])
    cards = {card.uuid: card for card in found.select_related("patient")}
    for one in outcomes:
        card = cards.get(one.card)
        if card is None:
            continue
        _row, new = HookFeedback.objects.get_or_create(
            card=card, outcome=one.outcome, at=one.at, defaults={"reason": one.reason, "comment": one.comment}
        )
        if new and one.cause:
            keep_evidence(
                patient=card.patient,
                by=sender.user,
                cause=one.cause,
                source=sender.name,
                note=one.comment,
                at=one.at,
            )
