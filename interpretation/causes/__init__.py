"""The other causes of a raised INR that a person must exclude, each with what the record says of it.

`causes.toml` has the words, limits and look-backs; `facts` has one function a cause that searches the
record for what speaks for it and against it. Evidence is filled in; the verdict is always a person's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from interpretation.causes.facts import FACTS
from interpretation.causes.recorded import Recorded, recorded
from interpretation.evidence import Evidence
from interpretation.knowledge import REVIEW, load
from interpretation.record.records import Case, Review
from interpretation.rule.reading import PreparedCase
from interpretation.vitamin_k import Trial
from interpretation.words import day

load("causes").read_by(__name__, "cause considered elsewhere")
SAID = load("causes")["elsewhere"]


@dataclass(frozen=True)
class Cause:
    """One alternate cause. `review` is a person's latest verdict, None when nobody has looked yet.

    `evidence` is what this record says, for and against; `recorded` the sentences for it: a pending cause
    with any is open. `supports` and `argues_against` are the same for every patient.
    """

    key: str
    name: str
    why: str
    supports: tuple[str, ...]
    argues_against: tuple[str, ...]
    settles: str
    sources: tuple[str, ...]
    settles_tests: tuple[str, ...] = ()
    review: Review | None = None
    verdict: str = "pending"
    recorded: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def against(self) -> tuple[Evidence, ...]:
        return tuple(evidence for evidence in self.evidence if evidence.side == "against")


def alternate_causes(case: Case, tests: tuple[Trial, ...] | None = None) -> tuple[Cause, ...]:
    """Every cause: contributing first, then pending with something for it, pending, excluded.

    Within each of these groups the clinical order of `causes.toml` is kept. [ED] `tests` are the trials of
    vitamin K, where the caller has read them already.
    """
    record = recorded(case, PreparedCase(case).trials if tests is None else tests)
    causes = [_cause(blank, record, case.latest_reviews.get(blank.key)) for blank in _known()]
    return tuple(sorted(causes, key=_rank))


@cache
def _known() -> tuple[Cause, ...]:
    """Each cause with nothing recorded and no verdict, in clinical order: the same for every patient."""
    lists = ("supports", "argues_against", "sources", "settles_tests")
    return tuple(
        Cause(key=key, **{name: tuple(value) if name in lists else value for name, value in words.items()})
        for key, row in load("causes")["cause"].items()
        for words in [{name: value for name, value in row.items() if name not in REVIEW}]
    )


def _cause(blank: Cause, record: Recorded, review: Review | None) -> Cause:
    """The cause as this record shows it; most have nothing and stay as they are."""
    found = (*FACTS[blank.key](record), *_said_of(blank.key, record.case))
    if not found and review is None:
        return blank
    found = tuple(sorted(dict.fromkeys(found), key=lambda evidence: evidence.side == "against"))
    own = {
        "review": review,
        "verdict": _verdict(blank.key, review, found),
        "recorded": tuple(evidence.text for evidence in found if evidence.side == "for"),
        "evidence": found,
    }
    return Cause(**(vars(blank) | own))


def _said_of(cause: str, case: Case) -> Iterator[Evidence]:
    """What was said of it in other systems."""
    for said in case.said:
        if said.cause == cause:
            note = f": “{said.note}”" if said.note else ""
            text = SAID["said"].format(source=said.source, day=day(said.on), note=note)
            yield Evidence("said_elsewhere", text, tuple(SAID["sources"]))


def may_be_considered(key: str) -> bool:
    """Drugs, vitamin K and the sample are asked every time: that nothing is recorded of them says nothing."""
    return key not in load("causes")["considered"]["never"]


def _verdict(key: str, review: Review | None, found: tuple[Evidence, ...]) -> str:
    """A person's, but "considered" falls as soon as the record says something for the cause."""
    if review is None:
        return "pending"
    if review.verdict == "considered" and not may_be_considered(key):
        return "pending"
    if review.verdict == "considered" and any(evidence.side == "for" for evidence in found):
        return "pending"
    return review.verdict


def _rank(cause: Cause) -> int:
    if cause.verdict == "contributing":
        return 0
    if cause.verdict == "excluded":
        return 3
    return 1 if cause.recorded else 2
