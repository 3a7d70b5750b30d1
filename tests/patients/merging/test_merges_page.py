"""The page of merged numbers: who was merged and why, undone by whoever may, with a reason."""

import pytest
from django.urls import reverse

from accounts.models import ListAccess
from patients.actions.merging import merge
from patients.actions.merging.numbers import remember
from patients.models import Draw, Merge, Patient
from tests.words import words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def merged(patient, make_draw, data_manager) -> Merge:
    fields = {"mrn": "N-200", "family_name": "Okafor", "given_name": "Ada", "sex": "F"}
    twice = Patient.objects.create(clinic=patient.clinic, birth_date=patient.birth_date, **fields)
    make_draw(twice, "2025-02-01T08:00", ALT=90)
    return merge(survivor=patient, merged=twice, by=data_manager, why="message 7 of LIS")


def page(client, patient, name="merges", *more):
    return client.get(reverse(f"patients:{name}", args=[patient.uuid, *more]))


def test_the_menu_leads_there_where_there_is_something(client, clinician, patient):
    client.force_login(clinician)
    assert "Merged numbers" not in words_of(page(client, patient, "detail"))
    assert "nobody was merged into this record" in words_of(page(client, patient))
    remember(patient=patient, mrn="N-5", by=clinician)
    assert "Merged numbers" in words_of(page(client, patient, "detail"))
    assert "<strong>MRN N-5</strong>: a number of before" in words_of(page(client, patient))


def test_it_says_who_was_merged_when_and_why_and_is_a_look(client, clinician, patient, merged):
    client.force_login(clinician)
    shown = words_of(page(client, patient))
    assert "<strong>MRN N-200</strong>, Ada Okafor" in shown and "message 7 of LIS" in shown
    assert ListAccess.objects.filter(page="merges").values_list("patients", flat=True)[0] == [
        merged.merged_id
    ]


def test_a_viewer_sees_it_and_cannot_undo(client, viewer, patient, merged):
    client.force_login(viewer)
    assert "Undo…" not in words_of(page(client, patient))
    assert page(client, patient, "merge-undo", merged.uuid).status_code == 403


@pytest.mark.parametrize("who", ["clinician", "data_manager"])
def test_it_is_undone_with_a_reason_and_once(client, request, patient, merged, who):
    client.force_login(request.getfixturevalue(who))
    address = reverse("patients:merge-undo", args=[patient.uuid, merged.uuid])
    assert address in words_of(page(client, patient))
    refused = client.post(address, {"reason": " "})
    assert refused.status_code == 422 and "Say why." in words_of(refused)
    assert Draw.objects.filter(patient=patient).count() == 1
    done = client.post(address, {"reason": "Two sisters"}, follow=True)
    assert "The merge is undone: MRN N-200 is a patient of its own again." in words_of(done)
    assert Draw.objects.get().patient == merged.merged
    assert "Two sisters" in words_of(page(client, patient))
    again = client.post(address, {"reason": "Twice"})
    assert again.status_code == 422 and "This merge is undone already." in words_of(again)


def test_a_merge_of_somebody_else_is_not_found(client, clinician, patient, merged):
    other = Patient.objects.create(
        clinic=patient.clinic, mrn="N-9", family_name="Lind", birth_date=patient.birth_date, sex="F"
    )
    client.force_login(clinician)
    assert page(client, other, "merge-undo", merged.uuid).status_code == 404
