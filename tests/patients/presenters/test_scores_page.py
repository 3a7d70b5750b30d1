import json
import re
from datetime import UTC, datetime, timedelta

import plotly.graph_objects as go
import pytest
from django.urls import reverse

from interpretation.record import records
from interpretation.report import as_json
from interpretation.scores import KEYS, SPECS, Score, score_series
from interpretation.scores.evaluate import value_of
from patients.charts.scores import score_figure
from patients.models import Diagnosis, Event, Patient
from patients.presenters.scores import score_card, value_text
from patients.report.panel import panel
from patients.values.display import Units

HTMX = {"HX-Request": "true"}
START = datetime(2025, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def ill(patient, make_draw) -> Patient:
    """Four panels; MELD 8 to 17."""
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    for month, inr, bilirubin, albumin in (
        (1, 1.2, 20, 40),
        (4, 1.3, 28, 36),
        (7, 1.5, 40, 33),
        (10, 1.7, 52, 29),
    ):
        make_draw(
            patient, f"2025-{month:02}-01T08:00", ALT=(60, 40), AST=(72, 40), ALP=(110, 120), INR=(inr, 1.2),
            bilirubin_total=(bilirubin, 21), albumin=albumin, platelets=110, creatinine=80, sodium=136,
        )  # fmt: skip
    return patient


@pytest.fixture
def page(client, clinician):
    """page(patient) is the patient page; page(patient, "meld") the one of a score."""
    client.force_login(clinician)
    return lambda patient, score="", query="", **headers: client.get(
        address(patient, score) + (query or ("" if score else "?tab=scores")), headers=headers
    )


def address(patient, score: str = "") -> str:
    if not score:
        return reverse("patients:detail", kwargs={"uuid": patient.uuid})
    return reverse("patients:score", kwargs={"uuid": patient.uuid, "score": score})


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace(" .", ".")


def card(patient, as_of=datetime(2025, 11, 1, tzinfo=UTC), system="si"):
    return score_card(panel(patient, as_of).report.scores, Units(system), "/patients/x/")


def line(found, key: str):
    return next(entry for entry in found.given if entry.score.key == key)


def test_the_card_has_value_grade_and_date(page, ill):
    shown = text(page(ill))
    assert "MELD 3.0 19 1 Oct 2025" in shown
    assert "Child-Pugh 9 B 1 Oct 2025" in shown
    assert "Creatinine 80 µmol/L counts as 1.0 mg/dL, the floor of the formula." in shown


def test_meld_3_0_and_child_pugh_come_first(ill):
    assert [entry.score.key for entry in card(ill).given][:2] == ["meld_3_0", "child_pugh"]


@pytest.mark.parametrize(
    ("key", "raw", "shown"),
    [
        ("albi", -1.5714, "−1.57"),
        # One more decimal where two would stand in the next grade: above −2.60 is grade 2, above −1.39 grade 3.
        ("albi", -2.5987, "−2.599"),
        ("albi", -2.604, "−2.60"),
        ("albi", -1.3872, "−1.387"),
        ("albi", -1.394, "−1.39"),
        ("fib_4", 1.3449, "1.34"),
        ("fib_4", 1.298, "1.298"),
        ("fib_4", 2.673, "2.673"),
        ("apri", 0.7312, "0.73"),
        ("de_ritis", 1.44, "1.4"),
        ("de_ritis", 0.79, "0.79"),
        ("r_factor", 7.25, "7.3"),
        ("r_factor", 4.96, "4.96"),
        ("meld_xi", 15.12, "15.1"),
        ("clif_c_ad", 48.31, "48"),
        ("ukeld", 51.4, "51"),
        ("meld", 18.6, "19"),
    ],
)
def test_a_score_has_the_decimals_it_is_quoted_with(key, raw, shown):
    found = Score(key, SPECS[key].name, value=value_of(SPECS[key], raw), raw=raw)
    assert value_text(found) == shown


def test_inputs_are_shown_in_the_clinics_units(ill):
    assert [(i.label, i.text, i.used) for i in line(card(ill), "meld").inputs] == [
        ("Bilirubin, total", "52 µmol/L", "3.04 mg/dL"),
        ("INR", "1.7", ""),
        ("Creatinine", "80 µmol/L", "1.00 mg/dL"),
    ]
    texts = [i.text for i in line(card(ill, system="conventional"), "meld").inputs]
    assert texts == ["3.04 mg/dL", "1.7", "0.90 mg/dL"]


def test_criteria_show_their_answer_and_no_number(ill):
    shown = line(card(ill), "hys_law")
    assert (shown.value, shown.score.grade, shown.href) == ("", "no", "")


def test_what_cannot_be_calculated_says_why(page, ill):
    shown = text(page(ill))
    assert "cannot be calculated, because mean arterial pressure and PaO₂/FiO₂ were not measured" in shown
    assert "AARC : cannot be calculated, because lactate was not measured within 24 hours" in shown


def test_scores_with_one_reason_stand_together(ill):
    found = card(ill)
    assert "CLIF-C OF, ACLF grade (EASL-CLIF)" in [group.names for group in found.refused]
    assert len({group.reason for group in found.refused}) == len(found.refused)


def test_the_name_of_a_score_keeps_its_capitals_within_a_sentence():
    found = Score("clif_ad", "CLIF-C AD", reason="CLIF-C AD is for decompensation without ACLF")
    shown = score_card({found.key: found}, Units("si"), "").refused
    assert [group.reason for group in shown] == ["CLIF-C AD is for decompensation without ACLF"]


def test_on_warfarin_the_scores_without_inr_are_offered(page, ill):
    Event.objects.create(
        patient=ill, kind="vka", label="Warfarin", started_at=datetime(2025, 9, 1, tzinfo=UTC)
    )
    shown = text(page(ill))
    assert "MELD 3.0, Child-Pugh, MELD, MELD-Na, Lok (HALT-C)" in shown
    assert "cannot be ascribed to the liver: Warfarin since 1 Sep 2025." in shown
    assert "Without INR: MELD-XI 15.1, ALBI −1.33 (3), FIB-4" in shown
    assert "MELD 3.0 19" not in shown


def test_without_draws_nothing_is_calculated(page, patient):
    assert "No score can be calculated yet." in text(page(patient))


def test_the_page_of_a_score_has_a_figure_and_its_table(page, ill):
    response = page(ill, "meld")
    shown = text(response)
    assert b'data-figure="figure-meld"' in response.content
    assert b'id="figure-meld"' in response.content
    assert shown.count(" 2025, 08:00") == 4 or "1 Oct 2025" in shown
    assert "MELD over time" in shown


def test_the_fragment_is_no_whole_page(page, ill):
    response = page(ill, "albi", **HTMX)
    assert b"<html" not in response.content
    assert b'data-figure="figure-albi"' in response.content
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("key", ["nonsense", "kings_college", "hys_law"])
def test_what_has_no_course_is_not_found(page, ill, key):
    assert page(ill, key).status_code == 404


@pytest.mark.parametrize("key", [k for k in KEYS if k not in ("kings_college", "hys_law")])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_every_score_has_a_page(page, ill, patient, key, headers):
    assert page(ill, key, **headers).status_code == 200


def test_an_earlier_day_is_kept(page, ill):
    shown = page(ill, query="?as_of=2025-05-01&tab=scores").content.decode()
    assert "scores/meld/?as_of=2025-05-01" in shown
    assert "1 Oct 2025" not in text(page(ill, "meld", "?as_of=2025-05-01"))


def test_a_date_that_is_none_shows_now(page, ill):
    assert page(ill, "meld", "?as_of=soon").url == address(ill, "meld")


def test_nothing_inline(page, ill):
    for response in (page(ill), page(ill, "meld")):
        assert not re.search(r"<[^>]+ (style|onclick|onload)=", response.content.decode())


def test_the_json_of_the_record(ill):
    data = json.loads(json.dumps(as_json(panel(ill, datetime(2025, 11, 1, tzinfo=UTC)).report)))["scores"]
    assert list(data) == list(KEYS)
    creatinine = data["meld"]["inputs"]["creatinine"]
    assert (creatinine["value"], creatinine["unit"], creatinine["used"]) == (80, "µmol/L", 1.0)
    assert creatinine["taken_at"] == "2025-10-01T08:00:00+01:00"
    assert set(data["clif_c_of"]) == {"reason"}


def test_scores_cost_no_query(ill, django_assert_max_num_queries):
    found = panel(ill, datetime(2025, 11, 1, tzinfo=UTC))
    with django_assert_max_num_queries(0):
        score_card(found.report.scores, Units("si"), "/")


# --- the figure ---


def case(count: int, **events) -> records.Case:
    draws = tuple(
        records.Draw(
            START + timedelta(days=30 * n),
            tuple(
                records.Result(key, value)
                for key, value in {
                    "INR": 1.1 + n / 20,
                    "bilirubin_total": 20 + n,
                    "albumin": 40 - n,
                    "creatinine": 90,
                }.items()
            ),
        )
        for n in range(count)
    )
    return records.Case(as_of=START + timedelta(days=4000), draws=draws, **events)


@pytest.mark.parametrize("key", ["meld", "albi", "child_pugh", "meld_xi"])
@pytest.mark.parametrize("count", [1, 2, 12])
def test_plotly_takes_the_figure(key, count):
    given = case(count)
    figure = score_figure(key, score_series(given, key), given.as_of, {})
    go.Figure(figure)
    assert json.dumps(figure, allow_nan=False)


def test_without_a_value_there_is_no_figure():
    given = case(0)
    assert score_figure("meld", score_series(given, "meld"), given.as_of, {}) is None


def test_the_line_breaks_where_the_score_is_withheld():
    # The INR of 1.25 on day 90; one of 1.2 or less could be read under a VKA.
    course = records.Event(
        "vka", START + timedelta(days=85), START + timedelta(days=95), "Warfarin", stop_confirmed=True
    )
    given = case(6, events=(course,))
    trace = score_figure("meld", score_series(given, "meld"), given.as_of, {})["data"][0]
    assert trace["y"].count(None) == 1
    assert len([y for y in trace["y"] if y is not None]) == 5


def test_the_line_breaks_where_the_laboratory_changes():
    given = case(4)
    sources = {d.id: "L1" if n < 2 else "L2" for n, d in enumerate(given.draws)}
    traces = [
        score_figure(key, score_series(given, key), given.as_of, sources)["data"][0]
        for key in ("meld", "meld_xi")
    ]
    assert [trace["y"].count(None) for trace in traces] == [1, 0]


def test_two_laboratories_are_said(page, ill, make_draw):
    assert "laboratory of the INR changes" not in text(page(ill, "meld"))
    make_draw(ill, "2025-11-01T08:00", laboratory="L2", INR=1.8, bilirubin_total=60, creatinine=90)
    assert "laboratory of the INR changes" in text(page(ill, "meld"))
    assert "laboratory of the INR changes" not in text(page(ill, "albi"))


def test_the_cut_offs_of_the_grades_are_drawn():
    given = case(12)
    figure = score_figure("albi", score_series(given, "albi"), given.as_of, {})
    assert [note["text"] for note in figure["layout"]["annotations"]] == ["↑ 2", "↑ 3"]
    assert [shape["y0"] for shape in figure["layout"]["shapes"]] == [-2.6, -1.39]
