"""The product's rule against the second reading of the same text, over seeded random cases.

More cases: `python -m tests.interpretation.compare --count 20000 --seed 1`.
"""

import pytest

from tests.interpretation.compare import differences, random_cases


@pytest.mark.parametrize("seed", range(4))
def test_product_agrees_with_second_reading_on_random_cases(seed: int) -> None:
    found = next(differences(random_cases(seed, 100)), None)
    assert found is None, found.line()
