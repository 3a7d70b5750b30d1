"""An anticoagulant said on the draw form, on a form of its own, and where the patient page asks."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from patients.actions import people
from patients.actions.anticoagulant import AnticoagulantSaid, say_anticoagulant
from patients.models import Draw, Patient
from tests.patients.forms.test_entry_views import HTMX, at, typed

DRUG = {
    "anticoagulant-said": "taking",
    "anticoagulant-drug": "vka warfarin",
    "anticoagulant-since": "2024-05-03",
}
NONE = {"anticoagulant-said": "none"}


@pytest.fixture
def staff(client, clinician):
    client.force_login(clinician)
    return client


@pytest.fixture
def raised(patient, make_draw):
    make_draw(patient, timezone.now() - timedelta(days=1), INR=1.6)
    return patient


@pytest.fixture
def on_warfarin(patient, clinician):
    start = timezone.now() - timedelta(days=300)
    people.add_event(patient=patient, by=clinician, kind="vka", label="Warfarin", started_at=start)
    patient.refresh_from_db()
    return patient


def words(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def said(patient) -> str:
    return Patient.objects.get(pk=patient.pk).anticoagulant


def seen(patient) -> dict:
    return {"anticoagulant-seen": patient.anticoagulant_said_at.isoformat()}


def draw(**more) -> dict:
    return typed(INR="1.6", ALT="88", more={"ALT-upper": "40", **more})


# With a draw


def test_the_line_stands_after_the_results(staff, patient):
    page = staff.get(at("draw-add", patient)).content.decode()
    assert page.index('id="entry-INR-value"') < page.index("anticoagulant-said") < page.index('name="method"')
    assert re.search(r'value="unknown"[^>]*checked', page)


def test_a_draw_without_the_line_says_nothing(staff, patient):
    assert staff.post(at("draw-add", patient), draw()).status_code == 302
    assert said(patient) == ""


@pytest.mark.parametrize(("sent", "expected"), [(NONE, "none"), (DRUG, "taking")])
def test_what_is_said_is_stored_with_the_draw(staff, patient, sent, expected):
    assert staff.post(at("draw-add", patient), draw(**sent)).status_code == 302
    assert said(patient) == expected
    assert Draw.objects.count() == 1
    assert patient.events.count() == (expected == "taking")


def test_a_draw_sent_twice_says_it_once(staff, patient):
    for _ in range(2):
        assert staff.post(at("draw-add", patient), draw(**DRUG)).status_code == 302
    assert (Draw.objects.count(), patient.events.count()) == (1, 1)


def test_what_was_known_and_is_left_alone_is_not_said_again(staff, patient, data_manager):
    say_anticoagulant(patient=patient, by=data_manager, said=AnticoagulantSaid("none"))
    staff.post(at("draw-add", patient), draw(**NONE, **seen(patient)))
    assert Patient.objects.get(pk=patient.pk).anticoagulant_said_by == data_manager


def test_a_page_that_knew_nothing_overwrites_nothing(staff, patient, data_manager):
    page = {"anticoagulant-said": "unknown", "anticoagulant-seen": ""}
    say_anticoagulant(patient=patient, by=data_manager, said=AnticoagulantSaid("none"))
    assert staff.post(at("draw-add", patient), draw(**page)).status_code == 302
    assert said(patient) == "none"


def test_a_drug_needs_its_name_and_since(staff, patient):
    response = staff.post(at("draw-add", patient), draw(**{"anticoagulant-said": "taking"}))
    assert response.status_code == 422
    assert "Which: Choose which anticoagulant is taken." in words(response)
    response = staff.post(at("draw-add", patient), draw(**DRUG | {"anticoagulant-since": ""}))
    assert "Since: Enter since when; about is enough." in words(response)
    assert not Draw.objects.exists()


def test_a_drug_beside_none_is_asked_about(staff, patient):
    response = staff.post(at("draw-add", patient), draw(**DRUG | NONE))
    assert response.status_code == 422 and not Draw.objects.exists()


def test_somebody_elses_word_is_shown_before_it_is_overwritten(staff, patient, data_manager):
    say_anticoagulant(patient=patient, by=data_manager, said=AnticoagulantSaid("none"))
    response = staff.post(at("draw-add", patient), draw(**DRUG, **{"anticoagulant-seen": ""}))
    assert response.status_code == 422
    assert "said “none” on" in words(response) and not Draw.objects.exists()
    now = re.search(r'name="anticoagulant-seen" value="([^"]+)"', response.content.decode())[1]
    staff.post(at("draw-add", patient), draw(**DRUG, **{"anticoagulant-seen": now}))
    assert said(patient) == "taking" and Draw.objects.count() == 1


def test_a_correction_of_a_draw_does_not_ask(staff, patient):
    staff.post(at("draw-add", patient), draw())
    page = staff.get(at("draw-edit", patient, Draw.objects.get())).content.decode()
    assert "anticoagulant-said" not in page


# On its own


def test_the_form_is_filled_with_what_is_known(staff, on_warfarin):
    page = staff.get(at("anticoagulant-say", on_warfarin)).content.decode()
    assert re.search(r'value="taking"[^>]*checked', page)
    assert re.search(r'<option value="recorded" selected>Warfarin since [^<]+\(recorded\)', page)


def test_none_asks_for_the_stop_in_the_same_form(staff, on_warfarin):
    sent = NONE | {"anticoagulant-drug": "recorded"} | seen(on_warfarin)
    response = staff.post(at("anticoagulant-say", on_warfarin), sent)
    assert response.status_code == 422
    assert re.search(
        r"Stopped on: Warfarin since .+ is recorded. Enter when it was stopped.", words(response)
    )
    sent |= {"anticoagulant-stopped_on": f"{timezone.now() - timedelta(days=9):%Y-%m-%d}"}
    response = staff.post(at("anticoagulant-say", on_warfarin), sent)
    assert "Confirm that the drug was stopped then" in words(response)
    staff.post(at("anticoagulant-say", on_warfarin), sent | {"anticoagulant-stop_confirmed": "on"})
    event = on_warfarin.events.get()
    assert event.stop_confirmed and event.ended_at
    assert said(on_warfarin) == "none"


@pytest.mark.parametrize("days", [400, -3])
def test_a_stop_lies_between_the_start_and_today(staff, on_warfarin, days):
    day = f"{timezone.now() - timedelta(days=days):%Y-%m-%d}"
    sent = {"anticoagulant-stopped_on": day, "anticoagulant-stop_confirmed": "on"}
    response = staff.post(at("anticoagulant-say", on_warfarin), NONE | sent | seen(on_warfarin))
    assert response.status_code == 422
    assert said(on_warfarin) == "taking"


def test_nothing_chosen_is_asked_again(staff, patient):
    for sent in ({}, {"anticoagulant-said": "unknown"}):
        response = staff.post(at("anticoagulant-say", patient), sent | {"place": "entry"})
        assert response.status_code == 422
        assert "Choose “none” or “taking”." in words(response)


def test_what_was_said_in_error_is_taken_back(staff, patient, clinician):
    say_anticoagulant(patient=patient, by=clinician, said=AnticoagulantSaid("none"))
    staff.post(at("anticoagulant-say", patient), {"anticoagulant-said": "unknown"} | seen(patient))
    assert said(patient) == ""


def test_a_damaged_form_is_asked_for_again(staff, patient):
    response = staff.post(at("anticoagulant-say", patient), NONE | {"anticoagulant-seen": "yesterday"})
    assert response.status_code == 422


@pytest.mark.parametrize(
    ("role", "status"), [("clinician", 302), ("data_manager", 403), ("viewer", 403), ("stranger", 404)]
)
def test_who_may_say_it(client, patient, request, role, status):
    client.force_login(request.getfixturevalue(role))
    assert client.post(at("anticoagulant-say", patient), NONE).status_code == status
    assert said(patient) == ("none" if status == 302 else "")


# On the patient page


def test_the_page_asks_first(staff, raised):
    response = staff.get(at("detail", raised))
    assert response.context["statements"].now[0].id == "X_ask_anticoagulant"
    assert "Anticoagulant: not known" in words(response)
    assert f'action="{at("anticoagulant-say", raised)}"' in response.content.decode()


def test_the_answer_takes_the_question_away_and_leaves_a_half_typed_draw(staff, raised, clinician):
    response = staff.post(at("anticoagulant-say", raised), NONE | {"place": "ask"}, headers=HTMX)
    assert response.status_code == 200
    assert b'id="workspace"' in response.content and b'id="entry"' not in response.content
    assert b"X_ask" not in response.content and b'id="ask"' not in response.content
    assert "Anticoagulant: none" in words(response) and f'title="{clinician},' in response.content.decode()


def test_a_refused_answer_stays_where_it_was_asked(staff, raised):
    response = staff.post(at("anticoagulant-say", raised), {"place": "ask"}, headers=HTMX)
    assert (response.status_code, response["HX-Retarget"]) == (422, "#ask")


@pytest.mark.parametrize(("role", "asks"), [("clinician", True), ("data_manager", False), ("viewer", False)])
def test_who_is_asked(client, raised, request, role, asks):
    client.force_login(request.getfixturevalue(role))
    page = client.get(at("detail", raised)).content.decode()
    assert "Ask: is an anticoagulant taken?" in page
    assert ('id="ask"' in page) is asks


def test_an_earlier_day_asks_without_a_form(staff, raised):
    day = f"{timezone.now() + timedelta(hours=-1):%Y-%m-%dT%H:%M}"
    page = staff.get(at("detail", raised) + f"?as_of={day}").content.decode()
    assert "Ask: is an anticoagulant taken?" in page and 'id="ask"' not in page


def test_a_drug_that_is_recorded_is_not_asked_about(staff, on_warfarin, make_draw):
    make_draw(on_warfarin, timezone.now() - timedelta(days=1), INR=2.6)
    response = staff.get(at("detail", on_warfarin))
    assert "Anticoagulant: taking" in words(response)
    assert b"Ask: is an anticoagulant" not in response.content
