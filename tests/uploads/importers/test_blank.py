"""Files to fill in: made from the importers' own columns, and they upload back."""

import pytest
from django.urls import reverse

from patients.models import Diagnosis, Event, Patient, Result
from uploads import blank
from uploads.importers.main import parse

pytestmark = pytest.mark.django_db


@pytest.fixture
def contents(manager) -> list[tuple[str, bytes]]:
    return [(kind, manager.get(reverse("uploads:template", args=[kind])).content) for kind in blank.FILES]


def test_each_file_uploads_back(contents, put):
    uploads = put(*(content for _, content in contents))
    counts = [(upload.reason, upload.refused, upload.waiting, upload.changed) for upload in uploads]
    assert counts == [("", 0, 0, 0)] * len(blank.FILES)
    patient = Patient.objects.get()
    assert (patient.mrn, patient.family_name) == ("EXAMPLE-1", "Example")
    assert Diagnosis.objects.count() == Event.objects.count() == 1
    assert Result.objects.filter(status="final").count() >= 10


def test_no_name_in_them_is_unknown_to_the_importers(contents):
    for kind, content in contents:
        parsed = parse(content)
        assert (parsed.reason, parsed.unknown) == ("", ()), kind
        assert not [note for note in parsed.notes if "not read" in note], kind


def test_they_are_offered_and_another_kind_is_not_found(manager):
    page = manager.get(reverse("uploads:list")).content.decode()
    assert all(reverse("uploads:template", args=[kind]) in page for kind in blank.FILES)
    assert manager.get("/uploads/templates/nonsense.csv").status_code == 404
