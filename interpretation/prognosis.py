"""What published figures say of an INR, for the population they came from and nobody else. [R2]

Cirrhosis or advanced fibrosis, all in hospital, so neither a child nor somebody anticoagulated, transplanted
or pregnant. Whether somebody is in hospital is not recorded: each figure says "if this patient is".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from interpretation.record.records import ANTICOAGULANTS, Case
from interpretation.rule.comparison import TOLERANCE
from interpretation.rule.confounders import active, hard
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN

from . import knowledge
from .knowledge import limits, load
from .words import age, inr, listed, number

LIMITS = limits("dissociation").read_by(__name__, "adult_age band_cirrhosis band_fibrosis band_mortality")
load("prognosis").read_by(__name__, "population figure meaning words unmet")
# The population's disease -> the INR from which its mortality began to climb; the graver one counts.
BANDS = {"cirrhosis": LIMITS.band_cirrhosis, "advanced_fibrosis": LIMITS.band_fibrosis}
NAMES = {"cirrhosis": "cirrhosis", "advanced_fibrosis": "advanced fibrosis"}


@dataclass(frozen=True)
class Figure:
    """One sentence with a published figure; `id` is the statement of the source document it corrects."""

    id: str
    text: str
    sources: tuple[str, ...]
    draws: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prognosis:
    """`applies`: this patient is like those of the study, but for being in hospital, which nobody records.

    `unmet` names what is not like them; `words` says it in one sentence ("" where the figures apply).
    `meaning` is the general sentence (S14) that needs no population.
    """

    applies: bool
    words: str = ""
    unmet: tuple[str, ...] = ()
    meaning: Figure | None = None
    figures: tuple[Figure, ...] = ()
    population: str = ""
    provided: str = ""
    sources: tuple[str, ...] = ()


def prognosis(case: Case, found: Dissociation) -> Prognosis:
    """The figures for this patient, or why there are none."""
    data = load("prognosis")
    died = case.died_on is not None and case.died_on <= case.as_of.date()
    unmet = (data["unmet"]["died"],) if died else tuple(_unmet(case, found))
    ominous = None if died else _ominous(found)
    if unmet:
        words = data["words"]["not_derived"].format(unmet=listed(unmet, ", and "))
        return Prognosis(False, words, unmet, ominous, sources=tuple(data["words"]["sources"]))
    disease = next(kind for kind in BANDS if kind in _diseases(case, found))
    return Prognosis(
        applies=True,
        meaning=ominous,
        figures=tuple(_figures(found, disease)),
        population=data["population"]["text"],
        provided=_provided(found),
        sources=tuple(data["population"]["sources"]),
    )


def _ominous(found: Dissociation) -> Figure | None:
    """A rise of INR beside falling enzymes in one laboratory, whoever the patient is. (S14)

    Enzymes that were normal throughout have not improved.
    """
    improving = found.transaminase_state != "quiet"
    contradicted = any(cap.code == "improving" for cap in found.caps)
    if found.grade not in PATTERN or found.inr_state != "rise" or contradicted:
        return None
    if not (found.one_series and improving):
        return None
    said = knowledge.statement(load("prognosis")["meaning"]["sources"][0])
    return Figure(said.id, said.text, (said.id, *said.sources), found.draws)


def _figures(found: Dissociation, disease: str) -> Iterator[Figure]:
    rows, draws = load("prognosis")["figure"], found.draws[-1:]
    if found.inr_to is None:
        return
    latest, band = inr(found.inr_to, found.inr_signs[1]), BANDS[disease]
    reached = found.inr_to >= band - TOLERANCE
    values = {"latest": latest, "band": number(band, 1), "disease": NAMES[disease]}
    yield _figure("climbing", rows["climbing"]["text" if reached else "below"].format(**values), draws)
    if found.inr_to >= LIMITS.band_mortality - TOLERANCE:
        yield _figure("share", rows["share"]["text"].format(latest=latest), draws)
    if reached:
        yield _figure("hazard", rows["hazard"][disease], draws)


def _figure(key: str, text: str, draws: tuple[str, ...]) -> Figure:
    """Named after the statement that it corrects: the first of its sources."""
    sources = tuple(load("prognosis")["figure"][key]["sources"])
    return Figure(sources[0], text, sources, draws)


def _unmet(case: Case, found: Dissociation) -> Iterator[str]:
    """Each condition of the population that this patient does not meet."""
    words = load("prognosis")["unmet"]
    if not _diseases(case, found) & BANDS.keys():
        yield words["disease"]
    if case.birth_date is None:
        yield words["age"]
    elif age(case.birth_date, found.latest_at or case.as_of) < LIMITS.adult_age:
        yield words["child"]
    if any(e.kind == "transplant" for e in case.events):
        yield words["transplant"]
    if any(e.kind == "pregnancy" and active(e, found.latest_at or case.as_of) for e in case.events):
        yield words["pregnancy"]
    taken = [c.words for c in hard(case, case.as_of, {}) if c.key in ANTICOAGULANTS]
    if taken and found.grade != "not_interpretable":
        # The INR that is read is older than the drug, but the patient is anticoagulated today.
        yield words["anticoagulated"].format(causes="; ".join(dict.fromkeys(taken)))
    yield from _unreadable(found, words)


def _unreadable(found: Dissociation, words: dict[str, str]) -> Iterator[str]:
    """Whether the INR that would be read stands for the liver."""
    if found.grade == "not_interpretable":
        causes = "; ".join(dict.fromkeys(c.words for c in found.confounded_by))
        yield words["confounded"].format(causes=causes)
    elif found.baseline_at is None:
        yield words["unread"]
    elif found.vitamin_k is not None and found.vitamin_k.kind == "responder":
        yield words["vitamin_k"]
    elif found.attribution == "confounded":
        yield words["contributing"]
    if not found.one_series:
        yield words["two_laboratories"]


def _diseases(case: Case, found: Dissociation) -> set[str]:
    """Diagnoses that stand on the day of the draw."""
    day = (found.latest_at or case.as_of).date()
    return {d.kind for d in case.diagnoses if d.resolved_on is None or d.resolved_on > day}


def _provided(found: Dissociation) -> str:
    causes = list(dict.fromkeys(c.words for c in found.confounded_by))
    return load("prognosis")["words"]["open_causes"].format(causes="; ".join(causes)) if causes else ""
