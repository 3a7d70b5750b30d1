"""How a sentence is made, and the few facts that several of them ask for."""

from functools import cache

from interpretation.record.records import Case, Statement
from interpretation.rule.dissociation import Dissociation

from .. import knowledge
from ..knowledge import limits
from ..usage import USAGE
from ..words import age

LIMITS = limits("dissociation").read_by(__name__, "adult_age")


def say(id: str, section: str, draws: tuple[str, ...] = (), text: str = "") -> Statement:
    """A sentence of statements.toml, or the patient's own sentence that rests on it."""
    words, sources = _known(id)
    return Statement(id, text or words, sources, draws, section)


def says(module: str, *, cites: str = "", **sections: str) -> None:
    """The module says these statements in these sections of the panel, and cites these sources."""
    for section, ids in sections.items():
        USAGE.says(module, section, ids.split())
    USAGE.cites(module, cites.split())


@cache
def _known(id: str) -> tuple[str, tuple[str, ...]]:
    """The sentence with its caveat, and its sources after itself."""
    known = knowledge.statement(id)
    return f"{known.text} {known.caveat}".strip(), (id, *known.sources)


def kinds(case: Case) -> set[str]:
    return {diagnosis.kind for diagnosis in case.diagnoses}


def is_child(case: Case, d: Dissociation) -> bool:
    return case.birth_date is not None and age(case.birth_date, d.latest_at or case.as_of) < LIMITS.adult_age


def is_improving(d: Dissociation) -> bool:
    """Bilirubin falls while INR rises: the other markers speak against failing. [clinical.md 4.4 f]"""
    return any(cap.code == "improving" for cap in d.caps)


def bad_sample(d: Dissociation) -> bool:
    return bool(d.confounded_by) and all(
        c.key in ("bad_sample", "sample_haematocrit") for c in d.confounded_by
    )
