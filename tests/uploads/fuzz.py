"""How many inputs are tried on each reader: FUZZ_INPUTS=20000 script/test tests/uploads for a long night."""

import os

from hypothesis import HealthCheck, settings

INPUTS = int(os.environ.get("FUZZ_INPUTS", "300"))
fuzz = settings(max_examples=INPUTS, suppress_health_check=[HealthCheck.too_slow])
