"""Which sentences the panel shows for this patient, each with its sources and the draws it rests on.

General sentences come from statements.toml in their corrected form; what is said of the patient is put
together here from numbers of the record. [clinical.md 1, 4.2, 9]
"""

from interpretation.record.records import Case, Statement
from interpretation.rule.dissociation import Dissociation

from ..corroboration import Corroboration
from ..monitoring import Checklist
from ..prognosis import Prognosis
from ..scenario import Scenario
from ..urgency import Urgency
from .caveats import caveats, other_causes
from .course import course, markers, outlook
from .meaning import meaning
from .mechanism import mechanism
from .now import now


def statements(
    case: Case,
    d: Dissociation,
    urgency: Urgency,
    monitoring: Checklist,
    scenario: Scenario,
    prognosis: Prognosis,
    corroboration: Corroboration,
) -> tuple[Statement, ...]:
    """The panel's sentences in reading order: the course, meaning, other causes, now, caveats."""
    return (
        *course(case, d, scenario),
        *meaning(case, d),
        *markers(corroboration),
        *outlook(prognosis),
        *mechanism(d),
        *other_causes(case, d),
        *now(case, d, urgency, monitoring, scenario),
        *caveats(case, d),
    )
