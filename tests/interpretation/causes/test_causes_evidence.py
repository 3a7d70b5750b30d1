"""What results and dates say for and against each cause: below, at and above each limit, and missing.

A row is (name, what the record holds, the codes expected for the cause, as {"+code", "-code"}).
"""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interpretation import interpret
from interpretation.causes import alternate_causes
from interpretation.causes.facts import FACTS
from interpretation.record.records import Case, Diagnosis, Draw, Event, Result
from tests.interpretation.rule.test_dissociation_properties import cases

INR_AT = datetime(2025, 6, 15, 8, tzinfo=UTC)
NOTHING: set[str] = set()


def at(days: float) -> datetime:
    return INR_AT + timedelta(days=days)


def draw(days=0.0, laboratory="L", method="", **values) -> Draw:
    """Values in canonical units; (value, upper limit); "<5" and ">5" are bounds."""
    return Draw(at(days), tuple(_result(k, v) for k, v in values.items()), laboratory, method)


def _result(key: str, given) -> Result:
    value, upper = given if isinstance(given, tuple) else (given, None)
    sign = str(value)[:1] if str(value)[:1] in "<>" else ""
    return Result(key, float(str(value).lstrip("<>")), sign, upper_limit=upper)


def latest(**values) -> Draw:
    return draw(0, **({"INR": 1.9} | values))


def case(*draws: Draw, events=(), diagnoses=()) -> Case:
    return Case(at(0.5), draws=draws or (latest(),), events=tuple(events), diagnoses=tuple(diagnoses))


def evidence(key: str, given: Case):
    return next(cause for cause in alternate_causes(given) if cause.key == key).evidence


def codes(key: str, given: Case) -> set[str]:
    found = evidence(key, given)
    return {("+" if e.side == "for" else "-") + e.code for e in found if e.code != "recorded"}


def icd(kind: str, code: str) -> Diagnosis:
    return Diagnosis(kind, date(2025, 6, 10), codes=(code,))


def on(kind: str, first: float, last: float | None = None, label: str = "", **more) -> Event:
    return Event(kind, at(first), None if last is None else at(last), label, **more)


def dose(days: float, **more) -> Event:
    return Event("vitamin_k", at(days), route="iv", **more)


VITAMIN_K = [
    ("nothing measured", case(), NOTHING),
    ("V 70 and VII 49", case(latest(factor_v=70, factor_vii=49)), {"+factor_pattern"}),
    ("V 69 and VII 49", case(latest(factor_v=69, factor_vii=49)), NOTHING),
    ("V 70 and VII 50", case(latest(factor_v=70, factor_vii=50)), NOTHING),
    ("V 70 without VII", case(latest(factor_v=70)), NOTHING),
    ("V 50", case(latest(factor_v=50)), NOTHING),
    ("V 49", case(latest(factor_v=49)), {"-factor_v_low"}),
    ("V at most 50", case(latest(factor_v="<50")), {"-factor_v_low"}),
    ("V above 40 tells nothing", case(latest(factor_v=">40")), NOTHING),
    ("V low eight days before", case(latest(), draw(-8, factor_v=20)), NOTHING),
    ("V low seven days before", case(latest(), draw(-7, factor_v=20)), {"-factor_v_low"}),
    ("R 2.0", case(latest(ALT=(160, 40), ALP=(240, 120))), {"+cholestatic_r"}),
    ("R 2.1", case(latest(ALT=(168, 40), ALP=(240, 120))), NOTHING),
    ("R below 2 with normal ALP", case(latest(ALT=(40, 40), ALP=(120, 120))), NOTHING),
    ("ALP 1.5 and direct 34", case(latest(ALP=(180, 120), bilirubin_direct=34)), {"+cholestasis_tests"}),
    (
        "ALP 1.5 and conjugated 34",
        case(latest(ALP=(180, 120), bilirubin_conjugated=34)),
        {"+cholestasis_tests"},
    ),
    ("ALP 1.49", case(latest(ALP=(178, 120), bilirubin_direct=34)), NOTHING),
    ("direct 33", case(latest(ALP=(180, 120), bilirubin_direct=33)), NOTHING),
    ("ALP two days before", case(latest(), draw(-2, ALP=(240, 120), ALT=(40, 40))), {"+cholestatic_r"}),
    ("ALP three days before", case(latest(), draw(-3, ALP=(240, 120), ALT=(40, 40))), NOTHING),
    ("responder", case(latest(INR=2.1), draw(-2, INR=3.0), events=[dose(-1.9)]), {"+vitamin_k_responder"}),
    ("partial", case(latest(INR=2.7), draw(-2, INR=3.0), events=[dose(-1.9)]), {"+vitamin_k_partial"}),
    (
        "no response",
        case(latest(INR=2.8), draw(-2, INR=3.0), events=[dose(-1.9)]),
        {"-vitamin_k_non_responder"},
    ),
    ("dose without INR before", case(latest(INR=2.8), events=[dose(-1.9)]), NOTHING),
    (
        "answer 15 days ago",
        case(latest(), draw(-13, INR=2.8), draw(-15, INR=3.0), events=[dose(-14.9)]),
        NOTHING,
    ),
]
BEFORE = {"ALP": 120, "albumin": 40, "platelets": 240}
HALF = {"ALP": 60, "albumin": 20, "platelets": 120}
HALVED = [
    ("all three halved", case(latest(**HALF), draw(-6.9, **BEFORE)), {"+halved_together"}),
    ("not quite halved", case(latest(**HALF | {"albumin": 20.4}), draw(-6.9, **BEFORE)), NOTHING),
    ("halved over more than a week", case(latest(**HALF), draw(-7.1, **BEFORE)), NOTHING),
    ("one of them not measured before", case(latest(**HALF), draw(-2, ALP=120, albumin=40)), NOTHING),
    ("a bound is no half", case(latest(**HALF | {"ALP": "<60"}), draw(-2, **BEFORE)), NOTHING),
    (
        "halved in a bleed",
        case(latest(**HALF), draw(-2, **BEFORE), events=[on("variceal_bleed", -1)]),
        NOTHING,
    ),
]
DIC = [
    ("nothing measured", case(), NOTHING),
    ("platelets fall beyond", case(latest(platelets=80), draw(-9, platelets=200)), {"+platelets_falling"}),
    (
        "platelets fall beyond to 150",
        case(latest(platelets=150), draw(-9, platelets=300)),
        {"+platelets_falling"},
    ),
    ("a fall that stays above 150", case(latest(platelets=151), draw(-9, platelets=300)), NOTHING),
    ("platelets fall within", case(latest(platelets=180), draw(-9, platelets=200)), NOTHING),
    ("platelets fell before the window", case(latest(platelets=80), draw(-15, platelets=200)), NOTHING),
    ("fibrinogen -30 %", case(latest(fibrinogen=2.1), draw(-5, fibrinogen=3.0)), {"+fibrinogen_falling"}),
    ("fibrinogen -29 %", case(latest(fibrinogen=2.13), draw(-5, fibrinogen=3.0)), {"-fibrinogen_stable"}),
    ("fibrinogen 1.4", case(latest(fibrinogen=1.4)), {"+fibrinogen_low"}),
    ("fibrinogen 1.5 once", case(latest(fibrinogen=1.5)), NOTHING),
    ("D-dimer 4 times", case(latest(d_dimer=(2.0, 0.5))), NOTHING),
    ("D-dimer above 4 times", case(latest(d_dimer=(2.1, 0.5))), {"+dimer_strong"}),
    ("D-dimer below 2 times", case(latest(d_dimer=(0.99, 0.5))), {"-dimer_not_raised"}),
    ("D-dimer 2 times", case(latest(d_dimer=(1.0, 0.5))), NOTHING),
    ("factor VIII 49", case(latest(factor_viii=49)), {"+factor_viii_low"}),
    ("factor VIII 50", case(latest(factor_viii=50)), NOTHING),
    ("factor VIII 100", case(latest(factor_viii=100)), {"-factor_viii_kept"}),
    (
        "pattern of consumption",
        case(latest(factor_v=49, factor_viii=49, fibrinogen=1.4)),
        {"+factor_pattern", "+fibrinogen_low"},
    ),
    (
        "ISTH 5 of the example",
        case(latest(platelets=55, d_dimer=(1.5, 0.5), PT=(20, 14), fibrinogen=1.6)),
        {"+isth_score"},
    ),
    (
        "ISTH 4 of the example",
        case(latest(platelets=82, d_dimer=(1.5, 0.5), PT=(18, 14), fibrinogen=1.8)),
        {"-isth_score"},
    ),
    ("ISTH without PT", case(latest(platelets=55, d_dimer=(1.5, 0.5), fibrinogen=1.6)), NOTHING),
]
DRUGS = {
    "vka": [
        ("V 70 and VII 49", case(latest(factor_v=70, factor_vii=49)), {"+factor_pattern"}),
        ("V 49", case(latest(factor_v=49)), {"-factor_v_low"}),
        (
            "stop confirmed 7 days ago",
            case(events=[on("vka", -30, -7, "Warfarin", stop_confirmed=True)]),
            NOTHING,
        ),
        (
            "stop confirmed 8 days ago",
            case(events=[on("vka", -30, -8, "Warfarin", stop_confirmed=True)]),
            {"-stopped"},
        ),
        ("stop never confirmed", case(events=[on("vka", -90, -61, "Warfarin")]), NOTHING),
    ],
    "unrecorded_antagonist": [
        ("V 70 and VII 49, no drug", case(latest(factor_v=70, factor_vii=49)), {"+factor_pattern"}),
        ("V 69 and VII 49, no drug", case(latest(factor_v=69, factor_vii=49)), NOTHING),
        ("V 70 and VII 50, no drug", case(latest(factor_v=70, factor_vii=50)), NOTHING),
        ("no factors, no drug", case(), NOTHING),
        (
            "warfarin on record",
            case(latest(factor_v=70, factor_vii=49), events=[on("vka", -9, label="Warfarin")]),
            {"-recorded_antagonist"},
        ),
        ("V 49", case(latest(factor_v=49)), {"-factor_v_low"}),
    ],
    "doac": [
        (
            "stop confirmed 4 days ago",
            case(events=[on("doac", -30, -4, "Apixaban", stop_confirmed=True)]),
            {"-stopped"},
        ),
        (
            "stop confirmed 3 days ago",
            case(events=[on("doac", -30, -3, "Apixaban", stop_confirmed=True)]),
            NOTHING,
        ),
    ],
    "direct_thrombin_inhibitor": [
        (
            "aPTT long",
            case(latest(aptt=(60, 37)), events=[on("direct_thrombin_inhibitor", -1)]),
            {"+aptt_long"},
        ),
        (
            "aPTT at its limit",
            case(latest(aptt=(37, 37)), events=[on("direct_thrombin_inhibitor", -1)]),
            NOTHING,
        ),
        ("no infusion", case(latest(aptt=(60, 37))), NOTHING),
    ],
    "antibiotics": [
        ("onset on day 3", case(latest(), draw(-2.1, INR=1.2), events=[on("antibiotic", -2)]), {"+onset"}),
        ("onset on day 2", case(latest(), draw(-1.6, INR=1.2), events=[on("antibiotic", -1.5)]), NOTHING),
        ("onset on day 11", case(latest(), draw(-10.6, INR=1.2), events=[on("antibiotic", -10.5)]), NOTHING),
        ("no rise", case(latest(), draw(-3.1, INR=1.8), events=[on("antibiotic", -3)]), NOTHING),
        (
            "stopped and vitamin K without effect",
            case(latest(), draw(-2, INR=1.9), events=[on("antibiotic", -9, -3), dose(-1.9)]),
            {"-no_recovery"},
        ),
        (
            "vitamin K without effect while it goes on",
            case(latest(), draw(-2, INR=1.9), events=[on("antibiotic", -9), dose(-1.9)]),
            NOTHING,
        ),
    ],
    "tigecycline": [
        ("fibrinogen 1.9", case(latest(fibrinogen=1.9), events=[on("tigecycline", -6)]), {"+fibrinogen_low"}),
        (
            "fibrinogen 2.0",
            case(latest(fibrinogen=2.0), events=[on("tigecycline", -6)]),
            {"-fibrinogen_kept"},
        ),
        (
            "fibrinogen before it",
            case(latest(), draw(-7, fibrinogen=1.0), events=[on("tigecycline", -6)]),
            NOTHING,
        ),
        ("no tigecycline", case(latest(fibrinogen=1.9)), NOTHING),
    ],
    "nac": [
        ("peak ALT 4.9 times", case(latest(ALT=(196, 40)), events=[on("nac", -1)]), {"+alt_low"}),
        ("peak ALT 5 times", case(latest(ALT=(200, 40)), events=[on("nac", -1)]), {"-alt_high"}),
        ("ALT not measured", case(events=[on("nac", -1)]), NOTHING),
        (
            "INR rises after the stop",
            case(latest(INR=2.4), draw(-3, INR=1.6), events=[on("nac", -5, -4)]),
            {"-rise_after_stop"},
        ),
        (
            "INR falls after the stop",
            case(latest(INR=1.4), draw(-3, INR=1.6), events=[on("nac", -5, -4)]),
            NOTHING,
        ),
        ("no infusion", case(latest(ALT=(100, 40))), NOTHING),
    ],
    "paracetamol": [
        (
            "coded, ALT at its limit",
            case(latest(ALT=(40, 40)), diagnoses=[icd("drug_induced", "T39.1X1A")]),
            {"+alt_normal"},
        ),
        (
            "coded, ALT above it",
            case(latest(ALT=(41, 40)), diagnoses=[icd("drug_induced", "T39.1X1A")]),
            {"-alt_raised"},
        ),
        ("not coded", case(latest(ALT=(41, 40))), NOTHING),
    ],
}
SAMPLES = {
    "laboratory_change": [
        ("one laboratory", case(latest(), draw(-9, INR=1.5)), {"-one_laboratory"}),
        ("two laboratories", case(latest(), draw(-9, laboratory="M", INR=1.5)), {"+laboratory"}),
        ("one INR", case(), NOTHING),
        ("no laboratory recorded", case(draw(0, "", INR=1.9), draw(-9, "", INR=1.5)), NOTHING),
    ],
    "sample_underfilled": [
        (
            "+50 %, bilirubin flat",
            case(latest(INR=2.1, bilirubin_total=40), draw(-0.5, INR=1.4, bilirubin_total=41)),
            {"+jump"},
        ),
        (
            "+49 %, bilirubin flat",
            case(latest(INR=2.09, bilirubin_total=40), draw(-0.5, INR=1.4, bilirubin_total=41)),
            NOTHING,
        ),
        (
            "+50 %, platelets fell",
            case(latest(INR=2.1, platelets=60), draw(-0.5, INR=1.4, platelets=120)),
            NOTHING,
        ),
        ("+50 %, nothing else measured", case(latest(INR=2.1), draw(-0.5, INR=1.4)), NOTHING),
        (
            "+50 % in 25 hours",
            case(latest(INR=2.1, platelets=60), draw(-25 / 24, INR=1.4, platelets=61)),
            NOTHING,
        ),
        ("a second sample agrees", case(latest(INR=2.0), draw(-0.5, INR=1.9)), {"-repeated"}),
        ("a second sample differs", case(latest(INR=1.4), draw(-0.5, INR=1.6)), NOTHING),
        ("both normal", case(latest(INR=1.1), draw(-0.5, INR=1.1)), NOTHING),
    ],
    "sample_haematocrit": [
        ("0.55", case(latest(haematocrit=0.55)), {"-haematocrit"}),
        ("0.56", case(latest(haematocrit=0.56)), {"+haematocrit"}),
        ("haemoglobin 180", case(latest(haemoglobin=180)), NOTHING),
        ("haemoglobin 181", case(latest(haemoglobin=181)), {"+haemoglobin"}),
        ("three days before", case(latest(), draw(-3, haematocrit=0.6)), NOTHING),
    ],
    "heparin": [
        ("ratio 3 with INR 1.9", case(latest(aptt=93)), NOTHING),
        ("ratio above 3 with INR 1.9", case(latest(aptt=94)), {"+aptt_long"}),
        ("ratio above 3 with INR 2.0", case(latest(INR=2.0, aptt=94)), NOTHING),
        ("aPTT at its limit", case(latest(aptt=(37, 37))), {"-aptt_normal"}),
        ("aPTT of the day before", case(latest(), draw(-1, aptt=94)), NOTHING),
    ],
    "analytical": [
        ("bilirubin 340", case(latest(bilirubin_total=340)), {"-no_icterus"}),
        ("bilirubin 341", case(latest(bilirubin_total=341)), {"+icterus"}),
        ("bilirubin above 300, how much is not known", case(latest(bilirubin_total=">300")), NOTHING),
        ("no bilirubin", case(), NOTHING),
    ],
}
FONTAN = [Diagnosis("fontan")]
STABLE = [draw(-300, INR=1.3), draw(-100, INR=1.4)]
FALLING = [draw(-300, INR=1.2, albumin=42), draw(-100, INR=1.5, albumin=38)]
LIFELONG = [draw(-300, INR=1.6), draw(-100, INR=1.7)]
SOUND = {"ALT": (30, 40), "albumin": 42}
OTHERS = {
    "congestion": [
        ("mild and stable", case(*STABLE, latest(INR=1.4), diagnoses=FONTAN), {"+mild_stable"}),
        (
            "above 1.5",
            case(draw(-300, INR=1.5), draw(-100, INR=1.6), latest(INR=1.6), diagnoses=FONTAN),
            NOTHING,
        ),
        ("two INRs", case(draw(-100, INR=1.4), latest(INR=1.4), diagnoses=FONTAN), NOTHING),
        ("mild and stable without its condition", case(*STABLE, latest(INR=1.4)), NOTHING),
        ("ALP leads", case(latest(ALP=(240, 120), ALT=(40, 40)), diagnoses=FONTAN), {"+cholestatic_lead"}),
        ("ALT leads", case(latest(ALP=(240, 120), ALT=(90, 40)), diagnoses=FONTAN), NOTHING),
        ("INR rises, albumin falls", case(*FALLING, latest(albumin=34), diagnoses=FONTAN), {"-rising"}),
        ("INR rises, albumin falls, no condition", case(*FALLING, latest(albumin=34)), NOTHING),
        ("INR rises, albumin stays", case(*FALLING, latest(albumin=41), diagnoses=FONTAN), NOTHING),
        (
            "INR rises, no albumin now",
            case(draw(-300, INR=1.2), draw(-100, INR=1.5), latest(), diagnoses=FONTAN),
            NOTHING,
        ),
    ],
    "haemodilution": [
        *HALVED,
        (
            "-20 % and -15 %",
            case(latest(haemoglobin=80, albumin=34), draw(-0.9, haemoglobin=100, albumin=40)),
            {"+fell_together"},
        ),
        (
            "-19 % and -15 %",
            case(latest(haemoglobin=81, albumin=34), draw(-0.9, haemoglobin=100, albumin=40)),
            NOTHING,
        ),
        (
            "-19 % and -14 %",
            case(latest(haemoglobin=81, albumin=34.4), draw(-0.9, haemoglobin=100, albumin=40)),
            {"-stable"},
        ),
        (
            "in 25 hours",
            case(latest(haemoglobin=80, albumin=34), draw(-25 / 24, haemoglobin=100, albumin=40)),
            NOTHING,
        ),
        ("no albumin", case(latest(haemoglobin=80), draw(-0.9, haemoglobin=100)), NOTHING),
    ],
    "systemic": [
        ("CRP 5", case(latest(crp=5)), {"-crp_normal"}),
        ("CRP 6", case(latest(crp=6)), NOTHING),
    ],
    "inhibitor": [
        ("ratio 1.5 with INR 1.4", case(latest(INR=1.4, aptt=46.5)), NOTHING),
        ("ratio above 1.5 with INR 1.4", case(latest(INR=1.4, aptt=47)), {"+aptt_long"}),
        ("ratio above 1.5 with INR 1.5", case(latest(INR=1.5, aptt=47)), NOTHING),
    ],
    "factor_vii_deficiency": [
        ("always raised, sound liver", case(*LIFELONG, latest(**SOUND)), {"+always_raised"}),
        ("always raised, ALT high", case(*LIFELONG, latest(ALT=(41, 40), albumin=42)), NOTHING),
        ("always raised, albumin low", case(*LIFELONG, latest(ALT=(30, 40), albumin=34)), NOTHING),
        ("always raised, nothing else measured", case(*LIFELONG, latest()), NOTHING),
        ("two INRs", case(draw(-100, INR=1.7), latest(**SOUND)), NOTHING),
        (
            "a normal INR of years ago",
            case(draw(-3000, INR=1.2), *LIFELONG, latest(**SOUND)),
            {"-normal_inr"},
        ),
        (
            "INR 1.21 is not normal",
            case(draw(-3000, INR=1.21), *LIFELONG, latest(**SOUND)),
            {"+always_raised"},
        ),
        (
            "only VII low",
            case(latest(factor_v=70, factor_vii=49, factor_viii=50, aptt=(37, 37))),
            {"+isolated"},
        ),
        ("aPTT long too", case(latest(factor_v=70, factor_vii=49, factor_viii=50, aptt=(38, 37))), NOTHING),
    ],
}
# Causes of which nothing but an entry speaks: whether it counts.
ENTRIES = {
    "warfarin_interaction": [
        ("nothing recorded", [], False),
        ("begun 13 days before", [on("interacting_drug", -13, label="Fluconazole")], True),
        ("begun 14 days before", [on("interacting_drug", -14, label="Fluconazole")], True),
        ("begun 15 days before", [on("interacting_drug", -15, label="Fluconazole")], False),
        ("an antibiotic alone", [on("antibiotic", -3, label="Ciprofloxacin")], False),
        ("beside warfarin", [on("antibiotic", -3, label="Ciprofloxacin"), on("vka", -90)], True),
        ("another antibiotic", [on("antibiotic", -3, label="Ceftriaxone"), on("vka", -90)], False),
    ],
}
ROWS = [("vitamin_k_deficiency", *row) for row in VITAMIN_K] + [("dic", *row) for row in DIC]
ROWS += [(key, *row) for table in (DRUGS, SAMPLES, OTHERS) for key, rows in table.items() for row in rows]


@pytest.mark.parametrize(
    ("key", "given", "expected"),
    [(key, given, expected) for key, _, given, expected in ROWS],
    ids=[f"{key}: {name}" for key, name, *_ in ROWS],
)
def test_evidence(key, given, expected):
    assert codes(key, given) == expected


@pytest.mark.parametrize(
    ("key", "events", "counts"),
    [
        pytest.param(key, events, counts, id=f"{key}: {name}")
        for key, rows in ENTRIES.items()
        for name, events, counts in rows
    ],
)
def test_an_entry_counts(key, events, counts):
    assert bool(evidence(key, case(events=events))) == counts


def test_every_cause_has_its_table():
    """To add a cause is to add rows here: one where it speaks, and one where it does not."""
    expected = defaultdict(list)
    for key, _, _, codes_expected in ROWS:
        expected[key].append(bool(codes_expected))
    for key, rows in ENTRIES.items():
        expected[key] += [counts for *_, counts in rows]
    assert expected.keys() == FACTS.keys()
    assert [key for key, rows in expected.items() if set(rows) != {True, False}] == []


CODED = [
    ("vitamin_k_deficiency", "K90.0", "Coeliac disease coded, 10 Jun 2025"),
    ("vitamin_k_deficiency", "2770", "Cystic fibrosis coded, 10 Jun 2025"),
    ("dic", "K85.9", "Pancreatitis coded, 10 Jun 2025"),
    ("systemic", "E0500", "Thyrotoxicosis coded, 10 Jun 2025"),
    ("systemic", "N04.9", "Nephrotic syndrome coded, 10 Jun 2025"),
    ("congestion", "I820", "Budd-Chiari syndrome coded, 10 Jun 2025"),
    ("sample_haematocrit", "D45", "Polycythaemia vera coded, 10 Jun 2025"),
    ("inhibitor", "D68.62", "Lupus anticoagulant coded, 10 Jun 2025"),
    ("factor_vii_deficiency", "D682", "Hereditary deficiency of a clotting factor coded, 10 Jun 2025"),
]


@pytest.mark.parametrize(("key", "code", "words"), CODED, ids=[row[1] for row in CODED])
def test_a_code_is_named_under_its_cause(key, code, words):
    given = case(diagnoses=[icd("cirrhosis", code)])
    assert words in [found.text for found in evidence(key, given)]


@pytest.mark.parametrize(("label", "said"), [("Cefotetan", True), ("Ceftriaxone", False)])
def test_an_nmtt_cephalosporin_is_said_to_be_one(label, said):
    (found,) = evidence("antibiotics", case(events=[on("antibiotic", -1, 0, label)]))
    assert ("NMTT" in found.text) is said


def test_a_drug_that_binds_vitamin_k_counts_under_any_kind():
    given = case(events=[on("interacting_drug", -30, label="Colestyramine 4 g")])
    assert [f.text for f in evidence("vitamin_k_deficiency", given)] == [
        "Colestyramine 4 g since 16 May 2025"
    ]


@pytest.mark.parametrize(("units", "said"), [(9, False), (10, True)])
def test_ten_units_within_a_day_are_a_massive_transfusion(units, said):
    given = case(events=[on("red_cells", -0.05 * n) for n in range(1, units + 1)])
    texts = [found.text for found in evidence("haemodilution", given)]
    assert (f"{units} red cell units within 24 hours before 15 Jun 2025" in texts) is said


def test_a_high_score_in_cirrhosis_says_that_its_trend_counts():
    given = case(
        latest(platelets=55, d_dimer=(1.5, 0.5), PT=(20, 14), fibrinogen=1.6),
        diagnoses=[Diagnosis("cirrhosis")],
    )
    assert "cirrhosis alone can score 4-5, so its trend counts" in evidence("dic", given)[-1].text


def test_evidence_has_values_dates_sources_and_draws():
    given = case(latest(factor_v=85, factor_vii=22))
    (found,) = evidence("vitamin_k_deficiency", given)
    assert found.text == (
        "Factor V 85 % and factor VII 22 % (15 Jun 2025): factor V is kept while factor VII is low"
    )
    assert (found.sources, found.draws) == (("R28", "ED"), (given.draws[0].id,))


def test_what_speaks_for_a_cause_stands_first_and_alone_opens_it():
    given = case(latest(fibrinogen=1.4, factor_viii=120))
    dic = next(cause for cause in alternate_causes(given) if cause.key == "dic")
    assert [found.side for found in dic.evidence] == ["for", "against"]
    assert dic.recorded == ("Fibrinogen 1.4 g/L (15 Jun 2025) is below 1.5 g/L",)
    heparin = next(c for c in alternate_causes(case(latest(aptt=(30, 37)))) if c.key == "heparin")
    assert (heparin.recorded, heparin.verdict, len(heparin.against)) == ((), "pending", 1)


# --- The attribution axis ---

PATTERNS = [
    (
        "hepatic",
        {"factor_v": 49, "factor_vii": 49, "factor_viii": 100},
        "hepatic_supported",
        "factor_pattern",
    ),
    ("VIII not kept", {"factor_v": 49, "factor_vii": 49, "factor_viii": 99}, "undetermined", None),
    ("vitamin K", {"factor_v": 70, "factor_vii": 49}, "undetermined", "vitamin_k_pattern"),
    (
        "consumption",
        {"factor_v": 49, "factor_viii": 49, "fibrinogen": 1.4},
        "undetermined",
        "consumption_pattern",
    ),
    ("fibrinogen kept", {"factor_v": 49, "factor_viii": 49, "fibrinogen": 1.5}, "undetermined", None),
]


@pytest.mark.parametrize(("name", "values", "attribution", "code"), PATTERNS, ids=[p[0] for p in PATTERNS])
def test_factors_decide_the_attribution(name, values, attribution, code):
    found = interpret(
        case(
            draw(-9, INR=1.2, ALT=(880, 40)),
            draw(-4, INR=1.5, ALT=(500, 40)),
            latest(ALT=(200, 40), **values),
        )
    ).dissociation
    assert found.attribution == attribution
    assert [e.code for e in found.evidence] == ([code] if code else [])


def test_a_finding_against_the_liver_leaves_the_attribution_open():
    """A vitamin K pattern beside falling albumin: both are shown, and neither wins."""
    found = interpret(
        case(
            draw(-15, INR=1.2, ALT=(880, 40), albumin=42, bilirubin_total=40),
            latest(ALT=(200, 40), albumin=34, bilirubin_total=90, factor_v=85, factor_vii=20),
        )
    ).dissociation
    assert {e.side for e in found.evidence} == {"for", "against"}
    assert found.attribution == "undetermined"


# --- Properties ---


@given(cases, st.randoms(use_true_random=False))
def test_no_record_crashes_and_order_never_matters(given_case, shuffler):
    found = interpret(given_case)

    def shuffled(rows):
        return tuple(shuffler.sample(rows, len(rows)))

    other = interpret(
        replace(given_case, draws=shuffled(given_case.draws), events=shuffled(given_case.events))
    )
    assert (other.causes, other.requests, other.vitamin_k) == (
        found.causes,
        found.requests,
        found.vitamin_k,
    )
    for cause in found.causes:
        for each in cause.evidence:
            assert each.text and each.sources and each.side in ("for", "against")


@given(cases)
def test_a_draw_older_than_every_window_changes_only_what_looks_back_for_life(given_case):
    """18 months before the latest INR; factor VII deficiency asks for every INR there is."""
    taken = [d.taken_at for d in given_case.draws if d.result("INR")]
    if not taken:
        return
    older = Draw(max(taken) - timedelta(days=549), (Result("INR", 1.0), Result("albumin", 50.0)), "Z")
    found = interpret(given_case)
    other = interpret(replace(given_case, draws=(older, *given_case.draws)))
    for before, after in zip(
        sorted(found.causes, key=lambda c: c.key), sorted(other.causes, key=lambda c: c.key), strict=True
    ):
        assert before.key == "factor_vii_deficiency" or before.evidence == after.evidence
