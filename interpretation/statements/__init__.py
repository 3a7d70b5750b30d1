"""Which sentences the panel shows for this patient, each with its sources and the draws it rests on.

General sentences come from statements.toml in their corrected form; what is said of the patient is put
together here from numbers of the record. [clinical.md 1, 4.2, 9]
"""

from ..dissociation import Dissociation
from ..records import Case, Statement
from .caveats import caveats, other_causes
from .meaning import meaning
from .now import now


def statements(case: Case, d: Dissociation, monitoring) -> tuple[Statement, ...]:
    """The panel's sentences in reading order: meaning, other causes, now, caveats."""
    return (
        *meaning(case, d),
        *other_causes(case, d),
        *now(case, d, monitoring),
        *caveats(case, d),
    )
