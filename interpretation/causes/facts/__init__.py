"""One function a cause: what of the record speaks for it and against it. Limits are in `causes.toml`.

To add a cause: a function here, an entry of `causes.toml`, a table in `tests/interpretation/test_causes.py`.
Only what is recorded or measured is ever said; what is absent speaks neither for nor against.
"""

from collections.abc import Callable, Iterator

from interpretation.causes.recorded import Recorded
from interpretation.evidence import Evidence

from . import consumption, drugs, lasting, samples, vitamin_k

FACTS: dict[str, Callable[[Recorded], Iterator[Evidence]]] = {
    "vitamin_k_deficiency": vitamin_k.deficiency,
    "vka": drugs.vitamin_k_antagonist,
    "unrecorded_antagonist": drugs.unrecorded_antagonist,
    "doac": drugs.direct_oral_anticoagulant,
    "direct_thrombin_inhibitor": drugs.direct_thrombin_inhibitor,
    "warfarin_interaction": drugs.warfarin_interaction,
    "antibiotics": drugs.antibiotics,
    "tigecycline": drugs.tigecycline,
    "nac": drugs.nac,
    "paracetamol": drugs.paracetamol,
    "dic": consumption.dic,
    "systemic": consumption.systemic,
    "congestion": lasting.congestion,
    "haemodilution": consumption.haemodilution,
    "laboratory_change": samples.laboratory_change,
    "sample_underfilled": samples.underfilled,
    "sample_haematocrit": samples.haematocrit,
    "heparin": samples.heparin,
    "analytical": samples.interference,
    "inhibitor": lasting.inhibitor,
    "factor_vii_deficiency": lasting.factor_vii_deficiency,
}
