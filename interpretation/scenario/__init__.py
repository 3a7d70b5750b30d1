"""Which course the record fits: progressive disease, acute on chronic, after acute injury, or none.

Always "most consistent with", with what speaks for and against it and what is missing. [clinical.md 5]
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..knowledge import load
from . import sentences
from .acute import causes, missing_tests, post_acute
from .congestion import congestion
from .features import Feature, acute_on_chronic, doubts, progressive, why_none
from .kinetics import Decay, decay, release
from .picture import Peak, Picture
from .rules import change_took, kind_of, outcome_of, overlay_of
from .subtype import named_subtypes

load("scenario").read_by(__name__, "sentence")

__all__ = ["Decay", "Feature", "Picture", "Scenario", "classify", "kind_of"]


@dataclass(frozen=True)
class Scenario:
    """The course that fits best.

    `kind`: "progressive_cld", "aclf", "post_acute", "undetermined" or "suppressed". `outcome`: "failing" or
    "recovering" after acute injury, "progressing" or "not_shown" in chronic disease, "" where it cannot be
    told. `overlay`: "congestion" or "". `words` is the sentence, `overlay_words` a second one. `kinetics`
    holds the decay of ALT and AST where one can be read, `kinetics_words` what they say together.
    """

    kind: str
    name: str
    words: str
    outcome: str = ""
    subtype: str = ""
    overlay: str = ""
    overlay_words: str = ""
    features: tuple[Feature, ...] = ()
    overlay_features: tuple[Feature, ...] = ()
    missing: tuple[str, ...] = ()
    kinetics: tuple[Decay, ...] = ()
    kinetics_words: str = ""
    sources: tuple[str, ...] = ()
    draws: tuple[str, ...] = ()
    # The highest ALT or AST of the 26 weeks before the draw that is read, and since.
    peak: Peak | None = None

    @property
    def speaks_for(self) -> tuple[Feature, ...]:
        return tuple(f for f in self.features if f.side == "for")

    @property
    def speaks_against(self) -> tuple[Feature, ...]:
        return tuple(f for f in self.features if f.side == "against")


def classify(p: Picture, kind: str) -> Scenario:
    """The course of this case, by the rules of clinical.md section 5 in their order; `kind` by `kind_of`."""
    overlay = overlay_of(p)
    outcome = outcome_of(p, kind)
    named = named_subtypes(p) if kind == "post_acute" else ()
    decays = _decays(p) if kind != "suppressed" else ()
    key = sentences.key_of(p, kind, outcome, overlay)
    row = load("scenario")["sentence"][key]
    readable = kind != "suppressed" and p.drawn_at is not None
    return Scenario(
        kind=kind,
        name=row["name"],
        words=sentences.sentence(p, key, named),
        outcome=outcome,
        subtype=named[0] if len(named) == 1 else "",
        overlay=overlay,
        overlay_words=sentences.overlay_words(p) if overlay else "",
        features=tuple(_features(p, kind, outcome, named, decays)) if readable else (),
        overlay_features=tuple(congestion(p)) if overlay and readable else (),
        missing=tuple(missing_tests(p, kind, named)) if readable else (),
        kinetics=decays,
        kinetics_words=release(decays),
        sources=tuple(row["sources"]),
        draws=p.found.draws,
        peak=p.peak if readable else None,
    )


def _decays(p: Picture) -> tuple[Decay, ...]:
    adult = not p.is_child
    told = {
        key: points
        for key, points in p.series.items()
        if adult or all(p.knows_limit(result) for _, result, _ in points)
    }
    found = (decay(key, points, p.case.sex) for key, points in told.items())
    return tuple(each for each in found if each)


def _features(
    p: Picture, kind: str, outcome: str, named: tuple[str, ...], decays: tuple[Decay, ...]
) -> Iterator[Feature]:
    if kind == "undetermined":
        yield from why_none(p)
        return
    if kind == "post_acute":
        yield from post_acute(p, outcome, decays)
        yield from causes(p, named)
    elif kind == "aclf":
        yield from acute_on_chronic(p, change_took(p))
    else:
        yield from progressive(p)
    yield from doubts(p)
