"""The sentences of the source document that fit the course, its outlook, its markers. [clinical.md 1, 5]"""

from collections.abc import Iterator

from interpretation.record.records import Case, Statement
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import PATTERN

from ..corroboration import Corroboration
from ..prognosis import Prognosis
from ..scenario import Scenario
from .saying import LIMITS, PanelSection, kinds

PANEL = PanelSection(__name__, "scenario")
MARKERS = PanelSection(__name__, "corroboration")

LIMITS.read_by(__name__, "band_upper_normal")


def course(case: Case, d: Dissociation, scenario: Scenario) -> Iterator[Statement]:
    """What is known of the scenario; chronic dysfunction where the pattern fits none."""
    draws = d.draws
    if scenario.kind == "progressive_cld" and scenario.outcome == "progressing" and d.inr_state == "rise":
        yield PANEL.general("cirrhosis", draws)
    elif scenario.kind == "aclf" and d.inr_state in ("rise", "non_recovering"):
        yield PANEL.general("acute_on_chronic", draws)
    elif scenario.kind == "post_acute" and scenario.outcome == "failing":
        yield PANEL.general("after_injury", draws)
    elif scenario.kind == "undetermined" and d.grade in PATTERN and not scenario.overlay:
        yield PANEL.general("chronic_dysfunction", draws)
    if _fibrotic_hepatitis_c(case, d, scenario):
        yield PANEL.general("hepatitis_c", draws[-1:])
    if scenario.overlay:
        yield PANEL.general("congestion")


def _fibrotic_hepatitis_c(case: Case, d: Dissociation, scenario: Scenario) -> bool:
    """Hepatitis C with stage III or IV fibrosis and a raised INR that can be read, enzymes not marked."""
    found = kinds(case)
    staged = "hepatitis_c" in found and bool(found & {"advanced_fibrosis", "cirrhosis"})
    raised = d.baseline_at is not None and d.inr_to is not None and d.inr_to > LIMITS.band_upper_normal + 1e-9
    mild = scenario.kind in ("progressive_cld", "undetermined")
    return (
        staged and raised and mild and "progressive_cld.peak_high" not in {f.key for f in scenario.features}
    )


def outlook(prognosis: Prognosis) -> Iterator[Statement]:
    """The figures that apply to this patient; why none do is said by the prognosis itself."""
    figures = (prognosis.meaning, *prognosis.figures)
    for figure in filter(None, figures):
        yield Statement(figure.id, figure.text, figure.sources, figure.draws, "prognosis")


def markers(corroboration: Corroboration) -> Iterator[Statement]:
    hint = corroboration.hint
    if hint:
        yield Statement(MARKERS.id("platelets"), hint.text, hint.sources, hint.draws, MARKERS.section)
