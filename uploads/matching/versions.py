"""Versions of one result: what the laboratory's status does to what is stored.

Only where the laboratory says so (`declared`): a status in a message. Whatever it leaves open is for a
person, and what a person of this clinic typed or corrected is never replaced without one.
"""

from dataclasses import dataclass

from patients.values.validation import CheckedResult
from uploads.importers.records import LabRow
from uploads.matching.record_view import KnownResult

TAKE, KEEP, ASK = "take", "keep", "ask"
PRELIMINARY, CORRECTED = "preliminary", "corrected"
# A final result is more than its preliminary one, a correction more than what it corrects.
STATUS_RANK = {PRELIMINARY: 0, "final": 1, CORRECTED: 2}


@dataclass(frozen=True)
class Verdict:
    """`text` says on the preview what happens; `old_why` is kept with the version that is replaced."""

    does: str
    text: str = ""
    old_why: str = ""


def _is_older(reading: CheckedResult, known: KnownResult) -> bool:
    """Whether the laboratory said it before what is known (OBR-22, else MSH-7; a report's or column's time):
    messages may come in another order than they were sent."""
    return bool(reading.verified_at and known.verified_at and reading.verified_at < known.verified_at)


def _older(reading: CheckedResult, known: KnownResult) -> Verdict:
    """What is more by its status is never the older one: then the two times are not of one kind."""
    if STATUS_RANK.get(reading.status, 1) > STATUS_RANK.get(known.status, 1):
        return Verdict(ASK)
    return Verdict(KEEP, "An older version: the record holds a later one.")


def verdict(item: LabRow, reading: CheckedResult, known: KnownResult) -> Verdict:
    """What a result does to the `known` one that counts in its place."""
    if not item.declared or known.by_person:
        return Verdict(ASK)
    if _is_older(reading, known):
        return _older(reading, known)
    if reading.status == PRELIMINARY:
        if known.status == PRELIMINARY:
            return Verdict(
                TAKE, f"Replaces the preliminary {known.shown}.", "Replaced by a later preliminary"
            )
        return Verdict(KEEP, "Preliminary: the record holds the final result.")
    if known.status == PRELIMINARY:
        return Verdict(
            TAKE, f"Final: replaces the preliminary {known.shown}.", "Replaced by the final result"
        )
    if reading.status == CORRECTED:
        return Verdict(TAKE, f"Corrected by the laboratory: replaces {known.shown}.", "Corrected")
    if known.status != CORRECTED and item.order and item.order == known.order:
        text = f"Sent again for the same order with another value: replaces {known.shown}."
        return Verdict(TAKE, text, "Replaced by the laboratory")
    return Verdict(ASK)


def confirms(item: LabRow, reading: CheckedResult, known: KnownResult) -> bool:
    """Whether an equal value still says something new: that the preliminary one is final, or the withdrawn
    one right after all."""
    if not item.declared or reading.status == PRELIMINARY:
        return False
    if known.counts:
        return known.status == PRELIMINARY
    return reading.status == CORRECTED
