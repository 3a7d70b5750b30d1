""" "Could be" or "cannot be": a stored value against the cells that it is said to come from."""

import math
import re
from collections.abc import Iterable
from datetime import datetime, timezone, tzinfo
from typing import NamedTuple

from tests.fuzz.second import texts


class Claim(NamedTuple):
    """What the product made of a place: canonical numbers; `taken_at` without a zone is the sender's."""

    place: tuple
    mrn: str
    analyte: str
    value: float
    comparator: str
    taken_at: datetime
    lower: float | None = None
    upper: float | None = None
    # Of a stored value, whose time is kept in UTC and to the minute: the clinic's.
    zone: tzinfo | None = None


class Evidence(NamedTuple):
    """One way to see the cells of a place. `flags`: bounds beside the value; `limits`: where ranges stand."""

    value: str
    flags: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    # Two facts for one slot: nothing can be read from it.
    doubled: bool = False


# An INR that never clots has no number: clinical.md has it stored as above this.
_UNCLOTTABLE = 10.0


def cannot_be(claim: Claim, seen: Iterable[Evidence]) -> str:
    """Why the claim can come from none of these, "" where it can."""
    reasons: dict[str, None] = {}
    for one in seen:
        if not (reason := _against(claim, one)):
            return ""
        reasons[reason] = None
    return " / ".join(list(reasons)[:6]) or "nothing stands at that place"


def _against(claim: Claim, seen: Evidence) -> str:
    if seen.doubled:
        return "two facts for one slot"
    if not _person(claim, seen):
        return f"the number {claim.mrn!r} is not there"
    if not _moment(claim, seen):
        return f"the time {claim.taken_at} is not there"
    if claim.analyte in texts.ANALYTES and not any(texts.names_it(claim.analyte, one) for one in seen.tests):
        return f"no name of {claim.analyte}"
    factors = _factors(claim, seen)
    if not factors:
        return f"{claim.value:g} of {claim.analyte} cannot come from {seen.value!r} in {seen.units!r}"
    for limit in (claim.lower, claim.upper):
        if limit is not None and not _is_limit(limit, seen, factors | _own_units(claim, seen)):
            return f"the limit {limit:g} is not there"
    return ""


def _person(claim: Claim, seen: Evidence) -> bool:
    found = " ".join(" ".join(map(texts.plain, seen.people)).split())
    return all(texts.plain(number) in found for number in claim.mrn.split(" or "))


def _moment(claim: Claim, seen: Evidence) -> bool:
    if claim.zone is not None:
        return _stored_moment(claim, seen)
    wall = claim.taken_at.replace(tzinfo=None, microsecond=0)
    if wall not in texts.moments(seen.times):
        return False
    return claim.taken_at.tzinfo is None or claim.taken_at.utcoffset() in texts.offsets(seen.times)


def _stored_moment(claim: Claim, seen: Evidence) -> bool:
    zones = [claim.zone, *(timezone(offset) for offset in texts.offsets(seen.times))]
    walls = {claim.taken_at.astimezone(zone).replace(tzinfo=None, second=0) for zone in zones}
    return bool(walls & {moment.replace(second=0) for moment in texts.moments(seen.times)})


def _factors(claim: Claim, seen: Evidence) -> set[float]:
    """The factors by which a number of the cell becomes the value, with its bound and nothing unexplained."""
    found = set()
    for one in texts.numbers(seen.value):
        if claim.comparator not in _signs(one, seen):
            continue
        for factor in _units(claim.analyte, one.rest, seen.units):
            if math.isclose(one.value * factor, claim.value, rel_tol=1e-6, abs_tol=1e-9):
                found.add(factor)
    if claim.analyte == "INR" and (claim.comparator, claim.value) == (">", _UNCLOTTABLE):
        found |= (
            {1.0}
            if any(word in texts.plain(seen.value).lower() for word in ("clot", "coag", "max", "range"))
            else set()
        )
    return found


def _signs(one: texts.WrittenNumber, seen: Evidence) -> set[str]:
    if one.signs != {""}:
        return set(one.signs)
    beside = {sign for text in seen.flags for sign in _bound(text)}
    return beside or {""}


def _bound(text: str) -> set[str]:
    text = texts.plain(text)
    return {"≤": {"<="}, "≥": {">="}, "=<": {"<="}, "=>": {">="}}.get(
        text, {text} if text in ("<", ">", "<=", ">=") else set()
    )


def _units(analyte: str, rest: str, units: tuple[str, ...]) -> set[float]:
    """A unit in the cell must be known; else one beside it. Of what is not in the list nothing is asked."""
    if analyte not in texts.ANALYTES:
        return {1.0, 10.0, 0.1, 100.0, 0.01, 1000.0, 0.001, 2.0, 0.002}
    own = texts.without_flag(rest)
    if own and own != "%":
        return texts.unit_factors(analyte, own) | texts.unit_factors(analyte, rest)
    given = {factor for unit in units for factor in texts.unit_factors(analyte, unit)}
    return given | (texts.unit_factors(analyte, own) if own else set())


def _own_units(claim: Claim, seen: Evidence) -> set[float]:
    """Of a range with a unit of its own behind it: "0 - 35 µkat/l"."""
    if claim.analyte not in texts.ANALYTES:
        return set()
    words = [re.sub(r"^.*\d[\s)\]]*", "", texts.plain(text)) for text in seen.limits]
    return {factor for unit in words if unit for factor in texts.unit_factors(claim.analyte, unit)}


def _is_limit(limit: float, seen: Evidence, factors: set[float]) -> bool:
    for text in seen.limits:
        for token in texts.tokens(text):
            if any(
                math.isclose(abs(one) * factor, limit, rel_tol=1e-6, abs_tol=1e-9)
                for one in token
                for factor in factors
            ):
                return True
    return False
