"""Why enzymes and INR may part: how each is made and cleared, the same for everybody. [clinical.md 1]"""

from collections.abc import Iterator

from interpretation.record.records import Statement
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN

from .saying import PanelSection

PANEL = PanelSection(__name__, "mechanism")
OF_ENZYMES = ("release", "clearance")
OF_INR = ("factors", "made_by_the_liver", "lost_mass", "markers")


def mechanism(d: Dissociation) -> Iterator[Statement]:
    """Only beside the pattern that they explain; leakage of enzymes only where they were raised."""
    if d.grade not in PATTERN:
        return
    if d.transaminase_state != "quiet":
        yield from map(PANEL.general, OF_ENZYMES)
    yield from map(PANEL.general, OF_INR)
