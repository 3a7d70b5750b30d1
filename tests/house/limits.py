"""The limits of the house: what each says, and what finds its offenders."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.house.files import Counts
from tests.house.folders import MODULES, full_folders
from tests.house.functions import (
    ARGUMENTS,
    BRANCHES,
    DECISIONS,
    complex_functions,
    many_arguments,
    many_decisions,
    no_return_type,
)
from tests.house.layout import WIDEST, declarations_on_a_line, elements_on_a_line, long_lines
from tests.house.sources import reference_ids
from tests.house.typing_errors import typing_errors


class Limit(NamedTuple):
    says: str
    offenders: Callable[[Path], Counts]


LIMITS = {
    "long_lines": Limit(f"Lines of at most {WIDEST} letters: how many are longer.", long_lines),
    "elements_on_a_line": Limit(
        "A line of a template opens one element, those of running text apart: how many are crowded in.",
        elements_on_a_line,
    ),
    "declarations_on_a_line": Limit(
        "A line of a stylesheet has one brace or semicolon: how many are crowded in.", declarations_on_a_line
    ),
    "complex_functions": Limit(f"Complexity of at most {BRANCHES} (C901): what it is.", complex_functions),
    "many_decisions": Limit(
        f"At most {DECISIONS} decisions in a function, `and` and `or` counted: how many there are.",
        many_decisions,
    ),
    "many_arguments": Limit(f"At most {ARGUMENTS} arguments (PLR0913): how many there are.", many_arguments),
    "no_return_type": Limit("Functions outside tests say what they return: how many do not.", no_return_type),
    "reference_ids": Limit("No reference id in Python outside tests: how many there are.", reference_ids),
    "full_folders": Limit(f"At most {MODULES} modules in a folder: how many there are.", full_folders),
    "typing_errors": Limit("No error of mypy --strict in interpretation: how many there are.", typing_errors),
}
