"""Each look at a visit is known, by the record system and a hash; a silent clinic shows no reading on one."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction

from accounts.models import Clinic, PatientAccess
from tests.test_silent import GRADE, SHAPE, URGENCY, shown
from tests.uploads.interfaces.smart.conftest import fill, text
from uploads.models import VisitLook

pytestmark = pytest.mark.django_db


def test_each_look_is_logged_and_names_nobody(client, clinician, clinic, system, launched):
    visit = launched().url
    for _ in range(2):
        client.get(visit)
    looks = list(VisitLook.objects.all())
    assert len(looks) == 2 and not PatientAccess.objects.exists()
    assert (looks[0].user, looks[0].clinic, looks[0].issuer) == (clinician, clinic, system.base)
    assert len(looks[0].number_hash) == 64 and "7001" not in looks[0].number_hash


def test_a_look_is_logged_before_anything_is_shown(client, system, launched):
    """Also where the rest then does not come."""
    visit = launched().url
    system.faults["next"] = "http://127.0.0.1:1/"
    system.page = 1
    client.get(visit)
    assert VisitLook.objects.count() == 1


def test_the_database_keeps_looks(client, page):
    page()
    for change in (lambda rows: rows.update(issuer="x"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(VisitLook.objects.all())


def test_administrators_see_looks_and_find_them_by_number(client, administrator, system, page, viewer):
    fill(system, "p-2", {"value": "R-7002"})
    page()
    page("p-2")
    client.force_login(administrator)
    listed = text(client.get("/staff/access/"))
    assert listed.count(f"Visit: {system.base}") == 2 and "R-700" not in listed and "number hashed" in listed
    found = client.post("/staff/access/", {"mrn": "R-7002"}, follow=True)
    assert "R-7002" not in found.redirect_chain[0][0]
    assert text(found).count(f"Visit: {system.base}") == 1
    nobody = client.post("/staff/access/", {"mrn": "R-9"}, follow=True)
    assert "No patient of your clinics has this MRN." in text(nobody)


def test_looks_of_another_clinic_are_not_shown(client, stranger, system, page, other_clinic):
    page()
    stranger.memberships.update(role="administrator")
    client.force_login(stranger)
    assert "Visit:" not in text(client.get("/staff/access/"))
    assert "Visit:" not in text(client.post("/staff/access/", {"mrn": "R-7001"}, follow=True))


def test_looks_are_in_the_files(client, administrator, system, page):
    page()
    client.force_login(administrator)
    lines = b"".join(client.get("/staff/access/looks.csv")).decode()
    assert f"Visit: {system.base}" in lines and "R-7001" not in lines
    out = StringIO()
    call_command("audit", stdout=out)
    visits = [line for line in map(json.loads, out.getvalue().splitlines()) if line["kind"] == "visit"]
    assert [(one["issuer"], len(one["number_hash"])) for one in visits] == [(system.base, 64)]


def test_looks_are_in_the_chain_of_audit(page):
    page()
    out = StringIO()
    call_command("verify_audit", "--seal", stdout=out)
    assert "0 are not sealed yet" in out.getvalue()


def test_a_silent_clinic_sees_values_and_no_reading(client, clinic, page):
    Clinic.objects.filter(pk=clinic.pk).update(is_silent=True, silent_why="Before the figures are known")
    answer = page()
    said = shown(answer)
    assert "Visit, not stored" in said and "R-7001" in said and "<svg" in said and "2.6" in said
    assert not [match for kind in (GRADE, URGENCY, SHAPE) for match in kind.finditer(said)]
    assert "falling ALT" not in said and "What this means" not in said and "Now" not in said


def test_nothing_can_be_entered_on_a_visit(page):
    said = text(page())
    main = said.partition("<main")[2].partition("</main>")[0]
    assert main.count("<form") == 1 and "/end/" in main
    assert "hx-" not in main and "/patients/" not in main


def test_a_patient_without_results_has_no_reading(system, page):
    system.resources = [one for one in system.resources if one["resourceType"] != "Observation"]
    said = text(page())
    assert "there is nothing to read a pattern from" in said and "Verdict" not in said


def test_results_that_cannot_be_read_are_said(system, page):
    first = next(one for one in system.resources if one["resourceType"] == "Observation")
    first["valueQuantity"] = {"value": 7, "unit": "furlong"}
    said = text(page())
    assert "1 result could not be read and" in said and "furlong" in said


@pytest.mark.parametrize("about", [{"name": None}, {"birthDate": None}, {"identifier": None}, {"gender": 7}])
def test_whoever_has_less_is_shown_with_less(about, system, page):
    system.patients["p-1"] = {
        key: value for key, value in (system.patients["p-1"] | about).items() if value is not None
    }
    answer = page()
    assert answer.status_code == 200 and "Visit, not stored" in text(answer)
    look = VisitLook.objects.get()
    assert bool(look.number_hash) == ("identifier" not in about)


@pytest.mark.parametrize(
    "choice", ["view=overlay", "view=trajectory", "scale=limit", "range=all", "draws=all", "as_of=x"]
)
def test_the_chart_is_chosen_by_links(choice, client, launched):
    answer = client.get(f"{launched().url}?{choice}")
    assert answer.status_code == 200 and "<svg" in text(answer)
