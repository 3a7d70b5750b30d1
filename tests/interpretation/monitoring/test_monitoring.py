"""The checklist: due states at each boundary, what satisfies an item, pauses, and the repeat."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation.monitoring import checklist
from interpretation.monitoring.due import STATES, add_months, due_state, worst
from interpretation.record.records import Case, Diagnosis, Draw, Event, Result
from interpretation.urgency import LEVELS

PANEL = ("AST", "ALT", "ALP", "GGT", "bilirubin_direct", "albumin", "platelets", "INR")
LAST = datetime(2025, 1, 10, 8, tzinfo=UTC)
AS_OF = datetime(2025, 3, 1, 8, tzinfo=UTC)


def draw(taken_at=LAST, analytes=PANEL, value=1.0, comparator=""):
    return Draw(taken_at, tuple(Result(analyte, value, comparator) for analyte in analytes))


def at(as_of=AS_OF, draws=None, level="routine", acute=False, **parts):
    draws = (draw(),) if draws is None else tuple(draws)
    return checklist(Case(as_of, draws=draws, **parts), level, acute)


def item(found, key):
    return next(item for item in (*found.items, *found.optional) if item.key == key)


MONTHS_LATER = [
    (date(2025, 1, 10), 6, date(2025, 7, 10)),
    (date(2025, 8, 31), 6, date(2026, 2, 28)),
    (date(2023, 8, 31), 6, date(2024, 2, 29)),
    (date(2025, 8, 28), 6, date(2026, 2, 28)),
    (date(2025, 12, 31), 6, date(2026, 6, 30)),
    (date(2024, 2, 29), 12, date(2025, 2, 28)),
    (date(2024, 2, 29), 6, date(2024, 8, 29)),
    (date(2025, 11, 30), 3, date(2026, 2, 28)),
    (date(2025, 12, 31), 1, date(2026, 1, 31)),
    (date(2025, 6, 15), 6, date(2025, 12, 15)),
]


@pytest.mark.parametrize(("day", "months", "later"), MONTHS_LATER)
def test_months_are_calendar_months(day, months, later):
    assert add_months(day, months) == later


# For each interval from a last test on 10 January 2025: the last day of each state.
LAST_DAYS = [
    (
        6,
        None,
        [
            ("up_to_date", (2025, 6, 9)),
            ("due_soon", (2025, 7, 9)),
            ("due", (2025, 7, 24)),
            ("overdue", (2025, 10, 10)),
        ],
    ),
    (
        12,
        None,
        [
            ("up_to_date", (2025, 11, 25)),
            ("due_soon", (2026, 1, 9)),
            ("due", (2026, 2, 9)),
            ("overdue", (2026, 7, 10)),
        ],
    ),
    (
        3,
        None,
        [
            ("up_to_date", (2025, 3, 26)),
            ("due_soon", (2025, 4, 9)),
            ("due", (2025, 4, 17)),
            ("overdue", (2025, 5, 25)),
        ],
    ),
    (
        1,
        None,
        [
            ("up_to_date", (2025, 2, 4)),
            ("due_soon", (2025, 2, 9)),
            ("due", (2025, 2, 13)),
            ("overdue", (2025, 2, 25)),
        ],
    ),
    (
        None,
        7,
        [
            ("up_to_date", (2025, 1, 15)),
            ("due_soon", (2025, 1, 16)),
            ("due", (2025, 1, 17)),
            ("overdue", (2025, 1, 20)),
        ],
    ),
]
BOUNDARIES = [
    (months, days, state, date(*last_day), following)
    for months, days, rows in LAST_DAYS
    for (state, last_day), following in zip(
        rows, [row[0] for row in rows[1:]] + ["long_overdue"], strict=True
    )
]


@pytest.mark.parametrize(("months", "days", "state", "last_day", "following"), BOUNDARIES)
def test_a_state_ends_on_its_day_and_the_next_begins_the_day_after(months, days, state, last_day, following):
    last_on = date(2025, 1, 10)
    assert due_state(last_day, last_on, months, days) == state
    assert due_state(last_day + timedelta(days=1), last_on, months, days) == following


@pytest.mark.parametrize(
    ("today", "state"),
    [
        ((2026, 2, 27), "due_soon"),
        ((2026, 2, 28), "due"),
        ((2026, 5, 28), "overdue"),
        ((2026, 5, 29), "long_overdue"),
    ],
)
def test_an_item_last_done_on_31_august_is_due_on_the_last_of_february(today, state):
    assert due_state(date(*today), date(2025, 8, 31), months=6) == state


def test_a_test_never_done_is_never_done():
    assert due_state(date(2025, 1, 10), None, months=6) == "never_done"


def test_an_interval_without_timing_is_our_mistake():
    with pytest.raises(ValueError, match="no timing for 5 months"):
        due_state(date(2025, 1, 10), date(2025, 1, 10), months=5)


def test_never_done_is_worse_than_long_overdue():
    assert worst(["up_to_date", "never_done", "long_overdue"]) == "never_done"
    assert worst(["up_to_date", "due_soon"]) == "due_soon"


def test_the_core_is_the_eight_items_of_the_source_document():
    names = [item.name for item in at().items]
    assert names == [
        "AST",
        "ALT",
        "ALP",
        "GGT",
        "Conjugated or direct bilirubin",
        "Albumin",
        "Platelets",
        "INR",
    ]


def test_an_item_carries_its_draw_dates_and_words():
    found = item(at(), "alt")
    assert (found.last_on, found.last_draw) == (date(2025, 1, 10), draw().id)
    assert (found.due_on, found.state, found.days) == (date(2025, 7, 10), "up_to_date", 131)
    assert found.words == "Last 10 Jan 2025; due 10 Jul 2025, in 131 days."
    assert found.sources == ("S17",)


WORDS = [
    (datetime(2025, 7, 9, tzinfo=UTC), 1, "due 10 Jul 2025, in 1 day."),
    (datetime(2025, 7, 10, tzinfo=UTC), 0, "due 10 Jul 2025, today."),
    (datetime(2025, 7, 11, tzinfo=UTC), -1, "due 10 Jul 2025, 1 day ago."),
    (datetime(2025, 7, 30, tzinfo=UTC), -20, "due 10 Jul 2025, 20 days ago."),
]


@pytest.mark.parametrize(("as_of", "days", "words"), WORDS)
def test_days_count_to_the_due_date(as_of, days, words):
    found = item(at(as_of), "inr")
    assert found.days == days
    assert found.words.endswith(words)


def test_a_patient_without_draws_has_eight_items_never_done():
    found = at(draws=())
    assert {(i.state, i.due_on, i.days, i.words) for i in found.items} == {
        ("never_done", None, None, "No usable result recorded.")
    }
    assert (found.state, found.complete, found.is_complete) == ("never_done", "None of the 8 recorded", False)


def test_one_missing_test_decides_the_panel():
    found = at(draws=[draw(analytes=PANEL[:-1])])
    assert (item(found, "inr").state, item(found, "alt").state) == ("never_done", "up_to_date")
    assert found.state == "never_done"


@pytest.mark.parametrize(("value", "comparator"), [(0.0, ""), (5.0, "<"), (10.0, ">"), (1.2, "")])
def test_zero_and_censored_values_satisfy_an_item(value, comparator):
    assert at(draws=[draw(value=value, comparator=comparator)]).state == "up_to_date"


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_missing_value_does_not_satisfy_an_item(value):
    assert at(draws=[draw(value=value)]).state == "never_done"


@pytest.mark.parametrize("analyte", ["bilirubin_direct", "bilirubin_conjugated"])
def test_direct_or_conjugated_bilirubin_satisfies_the_item(analyte):
    assert item(at(draws=[draw(analytes=[analyte])]), "conjugated_bilirubin").state == "up_to_date"


def test_total_bilirubin_does_not_stand_for_the_conjugated():
    assert item(at(draws=[draw(analytes=["bilirubin_total"])]), "conjugated_bilirubin").state == "never_done"


def test_a_draw_after_as_of_is_not_read():
    assert at(draws=[draw(AS_OF + timedelta(minutes=1))]).state == "never_done"
    assert at(draws=[draw(AS_OF)]).state == "up_to_date"


def test_a_flagged_sample_does_not_count_and_the_item_says_so():
    flag = Event("bad_sample", LAST, label="clotted")
    found = at(events=(flag,))
    assert found.state == "never_done"
    assert "the sample of 10 Jan 2025 is flagged as unsuitable and does not count" in item(found, "inr").words


@pytest.mark.parametrize(("minutes", "state"), [(29, "never_done"), (30, "never_done"), (31, "up_to_date")])
def test_a_flag_belongs_to_the_draw_within_half_an_hour(minutes, state):
    assert at(events=(Event("bad_sample", LAST + timedelta(minutes=minutes)),)).state == state


def test_the_date_of_a_draw_is_the_one_in_its_own_zone():
    tokyo = timezone(timedelta(hours=9))
    taken_at = datetime(2025, 1, 11, 2, tzinfo=tokyo)
    assert item(at(draws=[draw(taken_at)]), "alt").last_on == date(2025, 1, 11)


@pytest.mark.parametrize(("gap", "complete"), [(29, True), (30, True), (31, False)])
def test_the_panel_is_complete_when_all_eight_lie_within_thirty_days(gap, complete):
    draws = [draw(LAST, PANEL[:2]), draw(LAST + timedelta(days=gap), PANEL[2:])]
    assert at(draws=draws).is_complete is complete


def test_completeness_is_said_in_words():
    draws = [draw(LAST, PANEL[:6]), draw(LAST - timedelta(days=40), PANEL[6:7])]
    words = "6 of 8 within 30 days, the latest 10 Jan 2025; missing or older: Platelets, INR"
    assert at(draws=draws).complete == words
    assert at().complete == "8 of 8 within 30 days, the latest 10 Jan 2025"


@pytest.mark.parametrize(
    ("died", "paused"), [(date(2025, 2, 28), True), (date(2025, 3, 1), True), (date(2025, 3, 2), False)]
)
def test_death_pauses_the_schedule_from_its_day(died, paused):
    found = at(died_on=died, level="today")
    assert bool(found.paused) is paused
    assert (found.state == "paused") is paused
    assert (found.repeat is None) is paused


def test_a_paused_item_keeps_its_last_date_and_is_not_due():
    found = at(died_on=date(2025, 2, 1))
    assert found.paused == "Died 1 Feb 2025: nothing is due."
    inr = item(found, "inr")
    assert (inr.last_on, inr.due_on, inr.days, inr.state) == (date(2025, 1, 10), None, None, "paused")


@pytest.mark.parametrize(("hours", "state"), [(-1, "up_to_date"), (0, "never_done"), (1, "never_done")])
def test_only_draws_after_a_transplant_count(hours, state):
    found = at(events=(Event("transplant", LAST + timedelta(hours=hours)),))
    assert found.state == state
    assert found.schedule.startswith("New schedule since the liver transplant on 10 Jan 2025")


def test_a_transplant_after_as_of_changes_nothing():
    found = at(events=(Event("transplant", AS_OF + timedelta(days=1)),))
    assert (found.state, found.schedule) == ("up_to_date", "Every 6 months.")


def test_cirrhosis_before_a_transplant_is_not_the_new_liver():
    diagnoses = (Diagnosis("cirrhosis", date(2020, 1, 1)),)
    assert not at(events=(Event("transplant", LAST),), diagnoses=diagnoses).advanced


@pytest.mark.parametrize("kind", ["cirrhosis", "advanced_fibrosis", "portal_hypertension"])
def test_advanced_disease_is_named(kind):
    found = at(diagnoses=(Diagnosis(kind, date(2020, 1, 1)),))
    assert found.advanced
    assert found.who == f"Advanced liver disease recorded: {kind.replace('_', ' ')}."


@pytest.mark.parametrize(
    "diagnoses",
    [
        (),
        (Diagnosis("masld", date(2020, 1, 1)),),
        (Diagnosis("cirrhosis", date(2025, 3, 2)),),
        (Diagnosis("cirrhosis", date(2020, 1, 1), resolved_on=date(2025, 3, 1)),),
    ],
    ids=["none", "other", "noted later", "resolved"],
)
def test_without_advanced_disease_the_interval_says_whose_it_is(diagnoses):
    found = at(diagnoses=diagnoses)
    words = "Cirrhosis or advanced fibrosis is not recorded; 6 months is the interval for those."
    assert (found.advanced, found.who, found.interval_months) == (False, words, 6)


def test_cirrhosis_adds_what_meld_needs_without_changing_the_panel_state():
    found = at(diagnoses=(Diagnosis("cirrhosis"),))
    assert [i.name for i in found.optional] == ["Total bilirubin", "Creatinine", "Sodium"]
    assert {i.state for i in found.optional} == {"never_done"}
    assert found.state == "up_to_date"
    assert at().optional == ()


REMINDERS = [
    ((), (), []),
    (("cirrhosis",), (), ["ultrasound", "afp", "varices", "portal_hypertension", "yearly"]),
    (("cirrhosis",), ("ascites",), ["ultrasound", "afp", "decompensated", "yearly"]),
    (("advanced_fibrosis",), (), ["varices", "portal_hypertension"]),
    (("hepatitis_b",), (), ["ultrasound", "afp"]),
    (("hepatitis_c",), (), []),
    (("hcc",), (), ["after_hcc"]),
    (("fontan",), (), ["fontan"]),
]


@pytest.mark.parametrize(("kinds", "events", "keys"), REMINDERS)
def test_reminders_follow_the_diagnoses(kinds, events, keys):
    found = at(
        diagnoses=tuple(Diagnosis(kind) for kind in kinds), events=tuple(Event(kind, LAST) for kind in events)
    )
    assert [reminder.key for reminder in found.reminders] == keys
    assert all(r.sources and r.words.endswith("Not recorded here.") for r in found.reminders)


# Level, whether the course is acute, and from the last pair: hours until the repeat starts and is due at the latest.
REPEATS = [
    ("4_weeks", False, 28 * 24, 28 * 24),
    ("4_weeks", False, 28 * 24, 28 * 24),
    ("24_to_48_h", True, 24, 48),
    ("1_to_2_weeks", False, 7 * 24, 14 * 24),
    ("24_to_48_h", True, 24, 48),
    ("today", False, 0, 0),
    ("today", True, 6, 12),
]


@pytest.mark.parametrize(("level", "acute", "start", "end"), REPEATS)
def test_a_dissociation_asks_for_an_earlier_repeat(level, acute, start, end):
    repeat = at(LAST, level=level, acute=acute).repeat
    assert repeat.from_at == LAST + timedelta(hours=start)
    assert repeat.due_at == LAST + timedelta(hours=end)
    assert repeat.sources == ("ED",)


@pytest.mark.parametrize("acute", [False, True])
def test_without_urgency_there_is_no_repeat(acute):
    assert at(level="routine", acute=acute).repeat is None


def test_without_any_draw_there_is_nothing_to_repeat():
    assert at(draws=(), level="4_weeks", acute=False).repeat is None


# Hours after the last pair, and the state of the repeat.
REPEAT_STATES = [
    (
        "4_weeks",
        False,
        [
            (22 * 24, "up_to_date"),
            (23 * 24, "due_soon"),
            (27 * 24, "due_soon"),
            (28 * 24, "due"),
            (29 * 24, "overdue"),
            (42 * 24, "overdue"),
            (43 * 24, "long_overdue"),
        ],
    ),
    (
        "1_to_2_weeks",
        False,
        [
            (5 * 24, "up_to_date"),
            (6 * 24, "due_soon"),
            (7 * 24, "due"),
            (14 * 24, "due"),
            (15 * 24, "overdue"),
            (21 * 24, "overdue"),
            (22 * 24, "long_overdue"),
        ],
    ),
    ("today", False, [(0, "due"), (24, "overdue"), (48, "long_overdue")]),
    (
        "24_to_48_h",
        True,
        [
            (0, "due_soon"),
            (23, "due_soon"),
            (24, "due"),
            (48, "due"),
            (49, "overdue"),
            (72, "overdue"),
            (73, "long_overdue"),
        ],
    ),
    (
        "today",
        True,
        [(5, "due_soon"), (6, "due"), (12, "due"), (13, "overdue"), (18, "overdue"), (19, "long_overdue")],
    ),
]


@pytest.mark.parametrize(("level", "acute", "steps"), REPEAT_STATES)
def test_the_repeat_passes_through_its_states(level, acute, steps):
    found = [at(LAST + timedelta(hours=h), level=level, acute=acute).repeat.state for h, _ in steps]
    assert found == [state for _, state in steps]


def test_alt_ast_and_inr_take_the_earlier_date_and_the_others_keep_theirs():
    found = at(LAST + timedelta(days=20), level="1_to_2_weeks", acute=False)
    early = {i.key: (i.due_on, i.state) for i in found.items}
    for key in ("alt", "ast", "inr"):
        assert early.pop(key) == (date(2025, 1, 24), "overdue")
    assert set(early.values()) == {(date(2025, 7, 10), "up_to_date")}
    assert found.state == "overdue"


def test_an_item_due_before_the_repeat_keeps_its_own_date():
    old = draw(LAST - timedelta(days=170), ["AST"])
    found = at(LAST, draws=[old, draw(LAST, ["ALT", "INR"])], level="4_weeks", acute=False)
    assert item(found, "ast").due_on == add_months(old.taken_at.date(), 6)


def test_an_enzyme_never_measured_stays_never_done_and_gets_the_date_of_the_repeat():
    found = item(at(LAST, draws=[draw(LAST, ["ALT", "INR"])], level="4_weeks", acute=False), "ast")
    assert (found.state, found.due_on) == ("never_done", date(2025, 2, 7))


@pytest.mark.parametrize(
    ("acute", "hours", "paired"),
    [(False, 48, True), (False, 49, False), (True, 6, True), (True, 7, False)],
)
def test_the_repeat_counts_from_the_last_pair(acute, hours, paired):
    later = LAST + timedelta(hours=hours)
    draws = [draw(LAST, ["ALT", "INR"]), draw(later, ["ALT"])]
    repeat = at(later, draws=draws, level="24_to_48_h" if acute else "4_weeks", acute=acute).repeat
    window = timedelta(hours=48) if acute else timedelta(days=28)
    assert repeat.due_at == (later if paired else LAST) + window


times = st.datetimes(datetime(2022, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
analytes = st.lists(st.sampled_from((*PANEL, "creatinine", "sodium")), unique=True)
values = st.one_of(st.none(), st.floats(0, 500))
draws = st.lists(st.builds(draw, times, analytes, values, st.sampled_from(["", "<", ">"])), max_size=8)
levels = st.sampled_from(LEVELS)
acutes = st.booleans()
events = st.lists(
    st.builds(Event, st.sampled_from(["transplant", "bad_sample", "ascites", "vka"]), times), max_size=3
)


@given(draws, events, times, levels, acutes, st.randoms())
def test_the_order_of_draws_never_matters_and_nothing_fails(draws, events, as_of, level, acute, random):
    by_id = list({d.id: d for d in draws}.values())
    found = at(as_of, by_id, level, acute, events=tuple(events))
    assert len(found.items) == 8
    assert {i.state for i in found.items} <= set(STATES)
    assert all(i.last_on is None or i.last_on <= as_of.date() for i in found.items)
    random.shuffle(by_id)
    assert at(as_of, by_id, level, acute, events=tuple(events)) == found
