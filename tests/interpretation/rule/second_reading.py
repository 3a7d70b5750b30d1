"""The product's rule against the second reading of the same text, over seeded random cases.

Not collected while the product has the rule before revision 2026.2: named `test_second_reading.py` it runs.
More cases: `python -m tests.interpretation.compare --count 20000 --seed 1`.
"""

import pytest

from tests.interpretation.compare import differences, random_cases


@pytest.mark.parametrize("seed", range(4))
def test_product_agrees_with_second_reading_on_random_cases(seed: int) -> None:
    found = next(differences(random_cases(seed, 100)), None)
    assert found is None, found.line()
