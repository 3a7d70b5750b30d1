"""The alternate causes: what the record holds for each, whose verdict counts, and their order."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation.causes import alternate_causes
from interpretation.causes.facts import FACTS, facts
from interpretation.knowledge import load
from interpretation.record.records import Case, Diagnosis, Draw, Event, Result, Review

INR_AT = datetime(2025, 6, 15, 8, tzinfo=UTC)
AS_OF = datetime(2025, 6, 20, 8, tzinfo=UTC)
KEYS = tuple(load("causes")["cause"])


def day(number: int, hour: int = 8) -> datetime:
    """A time `number` days before (below zero) or after the latest INR."""
    return INR_AT.replace(hour=hour) + timedelta(days=number)


def inr(taken_at=INR_AT, laboratory="", method=""):
    return Draw(taken_at, (Result("INR", 1.9),), laboratory=laboratory, method=method)


def case(events=(), diagnoses=(), reviews=(), draws=None, as_of=AS_OF):
    draws = (inr(),) if draws is None else tuple(draws)
    return Case(as_of, draws=draws, events=tuple(events), diagnoses=tuple(diagnoses), reviews=tuple(reviews))


def cause(key, a_case):
    return next(cause for cause in alternate_causes(a_case) if cause.key == key)


def recorded(key, **parts):
    return cause(key, case(**parts)).recorded


def test_nothing_recorded_leaves_every_cause_pending_in_clinical_order():
    causes = alternate_causes(case())
    assert [c.key for c in causes] == list(KEYS)
    assert {(c.verdict, c.recorded, c.review) for c in causes} == {("pending", (), None)}


def test_a_patient_without_any_draw_has_the_same_list():
    assert [c.key for c in alternate_causes(case(draws=()))] == list(KEYS)


def test_every_cause_has_words_and_a_rule_for_the_record():
    assert set(FACTS) == set(KEYS)
    for each in alternate_causes(case()):
        assert each.name and each.why and each.supports and each.argues_against and each.settles
        assert each.sources


def test_one_cause_has_one_function():
    with pytest.raises(ValueError, match="cause 'vka' has facts already, in .*drugs"):
        facts("vka")(FACTS["doac"])
    assert FACTS["vka"] is not FACTS["doac"]


def test_no_sentence_calls_inr_a_bleeding_risk_or_offers_plasma_to_correct_it():
    for each in alternate_causes(case()):
        text = " ".join((each.name, each.why, each.settles, *each.supports, *each.argues_against))
        assert not re.search(
            r"bleed|haemorrhag|correct (the )?INR|give plasma|exclusively", text, re.IGNORECASE
        )


# The word of the record for each kind of event, and the cause it belongs to.
EVENT_CAUSES = [
    ("vka", "Warfarin", "vka", "Warfarin 13 Jun 2025 to 14 Jun 2025, stop not confirmed"),
    ("doac", "Rivaroxaban", "doac", "Rivaroxaban 13 Jun 2025 to 14 Jun 2025, stop not confirmed"),
    (
        "direct_thrombin_inhibitor",
        "Argatroban",
        "direct_thrombin_inhibitor",
        "Argatroban 13 Jun 2025 to 14 Jun 2025",
    ),
    ("antibiotic", "Ceftriaxone", "antibiotics", "Ceftriaxone 13 Jun 2025 to 14 Jun 2025"),
    ("tigecycline", "", "tigecycline", "Tigecycline 13 Jun 2025 to 14 Jun 2025"),
    ("nac", "", "nac", "N-acetylcysteine infusion 13 Jun 2025 to 14 Jun 2025"),
    ("interacting_drug", "Fluconazole", "warfarin_interaction", "Fluconazole 13 Jun 2025 to 14 Jun 2025"),
    ("hepatotoxic_drug", "Paracetamol", "paracetamol", "Paracetamol 13 Jun 2025 to 14 Jun 2025"),
    ("nil_by_mouth", "", "vitamin_k_deficiency", "Nil by mouth 13 Jun 2025 to 14 Jun 2025"),
    ("infection", "Pneumonia", "dic", "Pneumonia 13 Jun 2025 to 14 Jun 2025"),
    ("pregnancy", "", "dic", "Pregnancy 13 Jun 2025 to 14 Jun 2025"),
    ("dialysis", "", "heparin", "Dialysis 13 Jun 2025 to 14 Jun 2025"),
    ("red_cells", "", "haemodilution", "Red cells 13 Jun 2025 to 14 Jun 2025"),
    ("albumin_infusion", "", "haemodilution", "Albumin infusion 13 Jun 2025 to 14 Jun 2025"),
    ("plasma_exchange", "", "haemodilution", "Plasma exchange 13 Jun 2025 to 14 Jun 2025"),
]


@pytest.mark.parametrize(
    ("kind", "label", "key", "words"), EVENT_CAUSES, ids=[row[0] for row in EVENT_CAUSES]
)
def test_an_event_is_named_under_its_cause_with_its_dates(kind, label, key, words):
    event = Event(kind, day(-2), ended_at=day(-1, hour=12), label=label)
    assert recorded(key, events=[event]) == (words,)


def test_plasma_which_lowers_inr_is_no_cause_of_a_raised_one():
    event = Event("plasma", day(-2), ended_at=day(-1, hour=12))
    assert not [c.key for c in alternate_causes(case(events=[event])) if c.recorded]


DIAGNOSIS_CAUSES = [
    ("cholestasis", "vitamin_k_deficiency", "Cholestasis noted 1 Jun 2025"),
    ("pbc", "vitamin_k_deficiency", "Primary biliary cholangitis noted 1 Jun 2025"),
    ("psc", "vitamin_k_deficiency", "Primary sclerosing cholangitis noted 1 Jun 2025"),
    ("malnutrition", "vitamin_k_deficiency", "Malnutrition noted 1 Jun 2025"),
    ("sepsis", "dic", "Sepsis noted 1 Jun 2025"),
    ("sepsis", "systemic", "Sepsis noted 1 Jun 2025"),
    ("hcc", "dic", "Hepatocellular carcinoma noted 1 Jun 2025"),
    ("fontan", "congestion", "Fontan circulation noted 1 Jun 2025"),
    ("right_heart_failure", "congestion", "Right heart failure noted 1 Jun 2025"),
    ("heart_failure", "congestion", "Heart failure noted 1 Jun 2025"),
    ("lupus_anticoagulant", "inhibitor", "Lupus anticoagulant noted 1 Jun 2025"),
    ("factor_deficiency", "factor_vii_deficiency", "Clotting factor deficiency noted 1 Jun 2025"),
]


@pytest.mark.parametrize(
    ("kind", "key", "words"), DIAGNOSIS_CAUSES, ids=[f"{r[0]}-{r[1]}" for r in DIAGNOSIS_CAUSES]
)
def test_a_diagnosis_is_named_under_its_cause_with_its_date(kind, key, words):
    assert recorded(key, diagnoses=[Diagnosis(kind, date(2025, 6, 1))]) == (words,)


# Days from the end of the exposure to the INR at which it is still listed; a day more and it is not.
LOOK_BACKS = [
    ("vka", "Warfarin", False, "vka", 60),
    ("vka", "Warfarin", True, "vka", 7),
    ("vka", "Acenocoumarol", True, "vka", 3),
    ("vka", "Phenprocoumon", True, "vka", 14),
    ("vka", "", True, "vka", 14),
    ("doac", "Apixaban", False, "doac", 30),
    ("doac", "Apixaban", True, "doac", 3),
    ("direct_thrombin_inhibitor", "", False, "direct_thrombin_inhibitor", 1),
    ("antibiotic", "", False, "antibiotics", 14),
    ("tigecycline", "", False, "tigecycline", 14),
    ("nac", "", False, "nac", 2),
    ("red_cells", "", False, "haemodilution", 1),
    ("dialysis", "", False, "heparin", 1),
    ("infection", "", False, "dic", 14),
    ("nil_by_mouth", "", False, "vitamin_k_deficiency", 14),
]


@pytest.mark.parametrize(("kind", "label", "confirmed", "key", "days"), LOOK_BACKS)
def test_an_exposure_counts_up_to_the_end_of_its_look_back(kind, label, confirmed, key, days):
    def at(end):
        event = Event(kind, end - timedelta(hours=1), ended_at=end, label=label, stop_confirmed=confirmed)
        return recorded(key, events=[event])

    limit = INR_AT - timedelta(days=days)
    assert at(limit + timedelta(minutes=1))
    assert at(limit)
    assert not at(limit - timedelta(minutes=1))


def test_a_confirmed_stop_is_said():
    event = Event("vka", day(-9), ended_at=day(-5), label="Warfarin", stop_confirmed=True)
    assert recorded("vka", events=[event]) == ("Warfarin 6 Jun 2025 to 10 Jun 2025, stop confirmed",)


def test_excluding_the_drug_after_its_end_confirms_the_stop():
    event = Event("vka", day(-9), ended_at=day(-5), label="Warfarin")
    review = Review("vka", "excluded", day(-4))
    assert recorded("vka", events=[event], reviews=[review])[0].endswith("stop confirmed")


@pytest.mark.parametrize(("value", "listed"), [(0.54, False), (0.55, False), (0.56, True), (None, False)])
def test_a_haematocrit_above_the_citrate_limit_is_listed(value, listed):
    draw = Draw(INR_AT, (Result("INR", 1.9), Result("haematocrit", value)))
    words = ("Haematocrit 0.56 L/L 15 Jun 2025",) if listed else ()
    assert recorded("sample_haematocrit", draws=[draw]) == words


def test_courses_that_follow_each_other_are_one():
    parts = [(-9, -7), (-7, -5), (-4, -2)]
    events = [Event("vka", day(a), ended_at=day(b), label="Warfarin") for a, b in parts]
    assert recorded("vka", events=events) == ("Warfarin 6 Jun 2025 to 13 Jun 2025, stop not confirmed",)


def test_courses_with_a_day_between_stay_apart():
    events = [Event("vka", day(a), ended_at=day(b), label="Warfarin") for a, b in [(-9, -7), (-4, -2)]]
    assert len(recorded("vka", events=events)) == 2


def test_a_drug_without_an_end_is_still_going_on_however_long_ago_it_began():
    event = Event("vka", datetime(2019, 1, 2, tzinfo=UTC), label="Warfarin")
    assert recorded("vka", events=[event]) == ("Warfarin since 2 Jan 2019",)


def test_a_blood_product_without_an_end_is_a_moment():
    assert recorded("haemodilution", events=[Event("red_cells", day(-2))]) == ()
    assert recorded("haemodilution", events=[Event("red_cells", day(-1))]) == ("Red cells 14 Jun 2025",)


def test_an_end_after_as_of_was_not_known_yet():
    event = Event("vka", day(-3), ended_at=day(30), label="Warfarin", stop_confirmed=True)
    assert recorded("vka", events=[event]) == ("Warfarin since 12 Jun 2025",)


def test_an_exposure_that_began_after_the_latest_inr_says_so():
    event = Event("vka", day(2), label="Warfarin")
    assert recorded("vka", events=[event]) == ("Warfarin since 17 Jun 2025 (after the latest INR)",)


def test_without_an_inr_the_look_back_ends_at_as_of():
    event = Event("nac", AS_OF - timedelta(days=3), ended_at=AS_OF - timedelta(days=2))
    assert recorded("nac", events=[event], draws=())


@pytest.mark.parametrize(
    "parts",
    [
        {"events": [Event("vka", AS_OF + timedelta(minutes=1))]},
        {"diagnoses": [Diagnosis("fontan", AS_OF.date() + timedelta(days=1))]},
        {"draws": [inr(laboratory="A"), inr(AS_OF + timedelta(minutes=1), laboratory="B")]},
        {"reviews": [Review("vka", "excluded", AS_OF + timedelta(minutes=1))]},
    ],
    ids=["event", "diagnosis", "draw", "review"],
)
def test_nothing_after_as_of_is_read(parts):
    assert {(c.verdict, c.recorded) for c in alternate_causes(case(**parts))} == {("pending", ())}


def test_a_diagnosis_without_a_date_is_listed_without_one():
    assert recorded("congestion", diagnoses=[Diagnosis("fontan")]) == (
        "Fontan circulation date not recorded",
    )


@pytest.mark.parametrize(("noted", "listed"), [(-13, True), (-14, True), (-15, False), (3, True)])
def test_sepsis_passes_after_its_look_back(noted, listed):
    diagnosis = Diagnosis("sepsis", day(noted).date())
    assert bool(recorded("systemic", diagnoses=[diagnosis])) is listed


@pytest.mark.parametrize(("resolved", "listed"), [(-13, True), (-14, True), (-15, False)])
def test_a_resolved_diagnosis_passes_after_its_look_back(resolved, listed):
    diagnosis = Diagnosis("cholestasis", date(2020, 1, 1), resolved_on=day(resolved).date())
    assert bool(recorded("vitamin_k_deficiency", diagnoses=[diagnosis])) is listed


@pytest.mark.parametrize(("days", "listed"), [(4, False), (5, True), (6, True)])
def test_antibiotics_for_five_days_point_to_vitamin_k_deficiency(days, listed):
    event = Event("antibiotic", day(-8), ended_at=day(-9 + days), label="Ceftriaxone")
    words = (f"Antibiotics on {days} of the 14 days before 15 Jun 2025",) if listed else ()
    assert recorded("vitamin_k_deficiency", events=[event]) == words


def test_two_antibiotics_on_one_day_are_one_day():
    events = [Event("antibiotic", day(-3), ended_at=day(0), label=name) for name in ("A", "B")]
    assert recorded("vitamin_k_deficiency", events=events) == ()


def test_an_interacting_antibiotic_counts_beside_a_vitamin_k_antagonist_only():
    antibiotic = Event("antibiotic", day(-3), ended_at=day(-1), label="Ciprofloxacin")
    warfarin = Event("vka", day(-90), label="Warfarin")
    assert recorded("warfarin_interaction", events=[antibiotic]) == ()
    both = recorded("warfarin_interaction", events=[antibiotic, warfarin])
    assert both == ("Ciprofloxacin 12 Jun 2025 to 14 Jun 2025",)


def test_an_interacting_drug_taken_for_long_is_not_new():
    assert recorded("warfarin_interaction", events=[Event("interacting_drug", day(-15))]) == ()


def test_a_paracetamol_poisoning_is_known_by_its_code():
    diagnosis = Diagnosis("drug_induced", day(-2).date(), codes=("T39.1X1A",))
    assert recorded("paracetamol", diagnoses=[diagnosis]) == ("Paracetamol poisoning coded, 13 Jun 2025",)


SAMPLES = [
    ("underfilled", "sample_underfilled"),
    ("clotted", "sample_underfilled"),
    ("", "sample_underfilled"),
    ("line contamination", "heparin"),
    ("Haematocrit 0.60, citrate not adjusted", "sample_haematocrit"),
    ("haemolysed", "analytical"),
]


@pytest.mark.parametrize(("label", "key"), SAMPLES)
def test_a_flagged_sample_goes_to_the_cause_its_label_names(label, key):
    hits = [
        c for c in alternate_causes(case(events=[Event("bad_sample", INR_AT, label=label)])) if c.recorded
    ]
    assert [c.key for c in hits] == [key]
    assert hits[0].recorded[0].startswith("Sample flagged as unsuitable")


def test_a_sample_flagged_long_before_the_latest_inr_is_not_a_hit():
    event = Event("bad_sample", INR_AT - timedelta(days=1, minutes=1), label="underfilled")
    assert recorded("sample_underfilled", events=[event]) == ()


CHANGES = [
    (
        "two laboratories",
        inr(day(-30), "A"),
        inr(INR_AT, "B"),
        ("INR from A 16 May 2025, from B 15 Jun 2025",),
    ),
    ("one laboratory", inr(day(-30), "A"), inr(INR_AT, "a"), ()),
    ("laboratory not recorded", inr(day(-30), ""), inr(INR_AT, "B"), ()),
    (
        "point of care",
        inr(day(-30), "A"),
        inr(INR_AT, "A", "point_of_care"),
        ("INR from a method not recorded 16 May 2025, from point of care 15 Jun 2025",),
    ),
    ("change beyond 18 months", inr(day(-549), "A"), inr(INR_AT, "B"), ()),
    (
        "change at 18 months",
        inr(day(-548), "A"),
        inr(INR_AT, "B"),
        ("INR from A 15 Dec 2023, from B 15 Jun 2025",),
    ),
]


@pytest.mark.parametrize(("name", "before", "after", "words"), CHANGES, ids=[row[0] for row in CHANGES])
def test_a_change_of_laboratory_or_method_is_named(name, before, after, words):
    assert recorded("laboratory_change", draws=[before, after]) == words


def test_the_latest_review_counts_whatever_the_order():
    reviews = [Review("vka", "contributing", day(1)), Review("vka", "excluded", day(0))]
    for order in (reviews, reviews[::-1]):
        found = cause("vka", case(reviews=order))
        assert (found.verdict, found.review) == ("contributing", reviews[0])


def test_a_cause_can_be_set_back_to_pending():
    reviews = [Review("vka", "excluded", day(0)), Review("vka", "pending", day(1))]
    assert cause("vka", case(reviews=reviews)).verdict == "pending"


def test_an_exposure_never_fills_in_a_verdict():
    found = cause("vka", case(events=[Event("vka", day(-3), label="Warfarin")]))
    assert (found.verdict, found.review) == ("pending", None)


def test_contributing_comes_first_then_recorded_then_pending_then_excluded():
    reviews = [Review("vka", "excluded", day(0)), Review("inhibitor", "contributing", day(0))]
    events = [Event("vka", day(-3), label="Warfarin"), Event("nac", day(-1))]
    keys = [c.key for c in alternate_causes(case(events=events, reviews=reviews))]
    rest = [key for key in KEYS if key not in ("inhibitor", "nac", "vka")]
    assert keys == ["inhibitor", "nac", *rest, "vka"]


@given(st.permutations(range(6)))
def test_the_order_of_the_record_never_matters(order):
    events = [
        Event("vka", day(-9), ended_at=day(-7), label="Warfarin"),
        Event("vka", day(-7), ended_at=day(-5), label="Warfarin"),
        Event("red_cells", day(-1)),
        Event("antibiotic", day(-8), label="Ceftriaxone"),
        Event("antibiotic", day(-8), ended_at=day(-3), label="Metronidazole"),
        Event("nac", day(-1)),
    ]
    assert alternate_causes(case(events=[events[i] for i in order])) == alternate_causes(case(events=events))
