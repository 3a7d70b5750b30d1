"""What the rule does, measured: simulated stable and worsening patients, and how often the rule speaks.

`count(...)` is the door; `manage.py characteristics` calls it for every cell. Noise: clinical.md 4.2 and 4.4 b.
"""

from .cells import CELLS, MEASURES, SimulatedCell, rule_digest
from .intervals import clustered_wilson, deviate, wilson
from .measuring import count
from .people import simulated

__all__ = [
    "CELLS",
    "MEASURES",
    "SimulatedCell",
    "clustered_wilson",
    "count",
    "deviate",
    "rule_digest",
    "simulated",
    "wilson",
]
