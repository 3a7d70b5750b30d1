"""When a score may be given, from which values, and what is said beside it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume
from hypothesis import given as example
from hypothesis import strategies as st

from interpretation import Case, Diagnosis, Draw, Event, Result, Review, interpret
from interpretation.report import as_json
from interpretation.scores import KEYS, SPECS, acute_liver_failure, score_series, scores
from tests.interpretation.rule.test_dissociation_properties import cases

AT = datetime(2025, 7, 3, 8, tzinfo=UTC)
PANEL = {
    "ALT": 60, "AST": 70, "ALP": 100, "bilirubin_total": 51.3, "albumin": 30, "platelets": 100,
    "INR": 1.7, "creatinine": 100, "sodium": 134,
}  # fmt: skip
ORGANS = {"mean_arterial_pressure": 80, "pao2_fio2": 400, "white_cells": 8, "lactate": 1.2}
CLOTTING = {"d_dimer": 2, "PT": 20, "fibrinogen": 1.8}
UPPER = {"ALT": 40, "AST": 40, "ALP": 120, "bilirubin_total": 21, "d_dimer": 0.5, "PT": 14}
WITH_INR = [key for key, spec in SPECS.items() if spec.uses_inr]
MELD = ("meld", "meld_na", "meld_3_0")


def draw(hours: float = 0, method="", **values) -> Draw:
    """A draw so many hours after `AT`; "<5" keeps its sign, None leaves a test out."""
    results = []
    for key, value in values.items():
        if value is not None:
            number = str(value).lstrip("<>")
            sign = str(value).removesuffix(number)
            results.append(Result(key, float(number), sign, upper_limit=UPPER.get(key)))
    return Draw(AT + timedelta(hours=hours), tuple(results), "L", method)


def panel(hours: float = 0, **changes) -> Draw:
    return draw(hours, **(PANEL | changes))


def case(*draws: Draw, diagnoses=("cirrhosis",), events=(), sex="M", born=date(1970, 1, 1), **more) -> Case:
    last = max((d.taken_at for d in draws), default=AT)
    kinds = tuple(d if isinstance(d, Diagnosis) else Diagnosis(d, date(2019, 5, 1)) for d in diagnoses)
    return Case(
        **{"as_of": last + timedelta(hours=12), "sex": sex, "birth_date": born} | more,
        draws=draws, diagnoses=kinds, events=tuple(events),
    )  # fmt: skip


def found(key: str, *draws: Draw, **more):
    return scores(case(*(draws or (panel(),)), **more))[key]


def notes(key: str, *draws: Draw, **more) -> str:
    return " ".join(found(key, *draws, **more).notes)


def reason(key: str, *draws: Draw, **more) -> str:
    return found(key, *draws, **more).reason


def hours_ago(kind: str, hours: float, until: float | None = None, **more) -> Event:
    end = None if until is None else AT - timedelta(hours=until)
    return Event(kind, AT - timedelta(hours=hours), end, **more)


# --- one draw or the nearest values ---


@pytest.mark.parametrize(
    ("hours", "given"), [(0, True), (167, True), (168, True), (169, False), (-169, False)]
)
def test_values_within_seven_days_are_used(hours, given):
    score = found("meld_na", panel(sodium=None), draw(hours, sodium=134))
    assert (score.value is not None) is given
    if given:
        assert {i.name: i.taken_at for i in score.inputs}["sodium"] == AT + timedelta(hours=hours)


def test_missing_inputs_are_all_named():
    assert reason("meld_na", panel(sodium=None, creatinine=None)) == (
        "Cannot be calculated, because creatinine and sodium were not measured within 7 days of 3 Jul 2025."
    )


def test_one_missing_input_is_named():
    assert reason("fib_4", panel(platelets=None)) == (
        "Cannot be calculated, because platelets were not measured within 7 days of 3 Jul 2025."
    )
    assert reason("meld", panel(creatinine=None)).startswith(
        "Cannot be calculated, because creatinine was not measured"
    )


def test_what_was_never_measured_is_named():
    assert reason("albi", draw(INR=1.2)) == (
        "Cannot be calculated, because bilirubin and albumin were not measured."
    )


@pytest.mark.parametrize(("hours", "given"), [(-24, True), (-25, False)])
@pytest.mark.parametrize("course", ["daily draws", "acute injury"])
def test_in_an_acute_course_values_of_one_day_are_used(hours, given, course):
    others = [draw(-48, ALT=60), draw(-96, ALT=60)] if course == "daily draws" else []
    now = panel(albumin=None, ALT=60 if others else 900)
    assert (found("albi", now, draw(hours, albumin=30), *others).value is not None) is given


@pytest.mark.parametrize(("days", "given"), [(-7, True), (-8, False)])
def test_albumin_of_a_week_is_used_in_any_course(days, given):
    score = found("meld_3_0", panel(ALT=900, albumin=None), draw(24 * days, albumin=30))
    assert (score.value is not None) is given
    assert given or "albumin was not measured within 7 days of" in score.reason


def test_acute_injury_begins_above_five_times_the_limit():
    assert found("fib_4", panel(ALT=200)).value is not None
    assert "in acute injury the result would be falsely high (ALT 201 U/L" in reason("fib_4", panel(ALT=201))


def test_the_nearest_value_is_used():
    score = found("meld", panel(), draw(-30, creatinine=300), draw(30, creatinine=300))
    assert score.inputs[2].value == 100
    assert score.draws == (panel().id,)


def test_a_score_is_anchored_at_the_latest_draw_of_its_key_test():
    assert found("albi", panel(-2000), draw(0, albumin=25, bilirubin_total=90)).at == AT
    assert "7 days of 3 Jul 2025" in reason("meld", panel(-2000), draw(0, INR=1.9))


def test_a_flagged_sample_is_not_read():
    flagged = hours_ago("bad_sample", 0, label="Haemolysed")
    assert found("de_ritis", panel(-24), panel(AST=400), events=[flagged]).at == AT - timedelta(hours=24)
    assert "flagged as bad (Haemolysed)" in reason("meld", panel(-24), panel(), events=[flagged])


def test_only_draws_since_a_transplant_count():
    transplant = hours_ago("transplant", 10)
    assert "not measured" in reason("albi", panel(-24), draw(INR=1.2), events=[transplant])
    ascites = hours_ago("ascites", 999)
    assert "No ascites is recorded" in notes("child_pugh", panel(), events=[ascites, transplant])


def test_an_old_score_says_so():
    given = case(panel())
    assert "18 months" not in " ".join(scores(replace(given, as_of=AT + timedelta(days=548)))["albi"].notes)
    late = scores(replace(given, as_of=AT + timedelta(days=550)))["albi"]
    assert "more than 18 months older" in " ".join(late.notes)


# --- bounds ---


@pytest.mark.parametrize(
    ("creatinine", "used", "words"),
    [
        (88.4, 1.0, ""),
        (80, 1.0, "Creatinine 80 µmol/L counts as 1.0 mg/dL, the floor of the formula."),
        (400, 4.0, "Creatinine 400 µmol/L counts as 4.0 mg/dL, the cap of the formula."),
        (353.6, 4.0, ""),
    ],
)
def test_floor_and_cap_are_said(creatinine, used, words):
    score = found("meld", panel(creatinine=creatinine))
    assert {i.name: i.used for i in score.inputs}["creatinine"] == pytest.approx(used)
    assert (words in score.notes) if words else not any("counts as" in n for n in score.notes)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"bilirubin_total": "<5"}, False),
        ({"bilirubin_total": "<40"}, True),
        ({"creatinine": ">400"}, False),
        ({"creatinine": ">300"}, True),
        ({"INR": ">10"}, True),
    ],
)
def test_a_bound_is_said_where_it_matters(values, said):
    assert ("the bound was used" in notes("meld", panel(**values))) is said


def test_the_bound_is_named():
    assert "Bilirubin <5 µmol/L: the bound was used." in found("albi", panel(bilirubin_total="<5")).notes


def test_zero_is_a_result_but_has_no_logarithm():
    assert found("meld", panel(bilirubin_total=0)).value is not None
    assert "bilirubin is 0, which the formula cannot use" in reason("albi", panel(bilirubin_total=0))
    assert "platelets are 0" in reason("apri", panel(platelets=0))


def test_a_limit_that_was_not_sent_is_said():
    assumed = Draw(AT, (Result("AST", 96), Result("platelets", 88)))
    score = found("apri", assumed)
    assert score.value == 2.727
    assert "The laboratory sent no upper limit of AST: 40 U/L was assumed." in score.notes


def test_rounding_and_range_are_said():
    assert "Unrounded 20.00." not in notes("meld", panel())
    assert any(n.startswith("Unrounded ") for n in found("meld_3_0").notes)
    worst = panel(bilirubin_total=25 * 17.104, INR=3.5, creatinine=3.9 * 88.4)
    assert "46.00 lies outside 6 to 40, the range of the score." in found("meld", worst).notes


# --- the INR ---


@pytest.mark.parametrize("key", WITH_INR)
def test_every_score_with_inr_is_withheld_under_a_hard_confounder(key):
    warfarin = hours_ago("vka", 500, label="Warfarin")
    years = SPECS[key].under - 1 if SPECS[key].under else 55
    score = found(key, panel(**ORGANS), events=[warfarin], born=born(years))
    assert score.value is None
    assert "cannot be ascribed to the liver: Warfarin since 12 Jun 2025" in score.reason
    assert score.alternative == SPECS[key].alternative != ""


def test_scores_without_inr_are_given_on_warfarin():
    given = scores(case(panel(), events=[hours_ago("vka", 500, label="Warfarin")]))
    assert given["albi"].value is not None and given["meld_xi"].value is not None


def test_a_masked_inr_is_said():
    score = found("meld", events=[hours_ago("plasma", 3)])
    assert score.value is not None
    assert "The INR may be falsely low: plasma on 3 Jul 2025, 05:00." in score.notes


def test_a_point_of_care_inr_is_never_read():
    pocket = draw(24, method="point_of_care", INR=3.0)
    score = found("meld", panel(), pocket)
    assert score.at == AT
    assert any("point-of-care INR of 4 Jul 2025 was not used" in n for n in score.notes)
    assert "only a point-of-care INR is recorded" in reason("meld", pocket)


# --- who ---


def born(years: int) -> date:
    return date(AT.year - years, 1, 1)


@pytest.mark.parametrize("key", MELD)
@pytest.mark.parametrize(("age", "given"), [(11, False), (12, True), (17, True), (18, True)])
def test_meld_is_not_for_children_under_12(key, age, given):
    score = found(key, born=born(age))
    assert (score.value is not None) is given
    assert given or "under 12 years old" in score.reason


@pytest.mark.parametrize(
    ("age", "sex", "raw"), [(17, "M", 19.94), (17, "F", 19.94), (18, "M", 18.61), (18, "F", 19.94)]
)
def test_adolescents_have_one_constant(age, sex, raw):
    """clinical.md 7.1, row 3.0 / 1.7 / 1.0 / 134 / 2.9."""
    values = panel(bilirubin_total=3 * 17.104, INR=1.7, creatinine=88.4, sodium=134, albumin=29)
    score = found("meld_3_0", values, sex=sex, born=born(age))
    assert score.raw == pytest.approx(raw, abs=0.005)
    assert any("Age at the draw counts" in n for n in score.notes) is (age < 18)


@pytest.mark.parametrize("sex", ["", "X"])
def test_meld_3_0_needs_a_sex_it_knows(sex):
    assert "sex (female or male) is not recorded" in reason("meld_3_0", sex=sex)
    assert found("meld_3_0", sex=sex, born=born(15)).value is not None


def test_without_a_birth_date():
    assert "age is not recorded" in reason("fib_4", born=None)
    assert "read as an adult's" in notes("meld", born=None)


@pytest.mark.parametrize("key", ["fib_4", "child_pugh", "albi", "apri", "lok", "clif_c_of", "aarc"])
@pytest.mark.parametrize(("age", "given"), [(17, False), (18, True)])
def test_scores_of_adults_are_withheld_under_18(key, age, given):
    score = found(key, panel(**ORGANS), born=born(age))
    assert (score.value is not None) is given
    assert given or "the patient was under 18 years old" in score.reason


@pytest.mark.parametrize("key", ["aclf_grade", "clif_c_aclf", "clif_c_ad"])
def test_no_score_of_acute_on_chronic_failure_under_18(key):
    assert "the patient was under 18 years old" in reason(key, panel(**ORGANS), born=born(17))


NO_GROWTH, GROWTH = "No growth failure", "Growth failure, below the 3rd centile"


def note_on(label: str, days: float = 10) -> Event:
    return hours_ago("note", 24 * days, label=label)


@pytest.mark.parametrize(("age", "given"), [(0, True), (11, True), (12, False), (40, False)])
def test_peld_is_for_children_under_12(age, given):
    score = found("peld", born=born(age), events=[note_on(NO_GROWTH)])
    assert (score.value is not None) is given
    assert given or "the formula is for children under 12 years" in score.reason


def test_peld_needs_a_birth_date():
    assert "and the birth date is not recorded" in reason("peld", born=None, events=[note_on(NO_GROWTH)])


@pytest.mark.parametrize(
    ("labels", "answer"),
    [
        ([], None),
        (["Weight 12 kg"], None),
        ([GROWTH], True),
        ([NO_GROWTH], False),
        (["Growth failure: no"], False),
        (["Growth failure, not gaining weight"], True),
        (["Failure to thrive"], True),
        ([GROWTH, NO_GROWTH], False),
        ([NO_GROWTH, GROWTH], True),
    ],
)
def test_growth_failure_is_asked_for(labels, answer):
    """The latest note counts; 0.667 × 10 points lie between the answers."""
    events = [note_on(label, days=20 - number) for number, label in enumerate(labels)]
    score = found("peld", born=born(5), events=events)
    if answer is None:
        assert score.reason == (
            "Cannot be calculated, because growth failure is not recorded: enter a note “growth failure” or "
            "“no growth failure”."
        )
        return
    without = found("peld", born=born(5), events=[note_on(NO_GROWTH)]).raw
    assert score.raw - without == pytest.approx(6.67 * answer)


@pytest.mark.parametrize(("days", "given"), [(365, True), (366, False)])
def test_a_note_on_growth_holds_for_a_year(days, given):
    assert (found("peld", born=born(5), events=[note_on(GROWTH, days)]).value is not None) is given


# --- a child's limits are asked for ---


def without_limits(now: Draw) -> Draw:
    return replace(now, results=tuple(replace(result, upper_limit=None) for result in now.results))


ASKED = "the laboratory's upper limit for this age is not recorded for {}: enter it"


@pytest.mark.parametrize(
    ("key", "names"), [("r_factor", "ALT"), ("hys_law", "ALT and ALP"), ("hys_law", "ALT and ALP")]
)
def test_no_limit_of_an_adult_is_read_under_18(key, names):
    now = without_limits(panel(ALT=400))
    assert ASKED.format(names) in reason(key, now, born=born(17))
    assert found(key, now, born=born(18)).value is not None
    assert found(key, panel(ALT=400), born=born(17)).value is not None


def test_a_child_without_limits_has_acute_failure_all_the_same():
    values = {"ALT": 4000, "INR": 2.5}
    child = acute_liver_failure(case(without_limits(draw(**values)), diagnoses=(), born=born(5)))
    assert child.grade == "acute liver failure"
    assert "ALT 4000 U/L on 3 Jul 2025, the laboratory's upper limit for this age not recorded" in (
        child.criteria
    )
    few = acute_liver_failure(case(without_limits(draw(ALT=399, INR=2.5)), diagnoses=(), born=born(5)))
    assert few.grade == ""


@pytest.mark.parametrize(
    ("age", "words"), [(35, "Unreliable"), (36, ""), (64, ""), (65, "lower limit is 2.0")]
)
def test_ages_of_fib_4(age, words):
    said = notes("fib_4", born=born(age))
    assert all((part in said) is (part == words) for part in ("Unreliable", "lower limit is 2.0"))


@pytest.mark.parametrize(
    ("age", "ast", "grade"), [(64, 26.7, "indeterminate"), (65, 26.2, "low"), (65, 30.8, "indeterminate")]
)
def test_the_lower_limit_of_fib_4_from_65_years(age, ast, grade):
    """About 1.7, 1.7 and 2.002."""
    score = found("fib_4", panel(AST=ast, ALT=25, platelets=200), born=born(age))
    assert score.grade == grade


def test_hepatitis_c_has_its_own_limits_of_fib_4():
    assert "1.45 and 3.25" in notes("fib_4", diagnoses=["hepatitis_c"])


@pytest.mark.parametrize("key", [*MELD, "fib_4", "meld_xi"])
def test_not_in_pregnancy(key):
    assert "a pregnancy is recorded from 26 May 2025" in reason(key, events=[hours_ago("pregnancy", 900)])
    assert found(key, events=[hours_ago("pregnancy", 9000, until=900)]).value is not None


@pytest.mark.parametrize("key", ["fib_4", "apri", "lok"])
def test_no_fibrosis_score_in_acute_injury(key):
    assert "acute injury" in reason(key, panel(ALT=201))


def test_bilirubin_bands_of_pbc_and_psc():
    assert found("child_pugh").value == 8
    assert found("child_pugh", diagnoses=["cirrhosis", "pbc"]).value == 7
    assert "Bilirubin bands of PBC and PSC." in notes("child_pugh", diagnoses=["cirrhosis", "psc"])


def test_child_pugh_without_cirrhosis_says_so():
    assert "No cirrhosis is recorded" in notes("child_pugh", diagnoses=[])


# --- the bedside ---


@pytest.mark.parametrize(
    ("event", "points", "words"),
    [
        (None, 8, "No ascites is recorded"),
        (hours_ago("ascites", 50), 9, "Degree of ascites not recorded: counted as mild"),
        (hours_ago("ascites", 50, grade=0), 8, "No ascites is recorded"),
        (hours_ago("ascites", 50, grade=1), 9, ""),
        (hours_ago("ascites", 50, grade=2), 10, ""),
        (hours_ago("ascites", 50, grade=3), 10, ""),
        (hours_ago("ascites", 50, until=5, grade=3), 8, "No ascites is recorded"),
        (hours_ago("encephalopathy", 50), 9, "counted as grade 1 to 2"),
        (hours_ago("encephalopathy", 50, grade=2), 9, ""),
        (hours_ago("encephalopathy", 50, grade=3), 10, ""),
        (hours_ago("encephalopathy", 50, grade=0), 8, "No encephalopathy is recorded"),
        (hours_ago("encephalopathy", 24 * 91, grade=3), 8, "No encephalopathy is recorded"),
    ],
)
def test_ascites_and_encephalopathy_in_child_pugh(event, points, words):
    score = found("child_pugh", events=[event] if event else [])
    assert score.value == points
    assert words in " ".join(score.notes)


@pytest.mark.parametrize(("days", "counted"), [(7, True), (8, False)])
def test_what_began_after_the_draw(days, counted):
    event = Event("ascites", AT + timedelta(days=days), grade=2)
    score = found("child_pugh", events=[event], as_of=AT + timedelta(days=30))
    assert (score.value == 10) is counted
    assert (
        "Ascites was recorded later, on 11 Jul 2025: not counted." in " ".join(score.notes)
    ) is not counted


def test_the_latest_entry_of_encephalopathy_counts():
    events = [hours_ago("encephalopathy", 90, grade=3), hours_ago("encephalopathy", 5, grade=1)]
    assert found("child_pugh", events=events).value == 9


def test_albumin_after_an_infusion_is_said():
    near, far = hours_ago("albumin_infusion", 24 * 14), hours_ago("albumin_infusion", 24 * 15)
    assert "Albumin was infused on 19 Jun 2025" in notes("albi", events=[near])
    assert "infused" not in notes("albi", events=[far])


@pytest.mark.parametrize(
    ("events", "used"),
    [
        ([hours_ago("dialysis", 20, until=16)], False),
        ([hours_ago("dialysis", 20, until=16), hours_ago("dialysis", 68, until=64)], True),
        ([hours_ago("dialysis", 20, until=16), hours_ago("dialysis", 190, until=186)], False),
        ([hours_ago("dialysis", 2000)], True),
        ([hours_ago("dialysis", 60, until=36)], True),
        ([hours_ago("dialysis", 59, until=36)], False),
        ([hours_ago("dialysis", -1)], False),
    ],
)
def test_dialysis_in_the_week_before(events, used):
    score = found("meld", panel(creatinine=150), events=events)
    assert any("Creatinine counts as 4.0 mg/dL" in n for n in score.notes) is used


# --- organ failure ---


def test_clif_names_what_is_missing():
    assert "mean arterial pressure and PaO₂/FiO₂ were not measured within 24 hours" in reason("clif_c_of")


@pytest.mark.parametrize(
    ("label", "kind", "counts"),
    [
        ("Noradrenaline 0.1", "procedure", True),
        ("on norepinephrine", "note", True),
        ("noradrenaline stopped", "note", False),
        ("no vasopressor needed", "note", False),
        ("Paracentesis", "procedure", False),
    ],
)
def test_vasopressors_are_read_from_the_label(label, kind, counts):
    score = found("clif_c_of", panel(**ORGANS), events=[hours_ago(kind, 5, label=label)])
    assert score.value == (8 if counts else 6)
    assert ("Vasopressor counts: “" in " ".join(score.notes)) is counts


def test_with_vasopressors_no_pressure_is_needed():
    norad = hours_ago("procedure", 5, label="Noradrenaline")
    assert found("clif_c_of", panel(**ORGANS | {"mean_arterial_pressure": None}), events=[norad]).value == 8


def test_ventilation_to_protect_the_airway_is_no_failure_of_the_lungs():
    tube = hours_ago("procedure", 5, label="Intubated and ventilated")
    values = panel(**ORGANS | {"pao2_fio2": None})
    assert found("clif_c_of", values, events=[tube]).value == 8
    coma = hours_ago("encephalopathy", 5, grade=4)
    assert "PaO₂/FiO₂ was not measured" in reason("clif_c_of", values, events=[tube, coma])


@pytest.mark.parametrize("key", ["aclf_grade", "clif_c_aclf", "clif_c_ad", "aarc"])
def test_aclf_presupposes_chronic_liver_disease(key):
    assert "no chronic liver disease is recorded" in reason(key, panel(**ORGANS), diagnoses=[])


def test_clif_c_aclf_needs_aclf():
    assert "no acute-on-chronic liver failure to score" in reason("clif_c_aclf", panel(**ORGANS))


def test_clif_c_ad_is_not_for_aclf():
    kidney = panel(**ORGANS, creatinine=200)
    assert "ACLF grade 1 is present" in reason("clif_c_ad", kidney)
    open_ = panel(**(ORGANS | {"mean_arterial_pressure": None}))
    assert "Whether ACLF is present could not be judged." in notes("clif_c_ad", open_)


def test_aarc_says_whether_apasl_is_met():
    met = panel(**(ORGANS | {"bilirubin_total": 90}))
    ascites = hours_ago("ascites", 50, grade=2)
    assert "The APASL definition is met" in notes("aarc", met, events=[ascites])
    assert "The APASL definition is not met" in notes("aarc", met)


# --- clotting ---


def test_the_isth_score_needs_a_trigger():
    values = panel(**CLOTTING)
    assert "neither sepsis nor" in reason("isth_dic", values)
    septic = ["cirrhosis", Diagnosis("sepsis", AT.date())]
    score = found("isth_dic", values, diagnoses=septic)
    assert (score.value, score.grade) == (4, "not overt")
    assert any("Cirrhosis alone" in n for n in score.notes)
    past = [Diagnosis("sepsis", AT.date() - timedelta(days=15))]
    assert "neither sepsis nor" in reason("isth_dic", values, diagnoses=past)


def test_pt_points_need_the_limit_of_the_laboratory():
    values = Draw(AT, tuple(replace(r, upper_limit=None if r.analyte == "PT" else r.upper_limit)
                            for r in panel(**CLOTTING).results))  # fmt: skip
    text = reason("isth_dic", values, diagnoses=["hcc"])
    assert text == "Cannot be calculated, because the laboratory sent no upper limit of prothrombin time."


def test_pt_on_warfarin_is_said_in_the_isth_score():
    warfarin = hours_ago("vka", 500, label="Warfarin")
    assert "its points may not be consumption" in notes(
        "isth_dic", panel(**CLOTTING), diagnoses=["hcc"], events=[warfarin]
    )


# --- injury ---


def test_r_factor_is_read_at_the_onset():
    draws = [
        panel(24 * d, ALT=alt, ALP=alp)
        for d, alt, alp in [(0, 60, 90), (5, 240, 100), (9, 900, 300), (20, 90, 400)]
    ]
    score = found("r_factor", *draws, diagnoses=[])
    assert score.at == AT + timedelta(days=5)
    assert score.value == 7.2
    assert "no steady baseline can be told" in " ".join(score.notes)


def test_r_factor_against_a_raised_baseline():
    before = [panel(-24 * d, ALT=80, ALP=100) for d in (60, 200)]
    score = found("r_factor", *before, panel(ALT=240, ALP=120), diagnoses=[])
    assert score.value == 3.0
    assert "compared with the mean before the onset (80 U/L)" in " ".join(score.notes)


@pytest.mark.parametrize(("alt", "given"), [(119, False), (120, True)])
def test_an_injury_begins_at_three_times_the_limit(alt, given):
    assert (found("r_factor", panel(ALT=alt)).value is not None) is given


@pytest.mark.parametrize(
    ("values", "grade"),
    [
        ({"ALT": 120, "bilirubin_total": 42, "ALP": 239}, "yes"),
        ({"ALT": 119, "AST": 119, "bilirubin_total": 42, "ALP": 239}, "no"),
        ({"ALT": 60, "AST": 120, "bilirubin_total": 42, "ALP": 239}, "yes"),
        ({"ALT": 120, "bilirubin_total": 41, "ALP": 239}, "no"),
        ({"ALT": 120, "bilirubin_total": 42, "ALP": 240}, "no"),
    ],
)
def test_hys_law_at_its_limits(values, grade):
    assert found("hys_law", panel(**values)).grade == grade


def test_hys_law_takes_the_bilirubin_that_follows():
    draws = [panel(ALT=400, bilirubin_total=20), panel(24 * 29, ALT=90, bilirubin_total=80)]
    assert found("hys_law", *draws).grade == "yes"
    later = [panel(ALT=400, bilirubin_total=20), panel(24 * 31, ALT=90, bilirubin_total=80)]
    assert found("hys_law", *later).grade == "no"


def test_hys_law_says_when_no_drug_is_recorded():
    assert "No drug-induced injury" in notes("hys_law", panel(ALT=400))
    assert "No drug-induced injury" not in notes("hys_law", panel(ALT=400), diagnoses=["drug_induced"])
    drug = hours_ago("hepatotoxic_drug", 24 * 60, until=24 * 20)
    assert "No drug-induced injury" not in notes("hys_law", panel(ALT=400), events=[drug])
    assert "No drug-induced injury" not in notes("hys_law", panel())


def test_a_high_inr_is_said_beside_hys_law():
    assert "INR 1.7: DILIN severity at least grade 2" in notes("hys_law", panel(ALT=400))
    warfarin = hours_ago("vka", 500)
    assert "DILIN" not in notes("hys_law", panel(ALT=400), events=[warfarin])


# --- acute liver failure ---


ILL = {"ALT": 4000, "AST": 3000, "INR": 3.8}


def failure(*, diagnoses=(), events=(), born=date(1981, 1, 1), **values):
    return acute_liver_failure(case(panel(**(ILL | values)), diagnoses=diagnoses, events=events, born=born))


def test_acute_liver_failure():
    confused = hours_ago("encephalopathy", 5, grade=2)
    assert failure(events=[confused]).grade == "acute liver failure"
    assert failure().grade == "severe acute liver injury"
    assert failure(INR=1.4, events=[confused]).grade == ""
    assert failure(events=[confused], diagnoses=["cirrhosis"]).grade == ""
    assert failure(ALT=300, AST=300, events=[confused]).grade == ""
    assert failure(events=[confused, hours_ago("vka", 99)]).grade == ""
    assert acute_liver_failure(Case(as_of=AT)).grade == ""


def test_acute_liver_failure_in_children():
    assert failure(born=born(8)).grade == "acute liver failure"
    assert failure(born=born(8), INR=1.9).grade == "severe acute liver injury"
    assert failure(born=born(8), diagnoses=["wilson"]).grade == ""


@pytest.mark.parametrize(
    ("days", "tempo"), [(7, "hyperacute"), (8, "acute"), (28, "acute"), (29, "subacute")]
)
def test_tempo_of_acute_failure(days, tempo):
    jaundiced = draw(-24 * days - 1, bilirubin_total=60)
    confused = hours_ago("encephalopathy", 1, grade=1)
    given = case(jaundiced, panel(**ILL), diagnoses=[], events=[confused])
    assert acute_liver_failure(given).tempo == tempo


def test_the_inr_of_acute_failure_is_compared_with_acg():
    """INR 1.5 is enough here; ACG 2023 asks for more than that. The definition for children is another one."""
    values = {"ALT": 2000, "INR": 1.5, "bilirubin_total": 100}
    brain = [hours_ago("encephalopathy", 1, grade=1)]
    for born, said in ((date(1981, 1, 1), True), (date(2012, 1, 1), False)):
        text = notes("kings_college", draw(**values), diagnoses=(), events=brain, born=born)
        assert ("read here from INR 1.5; ACG 2023 asks for more than 1.5." in text) is said


def test_kings_college_is_for_acute_failure_only():
    assert "the criteria are for acute liver failure" in reason("kings_college")


def test_kings_college_says_what_is_met_and_what_is_open():
    confused = hours_ago("encephalopathy", 5, grade=2)
    score = found("kings_college", panel(**ILL), diagnoses=[], events=[confused], born=born(44))
    assert (score.value, score.grade) == (2, "not met")
    said = " ".join(score.notes)
    assert "Met: age under 10 or over 40; INR above 3.5." in said
    assert "Not judged: unfavourable cause (drug, halothane, seronegative); more than 7 days" in said
    assert "Acute liver failure: INR 3.8 on 3 Jul 2025, encephalopathy grade 2 since 3 Jul 2025" in said


def test_kings_college_after_paracetamol_is_recognised():
    events = [
        hours_ago("hepatotoxic_drug", 50, label="Acetaminophen 20 g"),
        hours_ago("encephalopathy", 5, grade=3),
    ]
    values = panel(ALT=9000, AST=9000, INR=7.1, creatinine=320, arterial_ph=7.36)
    score = found("kings_college", values, diagnoses=[], events=events)
    assert (score.value, score.grade) == (3, "met")
    coded = Diagnosis("acute_liver_injury", AT.date(), codes=("T39.1X1A",))
    assert found("kings_college", values, diagnoses=[coded], events=events[1:]).grade == "met"


# --- over time ---


def test_a_series_has_one_point_a_draw():
    draws = [panel(24 * 30 * n, INR=1.2 + n / 10) for n in range(5)]
    points = score_series(case(*draws, draw(24 * 300, ALT=50)), "meld")
    assert [at for at, _ in points] == [d.taken_at for d in draws]
    assert [score.value for _, score in points] == sorted(score.value for _, score in points)


def test_a_series_keeps_the_latest_200():
    draws = [panel(24 * n) for n in range(210)]
    points = score_series(case(*draws), "albi")
    assert len(points) == 200 and points[-1][0] == draws[-1].taken_at


def test_a_series_knows_each_draws_own_confounders():
    draws = [panel(0), panel(24 * 100), panel(24 * 300)]
    course = Event("vka", AT + timedelta(days=90), AT + timedelta(days=110), "Warfarin", stop_confirmed=True)
    given = case(*draws, events=[course])
    assert [bool(score.reason) for _, score in score_series(given, "meld")] == [False, True, False]


# --- properties ---


@example(cases)
def test_no_record_crashes_the_scores(given):
    found = scores(given)
    assert tuple(found) == KEYS
    for score in found.values():
        assert bool(score.reason) is (score.value is None)
        assert all(note == note.strip() and "{" not in note for note in score.notes)
    as_json(interpret(given))


@example(cases, st.sampled_from(KEYS))
def test_no_record_crashes_a_series(given, key):
    assert all(at <= given.as_of for at, _ in score_series(given, key))


@example(cases, st.randoms())
def test_the_order_of_draws_and_events_never_matters(given, random):
    draws, events = list(given.draws), list(given.events)
    assume(len({d.taken_at for d in draws}) == len(draws))
    random.shuffle(draws)
    random.shuffle(events)
    shuffled = replace(given, draws=tuple(draws), events=tuple(events))
    assert interpret(shuffled).scores == interpret(given).scores


def test_a_review_that_confirms_a_stop_gives_the_score_back():
    stopped = hours_ago("vka", 2000, until=24 * 9, label="Warfarin")
    assert reason("meld", events=[stopped])
    review = Review("vka", "excluded", AT - timedelta(days=1))
    assert found("meld", events=[stopped], reviews=(review,)).value is not None
