"""No sentence of the code is missing among those that were provoked."""

from pathlib import Path

import pytest

from tests.refusals.collected import sentences
from tests.refusals.unprovoked import REASONS

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture(scope="module")
def silent() -> dict[str, str]:
    """Each sentence that stands in no golden text, with its place."""
    lines = [line for path in sorted(GOLDEN.glob("*.txt")) for line in path.read_text("utf-8").splitlines()]
    return {one.text: one.place for one in sentences() if not any(map(one.is_in, lines))}


def test_every_sentence_was_provoked_or_there_is_a_reason_why_not(silent):
    assert not [f"{place}: {text}" for text, place in silent.items() if text not in REASONS]


def test_a_reason_stands_only_for_a_sentence_that_is_not_provoked(silent):
    assert not REASONS.keys() - silent.keys()
