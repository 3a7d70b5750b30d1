"""Do albumin, platelets and bilirubin move with the verdict? Each tested by its own reference change.

Agree: albumin down, platelets down, bilirubin up, beyond expected variation, between the draws that the
verdict compares. [clinical.md 3, 9]
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from interpretation.record.records import Case, Draw, Result
from interpretation.rule.confounders import active
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.variation import beyond, known_change

from .knowledge import limits, load
from .scenario.transplant import since
from .words import day, listed, number, percent, span, value

OWN = limits("corroboration").read_by(
    __name__, "albumin_infusion_days albumin_half_life_days platelet_transfusion_days portal_platelets"
)
load("corroboration").read_by(__name__, "marker note portal")
LIMITS = limits("dissociation").read_by(__name__, "chronic_lookback_days chronic_gap_days pairing_hours")
STATES = ("agrees", "disagrees", "within", "not_measured")
ARROWS = {"up": "↑", "down": "↓", "level": "→", "": ""}


@dataclass
class Marker:
    """One test. `state` is "agrees", "disagrees", "within" (variation) or "not_measured"; `direction` "up",
    "down", "level" or ""; values in the canonical unit, changes in percent."""

    key: str
    name: str
    unit: str
    state: str
    words: str
    direction: str = ""
    first: float | None = None
    last: float | None = None
    # Comparators ("<", ">") of the first and last value; then the value is the bound.
    signs: tuple[str, str] = ("", "")
    change_pct: float | None = None
    last_on: date | None = None
    notes: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()

    @property
    def arrow(self) -> str:
        return ARROWS[self.direction]


@dataclass(frozen=True)
class Hint:
    """The hint of portal hypertension. (S18, Baveno)"""

    text: str
    sources: tuple[str, ...]
    draws: tuple[str, ...]


@dataclass(frozen=True)
class Corroboration:
    """`summary` is "2 of 3 agree, platelets not measured for 7 months"; `window` says what is compared."""

    summary: str
    window: str = ""
    markers: tuple[Marker, ...] = ()
    hint: Hint | None = None

    @property
    def draws(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(draw for marker in self.markers for draw in marker.draws))


def corroboration(case: Case, found: Dissociation, kind: str = "") -> Corroboration:
    """The three markers over the window of the verdict; `kind` is that of the scenario.

    Where the INR cannot be read they are all there is: then they are compared over the last 18 months.
    """
    transplanted_at = max((e.started_at for e in case.events if e.kind == "transplant"), default=None)
    own = since(case, transplanted_at)
    if found.latest_at is None:
        return Corroboration("Nothing to compare yet.")
    if found.baseline_at is None and found.grade != "not_interpretable":
        return Corroboration("Nothing to compare yet: no two draws can be read together.")
    markers = tuple(_marker(own, found, key, row) for key, row in load("corroboration")["marker"].items())
    return Corroboration(
        summary=_summary(markers, found),
        window=_window(found),
        markers=markers,
        hint=_portal_hint(markers, found, kind),
    )


def _window(found: Dissociation) -> str:
    if found.baseline_at is None:
        return "Over the last 18 months, since the INR cannot be read"
    return f"{day(found.baseline_at)} to {day(found.latest_at)}"


def _summary(markers: tuple[Marker, ...], found: Dissociation) -> str:
    """ "2 of 3 agree, platelets not measured for 7 months." """
    agreeing = sum(marker.state == "agrees" for marker in markers)
    missing = [marker for marker in markers if marker.state == "not_measured"]
    first, joint = f"{agreeing} of {len(markers)} {_agree(agreeing, found)}", ", "
    if len(missing) == len(markers):
        first, joint = "None of the three can be compared", ": "
    rest = [
        *_named([m for m in markers if m.state == "disagrees"], "moved the other way"),
        *_named([m for m in markers if m.state == "within"], "within expected variation"),
        *_named([m for m in missing if m.last_on is None], "never measured"),
        *(_in_short(m.words) for m in missing if m.last_on is not None),
    ]
    return f"{first}{joint}{', '.join(rest)}." if rest else f"{first}."


def _named(markers: list[Marker], words: str) -> list[str]:
    """All of them in one part; none where there are none."""
    return [f"{listed(marker.name.lower() for marker in markers)} {words}"] if markers else []


def _in_short(words: str) -> str:
    """Within a sentence, without what stands in brackets."""
    return words[:1].lower() + words[1:].split(" (")[0].rstrip(".")


def _agree(count: int, found: Dissociation) -> str:
    """With a rising INR they agree with it; without one there is nothing to agree with."""
    if found.inr_state in ("rise", "non_recovering"):
        return "agrees" if count == 1 else "agree"
    return "worsened"


# --- one marker ---

End = tuple[Result, Draw]


def _marker(case: Case, found: Dissociation, key: str, row: dict[str, Any]) -> Marker:
    first, last = _ends(case, found, key)
    if first is None or last is None or first[1] is last[1]:
        said = {"state": "not_measured", **_not_measured(case, found, key, row, last)}
    else:
        said = _compared(case, key, row, first, last)
    return Marker(key, row["name"], row["unit"], **said, sources=tuple(row["sources"]))


def _ends(case: Case, found: Dissociation, key: str) -> tuple[End | None, End | None]:
    """The results nearest to baseline and latest draw, 48 hours off at most; None where there is none."""
    reach = timedelta(hours=LIMITS.pairing_hours)
    if found.baseline_at is None:
        oldest = found.latest_at - timedelta(days=LIMITS.chronic_lookback_days)
        measured = case.measured_between(key, oldest, found.latest_at + reach)
        known: list[End] = [(result, draw) for draw, result in measured]
        return (known[0], known[-1]) if known else (None, None)
    return _end(case, key, found.baseline_at), _end(case, key, found.latest_at)


def _end(case: Case, key: str, at: datetime) -> End | None:
    result, draw = case.nearest(key, at, timedelta(hours=LIMITS.pairing_hours))
    return (result, draw) if result and draw else None


def _not_measured(
    case: Case, found: Dissociation, key: str, row: dict[str, Any], last: End | None
) -> dict[str, Any]:
    """Never, not lately, or not at the baseline: each is another gap to fill."""
    name = row["name"]
    at = next((draw.taken_at for draw, _ in reversed(case.measured(key))), None)
    if at is None:
        return {"words": f"{name} never measured."}
    if last is not None:
        level = f"{value(last[0])} {row['unit']} on {day(last[1].taken_at)}"
        where = "in these 18 months" if found.baseline_at is None else "near the two draws"
        words = f"{name} measured only once {where} ({level})."
        return {"words": words, "last_on": at.date(), "draws": (last[1].id,)}
    reach = timedelta(hours=LIMITS.pairing_hours)
    if at > found.latest_at + reach:
        words = f"{name} measured only after the compared draws ({day(at)})."
    else:
        words = f"{name} not measured for {span(case.as_of - at)} (last {day(at)})."
    return {"words": words, "last_on": at.date()}


def _compared(case: Case, key: str, row: dict[str, Any], first: End, last: End) -> dict[str, Any]:
    (a, a_draw), (b, b_draw) = first, last
    levels = f"{row['name']} {value(a)} → {value(b)} {row['unit']}"
    return {
        "first": a.value,
        "last": b.value,
        "signs": (a.comparator, b.comparator),
        "last_on": b_draw.taken_at.date(),
        "draws": (a_draw.id, b_draw.id),
        "notes": tuple(_notes(case, key, first, last)),
        **_change(key, levels, a, b, row["worse"]),
    }


def _change(key: str, levels: str, a: Result, b: Result, worse: str) -> dict[str, Any]:
    """The state of a marker that went from `a` to `b`, in words."""
    real = None if a.comparator or b.comparator else beyond(key, a.value, b.value)
    if real is None:
        return {"state": "not_measured", "words": f"{levels}: a bound or a zero cannot be compared."}
    change = (b.value / a.value - 1) * 100
    rcv = known_change(key)
    expected = percent((rcv.up if change >= 0 else rcv.down) * 100)
    if not real:
        words = f"{levels} ({percent(change)}), within expected variation ({expected})."
        return {"state": "within", "direction": "level", "change_pct": change, "words": words}
    direction = "up" if change > 0 else "down"
    state = "agrees" if direction == worse else "disagrees"
    words = f"{levels} ({percent(change)}), beyond expected variation ({expected})."
    return {"state": state, "direction": direction, "change_pct": change, "words": words}


def _notes(case: Case, key: str, first: End, last: End) -> Iterator[str]:
    """What else may have moved the value."""
    for note in NOTES.get(key, ()):
        yield from note(case, first, last)
    laboratories = [draw.laboratory.strip() for _, draw in (first, last)]
    if all(laboratories) and laboratories[0].casefold() != laboratories[1].casefold():
        words = load("corroboration")["note"]
        yield words["two_laboratories"].format(first=laboratories[0], last=laboratories[1])
        if key == "albumin":
            yield words["albumin_method"]


def _infused(case: Case, first: End, last: End) -> Iterator[str]:
    """Albumin given before the last draw, or before the first alone."""
    words = load("corroboration")["note"]
    late, early = (
        _given(case, "albumin_infusion", draw.taken_at, OWN.albumin_infusion_days)
        for _, draw in (last, first)
    )
    if late:
        yield words["albumin_infusion"].format(when=late)
    elif early:
        yield words["albumin_infusion_before"].format(when=early)


def _quick(case: Case, first: End, last: End) -> Iterator[str]:
    """A fall of albumin faster than its half-life."""
    (before, before_draw), (now, draw) = first, last
    quick = timedelta(days=OWN.albumin_half_life_days)
    if now.value < before.value and draw.taken_at - before_draw.taken_at < quick:
        words = load("corroboration")["note"]["albumin_quick"]
        yield words.format(days=number(OWN.albumin_half_life_days))


def _transfused(case: Case, first: End, last: End) -> Iterator[str]:
    ends = (
        _given(case, "platelets", draw.taken_at, OWN.platelet_transfusion_days) for _, draw in (last, first)
    )
    given = next((when for when in ends if when), "")
    if given:
        yield load("corroboration")["note"]["platelets"].format(when=given)


# What to look for beside each marker.
NOTES: dict[str, tuple[Callable[[Case, End, End], Iterator[str]], ...]] = {
    "albumin": (_infused, _quick),
    "platelets": (_transfused,),
}


def _given(case: Case, kind: str, at: datetime, days: float) -> str:
    """When it was last given before this time, within so many days; "" if it was not."""
    events = [e for e in case.events if e.kind == kind and active(e, at, timedelta(days=days))]
    return day(max(e.started_at for e in events)) if events else ""


# --- portal hypertension ---


def _portal_hint(markers: tuple[Marker, ...], found: Dissociation, kind: str) -> Hint | None:
    """Platelets fallen beyond variation with a rising INR; after acute injury they are consumed instead."""
    platelets = next(marker for marker in markers if marker.key == "platelets")
    if platelets.state != "agrees" or found.inr_state != "rise" or kind == "post_acute":
        return None
    # Portal hypertension takes months: a fall within days is consumption, bleeding, sepsis or dilution.
    if found.latest_at - found.baseline_at < timedelta(days=LIMITS.chronic_gap_days):
        return None
    words = load("corroboration")["portal"]
    low = platelets.last < OWN.portal_platelets
    baveno = words["low" if low else "kept"].format(value=number(platelets.last))
    return Hint(f"{words['text']} {baveno}", tuple(words["sources"]), platelets.draws)
