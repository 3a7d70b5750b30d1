"""Concerns stand until somebody closes them; notes are added to and struck out, never changed."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from patients.actions.errors import Refused
from patients.actions.written.concerns import close_concern, raise_concern
from patients.actions.written.notes import strike_note, write_note
from patients.models import Assessment, Concern, Note, Patient
from patients.presenters.worklist.rows import row
from patients.worklist import WorklistState, counts, page
from tests.roles import KEPT

DAY = date(2026, 1, 5)


def worry(patient, by, reason="Loses weight", owner=None, starts_on=DAY):
    return raise_concern(patient=patient, by=by, reason=reason, owner=owner or by, starts_on=starts_on)


@pytest.fixture
def colleague(clinic, django_user_model):
    user = django_user_model.objects.create_user(
        "colleague", password="x", first_name="Ida", last_name="Holm"
    )
    user.memberships.create(clinic=clinic, role="clinician")
    return user


@pytest.fixture
def get(client, clinician, patient):
    client.force_login(clinician)

    def page_of(name="detail", query="", *more) -> str:
        address = reverse(f"patients:{name}", args=[patient.uuid, *more]) + query
        return " ".join(client.get(address).content.decode().split())

    return page_of


# --- concerns ---


def test_a_concern_sent_twice_stands_once(patient, clinician):
    assert (
        worry(patient, clinician) == worry(patient, clinician, "  Loses   weight ") == Concern.objects.get()
    )


def test_several_concerns_stand_each_with_its_owner(patient, clinician, colleague):
    worry(patient, clinician)
    worry(patient, clinician, "Drinks again", colleague)
    found = Assessment.objects.get(patient=patient)
    assert found.concerns == [f"Drinks again ({colleague})", f"Loses weight ({clinician})"]


def test_the_same_concern_of_another_owner_is_refused_with_who_has_it(patient, clinician, colleague):
    worry(patient, clinician)
    with pytest.raises(Refused, match=f"owned by {clinician}"):
        worry(patient, colleague)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"starts_on": date.today() + timedelta(days=2)}, "starts_on"),
        ({"starts_on": date(1900, 1, 1)}, "starts_on"),
    ],
)
def test_what_cannot_be_a_concern_is_refused_at_its_field(patient, clinician, given, field):
    with pytest.raises(Refused) as refusal:
        worry(patient, clinician, **given)
    assert refusal.value.field == field
    assert not Concern.objects.exists()


@pytest.mark.parametrize("role", ["viewer", "stranger", "data_manager"])
def test_an_owner_works_as_clinician_in_the_clinic(patient, clinician, request, role):
    with pytest.raises(Refused, match="choose another owner"):
        worry(patient, clinician, owner=request.getfixturevalue(role))


def test_closed_it_leaves_list_and_stays_in_the_history(patient, clinician, colleague):
    concern = worry(patient, clinician)
    close_concern(concern=concern, by=colleague, reason="Weight is stable.")
    close_concern(concern=concern, by=colleague, reason="Weight is stable.")
    assert Assessment.objects.get(patient=patient).concerns == []
    assert concern.history.count() == 2
    with pytest.raises(Refused, match="Holm has closed this already: Weight is stable."):
        close_concern(concern=concern, by=clinician, reason="Other")
    assert worry(patient, clinician) != concern


def test_the_database_closes_a_concern_once_and_keeps_it(patient, clinician):
    concern = worry(patient, clinician)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Concern.objects.update(reason="Gains weight")
    with pytest.raises(DatabaseError, match=KEPT), transaction.atomic():
        concern.delete()


# --- notes ---


def test_a_note_sent_twice_is_written_once_with_its_lines(patient, clinician):
    first = write_note(patient=patient, by=clinician, text=" Lives alone. \r\nDaughter calls.\n")
    assert first == write_note(patient=patient, by=clinician, text="Lives alone.\nDaughter calls.")
    assert Note.objects.get().text == "Lives alone.\nDaughter calls."


def test_an_addendum_belongs_to_a_note_of_the_same_patient(patient, clinic, clinician):
    note = write_note(patient=patient, by=clinician, text="Lives alone.")
    addendum = write_note(patient=patient, by=clinician, text="No longer.", addendum_to=note)
    born = {"birth_date": "1960-01-01", "sex": "F"}
    other = Patient.objects.create(clinic=clinic, mrn="N-101", family_name="Lund", **born)
    for whose, to in ((other, note), (patient, addendum)):
        with pytest.raises((Refused, IntegrityError)):
            write_note(patient=whose, by=clinician, text="x", addendum_to=to)
    assert Note.objects.count() == 2


def test_a_note_is_struck_out_once_and_stays_readable(patient, clinician, colleague, get):
    note = write_note(patient=patient, by=clinician, text="Lives alone.")
    strike_note(note=note, by=colleague, reason="Of another patient.")
    with pytest.raises(Refused, match="has struck this out already"):
        strike_note(note=note, by=clinician, reason="Other")
    text = get(query="?tab=notes")
    assert "<del>Lives alone.</del>" in text and "Of another patient." in text and "Ida Holm" in text


def test_the_database_keeps_the_words_of_a_note(patient, clinician):
    note = write_note(patient=patient, by=clinician, text="Lives alone.")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Note.objects.update(text="Lives with her son.")
    with pytest.raises(DatabaseError, match=KEPT), transaction.atomic():
        note.delete()


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 2001])
def test_what_is_no_note_is_refused(patient, clinician, text):
    with pytest.raises(Refused):
        write_note(patient=patient, by=clinician, text=text)


# --- where they are shown ---


def test_the_worklist_marks_and_finds_who_is_worried_about(patient, clinic, clinician, client):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-101", family_name="Lund", birth_date="1960-01-01", sex="F"
    )
    write_note(patient=other, by=clinician, text="No worry.")
    worry(patient, clinician)
    now = timezone.now()
    state = WorklistState(concern=True)
    assert [one.patient for one in page(state, [clinic], now).rows] == [patient]
    assert counts(WorklistState(), [clinic], now)["concern"] == 1
    (found,) = page(state, [clinic], now).rows
    assert row(found, clinic, now).concerns == (f"Loses weight ({clinician})",)
    client.force_login(clinician)
    text = client.get("/?concern=1").content.decode()
    assert "Concern: Loses weight" in text and "With a concern" in text and "Lund" not in text


def test_the_page_shows_what_stands_and_is_written_anew(patient, clinician, get):
    assert 'id="concerns"' not in get()
    concern = worry(patient, clinician)
    assert "<b>Concern</b> Loses weight" in get()
    write_note(patient=patient, by=clinician, text="Lives <alone>.")
    assert "Lives &lt;alone&gt;." in get(query="?tab=notes") and "Notes <small>2</small>" in get()
    close_concern(concern=concern, by=clinician, reason="Stable.")
    text = get(query="?tab=notes")
    assert 'id="concerns"' not in text and "Closed concerns: 1" in text


def test_as_of_an_earlier_day_what_was_written_later_is_not_there(patient, clinician, get):
    worry(patient, clinician)
    write_note(patient=patient, by=clinician, text="Lives alone.")
    text = get(query="?tab=notes&as_of=2026-02-01")
    assert "Loses weight" not in text and "Lives alone" not in text


def test_the_summary_holds_both(patient, clinician, get):
    worry(patient, clinician)
    write_note(patient=patient, by=clinician, text="Lives alone.")
    text = get("summary")
    assert "Concern: Loses weight" in text and "Lives alone." in text


# --- forms ---


@pytest.mark.parametrize("script", [False, True])
def test_a_concern_is_raised_and_closed_on_the_page(client, clinician, patient, script):
    client.force_login(clinician)
    headers = {"HX-Request": "true"} if script else {}
    address = reverse("patients:concern-add", args=[patient.uuid])
    typed = {"reason": "Loses weight", "owner": clinician.pk, "starts_on": "2026-01-05"}
    assert client.get(address, headers=headers).status_code == 200
    response = client.post(address, typed, headers=headers, follow=True)
    assert response.status_code == 200 and "Loses weight" in response.content.decode()
    close = reverse("patients:concern-close", args=[patient.uuid, Concern.objects.get().uuid])
    assert client.post(close, {"reason": ""}, headers=headers).status_code == 422
    response = client.post(close, {"reason": "Stable."}, headers=headers, follow=True)
    assert "Closed concerns: 1" in response.content.decode()


@pytest.mark.parametrize("script", [False, True])
def test_a_note_is_written_added_to_and_struck_out_on_the_page(client, clinician, patient, script):
    client.force_login(clinician)
    headers = {"HX-Request": "true"} if script else {}
    address = reverse("patients:note-add", args=[patient.uuid])
    response = client.post(address, {"text": "Lives alone."}, headers=headers, follow=True)
    assert "Lives alone." in response.content.decode() and "The note is stored." in response.content.decode()
    note = Note.objects.get()
    for name, typed, said in (
        ("note-addendum", {"text": "No longer."}, "Addendum"),
        ("note-strike", {"reason": "Wrong."}, "struck out by"),
    ):
        path = reverse(f"patients:{name}", args=[patient.uuid, note.uuid])
        assert "Lives alone." in client.get(path, headers=headers).content.decode()
        assert said in client.post(path, typed, headers=headers, follow=True).content.decode()


def test_what_was_typed_stays_with_a_refusal(client, clinician, patient):
    client.force_login(clinician)
    address = reverse("patients:concern-add", args=[patient.uuid])
    response = client.post(address, {"reason": "Loses weight", "owner": clinician.pk, "starts_on": "soon"})
    assert response.status_code == 422
    text = response.content.decode()
    assert 'value="Loses weight"' in text and "2026-11-23" in text
