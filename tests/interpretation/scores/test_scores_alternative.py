"""A second, slow reading of the formulas, written from clinical.md section 7 alone, in decimals.

Nothing is shared with `interpretation.scores`, only the records: it exists to disagree.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from interpretation import Case, Diagnosis, Draw, Event, Result
from interpretation.scores import scores

AT = datetime(2025, 7, 3, 8, tzinfo=UTC)


def number(low: str, high: str, places: int):
    return st.decimals(low, high, places=places, allow_nan=False)


panels = st.fixed_dictionaries(
    {
        "bilirubin": number("0.2", "45", 1),
        "inr": number("0.8", "9", 1),
        "creatinine": number("0.3", "8", 2),
        "sodium": number("115", "155", 0),
        "albumin": number("1.0", "5.2", 1),
        "age": st.integers(12, 90),
        "sex": st.sampled_from("FM"),
        "white_cells": number("0.5", "40", 1),
        "ast": number("10", "180", 0),
        "alt": number("10", "180", 0),
        "platelets": number("10", "600", 0),
    }
)


def between(value: Decimal, low: str, high: str | None = None) -> Decimal:
    value = Decimal(low) if value < Decimal(low) else value
    return Decimal(high) if high is not None and value > Decimal(high) else value


def half_up(value: Decimal, step: str = "1") -> Decimal:
    return value.quantize(Decimal(step), rounding=ROUND_HALF_UP)


def meld(p: dict) -> Decimal:
    creatinine = between(p["creatinine"], "1", "4")
    bracket = (
        Decimal("0.957") * creatinine.ln()
        + Decimal("0.378") * between(p["bilirubin"], "1").ln()
        + Decimal("1.120") * between(p["inr"], "1").ln()
        + Decimal("0.643")
    )
    return between(half_up(bracket, "0.1") * 10, "6", "40")


def meld_na(p: dict) -> Decimal:
    points = meld(p)
    if points <= 11:
        return points
    lack = 137 - between(p["sodium"], "125", "137")
    return between(half_up(points + Decimal("1.32") * lack - Decimal("0.033") * points * lack), "6", "40")


def meld_3_0(p: dict) -> Decimal:
    b = between(p["bilirubin"], "1").ln()
    c = between(p["creatinine"], "1", "3").ln()
    lack = 137 - between(p["sodium"], "125", "137")
    short = Decimal("3.5") - between(p["albumin"], "1.5", "3.5")
    points = Decimal("4.56") * b + Decimal("0.82") * lack - Decimal("0.24") * lack * b
    points += Decimal("9.09") * between(p["inr"], "1").ln() + Decimal("11.14") * c
    points += Decimal("1.85") * short - Decimal("1.83") * short * c + 6
    if p["age"] < 18 or p["sex"] == "F":
        points += Decimal("1.33")
    return between(half_up(points), "6", "40")


def meld_xi(p: dict) -> Decimal:
    points = Decimal("5.11") * between(p["bilirubin"], "1").ln()
    return half_up(points + Decimal("11.76") * between(p["creatinine"], "1").ln() + Decimal("9.44"), "0.01")


def albi(p: dict) -> Decimal:
    bilirubin = p["bilirubin"] * Decimal("17.104")
    return half_up(Decimal("0.66") * bilirubin.log10() - Decimal("0.085") * p["albumin"] * 10, "0.001")


def fib_4(p: dict) -> Decimal:
    return half_up(p["age"] * p["ast"] / (p["platelets"] * p["alt"].sqrt()), "0.001")


def clif_c_ad(p: dict) -> Decimal:
    return half_up(
        10
        * (
            Decimal("0.03") * p["age"]
            + Decimal("0.66") * p["creatinine"].ln()
            + Decimal("1.71") * p["inr"].ln()
            + Decimal("0.88") * p["white_cells"].ln()
            - Decimal("0.05") * p["sodium"]
            + 8
        ),
        "0.01",
    )


def child_pugh(p: dict) -> Decimal:
    """No ascites, no encephalopathy; bands as printed in mg/dL."""
    b, a, i = p["bilirubin"], p["albumin"], p["inr"]
    points = 2
    points += 1 if b < 2 else 2 if b <= 3 else 3
    points += 1 if a > Decimal("3.5") else 2 if a >= Decimal("2.8") else 3
    points += 1 if i < Decimal("1.7") else 2 if i <= Decimal("2.3") else 3
    return Decimal(points)


SLOW = [meld, meld_na, meld_3_0, meld_xi, albi, fib_4, clif_c_ad, child_pugh]

OF_ADULTS = [albi, fib_4, clif_c_ad, child_pugh]


def record(p: dict) -> Case:
    values = {
        "bilirubin_total": float(p["bilirubin"]) * 17.104,
        "INR": float(p["inr"]),
        "creatinine": float(p["creatinine"]) * 88.4,
        "sodium": float(p["sodium"]),
        "albumin": float(p["albumin"]) * 10,
        "white_cells": float(p["white_cells"]),
        "AST": float(p["ast"]),
        "ALT": float(p["alt"]),
        "platelets": float(p["platelets"]),
    }
    results = tuple(
        Result(key, value, upper_limit=40 if key == "ALT" else None) for key, value in values.items()
    )
    return Case(
        as_of=AT + timedelta(hours=1),
        birth_date=date(AT.year - p["age"], 1, 1),
        sex=p["sex"],
        draws=(Draw(AT, results),),
        diagnoses=(Diagnosis("cirrhosis", date(2010, 1, 1)),),
    )


@pytest.mark.parametrize("slow", SLOW, ids=lambda f: f.__name__)
@given(panels)
def test_the_product_agrees_with_the_slow_reading(slow, p):
    expected = None if slow in OF_ADULTS and p["age"] < 18 else slow(p)
    found = scores(record(p))[slow.__name__]
    if expected is None:
        assert found.reason
        return
    assume(slow is not clif_c_ad or p["creatinine"] < 2)
    assert found.value == pytest.approx(float(expected), abs=1e-6)


def peld(p: dict) -> Decimal:
    """Section 4.4 h: values below 1 count as 1."""
    points = (
        Decimal("0.480") * between(p["bilirubin"], "1").ln() + Decimal("1.857") * between(p["inr"], "1").ln()
    )
    points -= Decimal("0.687") * between(p["albumin"], "1").ln()
    points += Decimal("0.436") if p["age"] < 1 else 0
    points += Decimal("0.667") if p["growth_failure"] else 0
    return half_up(10 * points)


@given(panels, st.integers(0, 11), st.booleans())
def test_peld_agrees_with_the_slow_reading(p, age, growth_failure):
    p = p | {"age": age, "growth_failure": growth_failure}
    words = "Growth failure" if growth_failure else "No growth failure"
    note = Event("note", AT - timedelta(days=1), label=words)
    found = scores(replace(record(p), events=(note,)))["peld"]
    assert found.value == pytest.approx(float(peld(p)), abs=1e-6)
