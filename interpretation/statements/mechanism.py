"""Why enzymes and INR may part: how each is made and cleared, the same for everybody. [clinical.md 1]"""

from collections.abc import Iterator

from interpretation.record.records import Statement
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN

from .saying import say, says

says(__name__, mechanism="S3 S4 S5 S6 S16 S7")


def mechanism(d: Dissociation) -> Iterator[Statement]:
    """Only beside the pattern that they explain; leakage of enzymes only where they were raised."""
    if d.grade not in PATTERN:
        return
    if d.transaminase_state != "quiet":
        yield say("S3", "mechanism")
        yield say("S4", "mechanism")
    for id in ("S5", "S6", "S16", "S7"):
        yield say(id, "mechanism")
