"""The page: what its address says, what it shows to whom, whose looks are logged, how many queries it takes."""

import re
from datetime import date, timedelta

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Role
from patients.models import Assessment
from patients.population.state import PopulationState, months_before
from patients.worklist import WorklistState
from tests.looks import seen

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def said(query: str) -> PopulationState:
    return PopulationState.of(RequestFactory().get(f"/population/{query}").GET, me=7, today=TODAY)


def test_an_address_without_anything_is_the_corner_of_the_pattern_now():
    assert said("") == PopulationState(WorklistState(me=7), "dissociation", None, 0)


@pytest.mark.parametrize(
    "query",
    [
        "?corner=nowhere",
        "?month=2026-11",
        "?month=2030-01",
        "?month=x",
        "?start=-1",
        "?start=x",
        "?start=99999999999",
        "?q=novak&sort=name&after=x",
    ],
)
def test_what_is_said_wrongly_or_of_the_list_alone_counts_as_not_said(query):
    assert said(query) == said("")


def test_an_address_keeps_all_it_says():
    state = said("?corner=recovery&month=2026-03&dx=cirrhosis&grade=possible&overdue=1&start=40")
    assert state.month == date(2026, 3, 1) and state.start == 40
    assert state.filters == WorklistState(dx="cirrhosis", grade="possible", overdue=True, me=7)
    assert said(state.to(start=40)) == state
    # Another corner begins with its first row.
    assert said(state.to(corner="all")).start == 0


def test_the_months_are_the_24_that_are_over():
    months = months_before(TODAY)
    assert (months[0], months[-1], len(months)) == (date(2026, 10, 1), date(2024, 11, 1), 24)


# --- the page ---


@pytest.fixture
def page(client, clinician):
    client.force_login(clinician)
    return lambda query="", **more: client.get(f"/population/{query}", **more)


def test_points_carry_no_name_and_the_list_does(page, put):
    row, other = put((100, 20), (1.2, 1.9), "critical"), put((100, 95), (1.2, 1.2))
    text = page().content.decode()
    plane = text[text.index('<svg id="plane"') : text.index("</figure>")]
    assert row.patient.family_name not in plane and row.patient.mrn not in plane
    assert f"/patients/{row.patient.uuid}/" in plane and f"/patients/{other.patient.uuid}/" in plane
    assert row.patient.family_name in text
    assert other.patient.family_name not in text
    assert re.search(r'id="kind-critical".*?Critical <b>1</b>', text, re.DOTALL)


def test_a_number_fills_the_list(page, put):
    row = put((100, 95), (1.2, 1.2))
    text = page("?corner=within").content.decode()
    assert "Within expected variation · 1" in text and row.patient.family_name in text
    assert "Nobody in this corner." in page("?corner=injury").content.decode()
    assert "All movements · 1" in page("?corner=all").content.decode()


def test_who_is_not_shown_is_said_with_a_way_to_them(page, put):
    put()
    put(place="not_interpretable", enzyme_from=None)
    put(place="not_assessable", enzyme_from=None)
    text = re.sub(r"\s+", " ", page().content.decode())
    assert "1 of 3 patients" in text
    assert re.search(r'href="/\?[^"]*grade=not_interpretable"[^>]*>1 INR cannot be read<', text)
    assert re.search(r'href="/\?[^"]*grade=not_assessable"[^>]*>1 without two draws to compare<', text)


def test_the_list_goes_on_with_the_next_rows(page, put):
    for _ in range(25):
        put((100, 20), (1.2, 1.9), "possible")
    first, second = page().context["rows"], page("?start=20").context["rows"]
    assert (len(first), len(second)) == (20, 5)
    assert not {row.mrn for row in first} & {row.mrn for row in second}
    assert page().context["later"] == "?start=20" and page("?start=20").context["earlier"] == "?"


def test_a_past_month_says_so_and_whose_grade_it_shows(page, put):
    then = timezone.now() - timedelta(days=200)
    put((100, 20), (1.2, 1.9), "critical", baseline_at=then, latest_at=timezone.now())
    month = f"{(timezone.now().replace(day=1) - timedelta(days=1)):%Y-%m}"
    text = page(f"?month={month}").content.decode()
    assert "As the values stood at the end of" in text and "Marks show today’s grade." in text
    old = f"{timezone.now().year - 1}-{timezone.now().month:02}"
    assert "1 compared with a later draw" in " ".join(page(f"?month={old}").content.decode().split())


def test_so_many_that_they_are_binned_have_their_list_and_no_past(page, put, monkeypatch):
    monkeypatch.setattr("patients.population.counting.BINNED", 1)
    rows = [put((100, 20), (1.2, 1.9), "possible") for _ in range(21)]
    answer = page("?month=2026-06")
    text = answer.content.decode()
    plane = text[text.index('<svg id="plane"') : text.index("</figure>")]
    assert "Possible: 21 patients" in plane and not any(str(row.patient.uuid) in plane for row in rows)
    assert "These are today’s places." in text
    assert len(answer.context["rows"]) == 20 and answer.context["later"]
    assert len(page("?start=20").context["rows"]) == 1
    assert not page("?corner=recovery").context["rows"]


def test_a_sheet_of_paper_says_of_whom_it_is(page, put):
    put(diagnoses=["cirrhosis"])
    text = page("?dx=cirrhosis&overdue=1&grade=possible").context["on_paper"]
    assert re.fullmatch(r"\d+ \w+ \d{4}; Possible; Cirrhosis; Tests overdue", text)


def test_htmx_gets_the_part_alone(page, put):
    put()
    assert b"<html" not in page(headers={"HX-Request": "true"}).content
    whole = page(headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<html" in whole.content and "HX-Request" in whole["Vary"]


def test_empty_states(page, client, clinic, put):
    assert b"No patients yet." in page().content
    put()
    assert b"No patient matches." in page("?dx=wilson").content
    Membership.objects.all().delete()
    assert b"You do not work in any clinic yet." in page().content


def test_only_the_own_clinics(page, put, other_clinic, clinician):
    theirs = put((100, 20), (1.2, 1.9), "critical", where=other_clinic)
    assert str(theirs.patient.uuid) not in page("?corner=all").content.decode()
    Membership.objects.create(user=clinician, clinic=other_clinic, role=Role.VIEWER)
    assert str(theirs.patient.uuid) in page("?corner=all").content.decode()
    assert str(theirs.patient.uuid) not in page("?clinic=north&corner=all").content.decode()


def test_a_look_at_the_list_is_logged_for_whom_it_names(page, put, clinician):
    named, _ = put((100, 20), (1.2, 1.9), "critical"), put()
    page()
    assert seen() == [(clinician.pk, named.patient_id, "population")]


def test_a_row_that_time_has_made_untrue_is_read_again(page, put):
    row = put((100, 20), (1.2, 1.9), "critical", valid_until=timezone.now() - timedelta(hours=1))
    page()
    # There are no draws behind this made-up row.
    assert Assessment.objects.get(pk=row.pk).grade == "not_assessable"


def test_as_many_queries_for_many_as_for_one(
    page, put, django_assert_num_queries, django_assert_max_num_queries
):
    put((100, 20), (1.2, 1.9), "critical")
    page()
    with django_assert_max_num_queries(11) as one:
        page()
    kept = {
        "enzyme_points": [["2026-04-02T08:00:00+01:00", 80]],
        "inr_points": [["2026-04-02T08:00:00+01:00", 1.3]],
    }
    for _ in range(30):
        put((100, 20), (1.2, 1.9), "possible", diagnoses=["cirrhosis"], **kept)
    with django_assert_num_queries(len(one.captured_queries)):
        page()
    with django_assert_num_queries(len(one.captured_queries)):
        page("?month=2026-10&corner=all&dx=cirrhosis")


# --- the name behind a point ---


def test_a_point_has_its_name_at_an_address_of_its_own(client, clinician, put):
    row = put((100, 20), (1.2, 1.9), "critical")
    client.force_login(clinician)
    answer = client.get(reverse("patients:population-point", args=[row.patient.uuid]))
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))
    assert (
        f"{row.patient.family_name}, Ada, MRN {row.patient.mrn}: critical, ALT 100 → 20, INR 1.2 → 1.9"
        in text
    )
    assert "no-store" in answer["Cache-Control"]
    assert seen() == [(clinician.pk, row.patient_id, "population-point")]


def test_a_patient_without_a_place_has_a_name_all_the_same(client, clinician, patient):
    client.force_login(clinician)
    assert b"Okafor, Ada" in client.get(reverse("patients:population-point", args=[patient.uuid])).content


def test_a_point_of_another_clinic_does_not_exist(client, stranger, put):
    client.force_login(stranger)
    row = put()
    assert client.get(reverse("patients:population-point", args=[row.patient.uuid])).status_code == 404
    assert not seen()
