"""One function a cause: what of the record speaks for it and against it. Limits are in `causes.toml`.

To add a cause: an entry `[cause.KEY]` of `causes.toml`, a function `@facts("KEY")` in a module of this folder,
rows of `tests/interpretation/causes/test_causes_evidence.py`.
Only what is recorded or measured is ever said; what is absent speaks neither for nor against.
"""

import importlib
import pkgutil

from interpretation.causes.facts.register import FACTS, facts

__all__ = ["FACTS", "facts"]

# Each module registers its causes when it is imported; a new one needs no line here.
for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
