"""Properties of the rule: no record crashes it, order never matters, older draws change nothing."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from interpretation import Case, Diagnosis, Draw, Event, Result, Review, interpret
from interpretation.record.analytes import ANALYTES
from interpretation.record.records import DIAGNOSIS_KINDS, EVENT_KINDS, VERDICTS
from interpretation.report import as_json
from interpretation.rule.dissociation import Dissociation
from interpretation.rule.grading import GRADES
from tests.interpretation.vignettes import draw

AS_OF = datetime(2026, 1, 1, tzinfo=UTC)
times = st.integers(0, 900 * 24).map(lambda hours: AS_OF - timedelta(hours=hours))
values = st.one_of(st.floats(0, 20), st.floats(0, 20000))
results = st.builds(
    Result,
    analyte=st.sampled_from(["ALT", "AST", "INR", *ANALYTES]),
    value=values,
    comparator=st.sampled_from(["", "<", ">"]),
    upper_limit=st.one_of(st.none(), st.just(0.0), st.floats(1, 100)),
)
draws = st.builds(
    Draw,
    taken_at=times,
    results=st.lists(results, max_size=5, unique_by=lambda r: r.analyte).map(tuple),
    laboratory=st.sampled_from(["", "A", "B"]),
    method=st.sampled_from(["", "point_of_care"]),
)
events = st.builds(
    Event,
    kind=st.sampled_from(EVENT_KINDS),
    started_at=times,
    ended_at=st.one_of(st.none(), times),
    label=st.sampled_from(["", "Warfarin"]),
    grade=st.one_of(st.none(), st.integers(0, 4)),
    stop_confirmed=st.booleans(),
)
dates = st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2026, 1, 1)))
cases = st.builds(
    Case,
    as_of=st.just(AS_OF),
    sex=st.sampled_from(["F", "M", ""]),
    birth_date=dates,
    draws=st.lists(draws, max_size=12).map(tuple),
    diagnoses=st.lists(st.builds(Diagnosis, st.sampled_from(DIAGNOSIS_KINDS), dates), max_size=4).map(tuple),
    events=st.lists(events, max_size=6).map(tuple),
    reviews=st.lists(
        st.builds(
            Review,
            st.sampled_from(["vka", "nac", "vitamin_k_deficiency"]),
            st.sampled_from(VERDICTS),
            times,
        ),
        max_size=3,
        unique_by=lambda review: review.on,
    ).map(tuple),
)


@given(cases)
def test_no_record_crashes_the_rule(case):
    report = interpret(case)
    assert report.dissociation.grade in GRADES
    assert report.dissociation.sentence
    assert as_json(report)["dissociation"]["grade"] == report.dissociation.grade


@given(cases, st.randoms(use_true_random=False))
def test_order_never_matters(case, shuffler):
    def shuffled(rows):
        return tuple(shuffler.sample(rows, len(rows)))

    other = replace(
        case,
        draws=shuffled(case.draws),
        events=shuffled(case.events),
        diagnoses=shuffled(case.diagnoses),
        reviews=shuffled(case.reviews),
    )
    assert interpret(other).dissociation == interpret(case).dissociation


def without_words(found: Dissociation) -> Dissociation:
    return replace(found, reasons=(), caps=(), confounded_by=())


@given(cases, st.floats(0.1, 20000), st.floats(0.5, 10))
def test_an_older_draw_outside_the_window_changes_nothing(case, alt, inr):
    """The window ends at the graded draw. Where nothing is graded, the latest INR may be one that ends no
    window (a point-of-care one, say), so the first draw of all is the end that any window can have."""
    found = interpret(case).dissociation
    if found.latest_at is None:
        return
    end = found.latest_at if found.baseline_at else min(d.taken_at for d in case.draws)
    days = (end - draw(0).taken_at).days - 549 - 3
    older = replace(draw(days, alt, alt, inr), laboratory="A")
    changed = interpret(replace(case, draws=(older, *case.draws))).dissociation
    # Paired draws are counted over the whole record: with a second one, an INR under a drug is said to be that.
    if found.grade == "not_assessable" and changed.grade == "not_interpretable":
        return
    assert changed == found


def test_an_alp_too_small_to_divide_by_gives_no_pattern_of_injury():
    drawn = Draw(AS_OF, (Result("ALT", 400.0), Result("ALP", 5e-324)))
    assert interpret(Case(as_of=AS_OF, draws=(drawn,))).scores["r_factor"].value is None


@given(cases)
def test_what_comes_later_changes_nothing(case):
    later = Draw(AS_OF + timedelta(hours=1), (Result("INR", 9.0), Result("ALT", 5.0)), "A")
    # Until when a reading holds looks forward: it is the one thing that does.
    found = interpret(replace(case, draws=(*case.draws, later)))
    assert replace(found, valid_until=None) == replace(interpret(case), valid_until=None)


def test_the_rule_does_not_slow_down_quadratically_on_equal_values():
    """Ties everywhere are the worst case of the trend; a quadratic one would take minutes here."""
    rows = tuple(draw(k / 10, 900 - k % 2, 900, 1.5 + (k % 2) / 2) for k in range(5000))
    shuffled = random.Random(1).sample(rows, len(rows))
    assert interpret(Case(as_of=AS_OF, draws=tuple(shuffled))).dissociation.grade in GRADES
