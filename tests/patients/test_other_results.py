"""Results that are kept as sent: chosen by a clinic, stored, shown, corrected, exported, undone."""

import io
import zipfile

import pytest
from django.urls import reverse

from accounts.protection.purge import purging
from patients.actions.draws import correct_draw, withdraw_draw
from patients.models import Assessment, Draw, OtherResult, Patient
from patients.values.validation import CheckedResult
from tests.roles import as_owner
from tests.uploads.files import PEOPLE, labs, outcomes, reasons
from tests.uploads.oru import obx, oru
from tests.words import words_of
from uploads import actions, kept
from uploads.export import archive
from uploads.models import Mapping

pytestmark = pytest.mark.django_db
GLUCOSE = "N-1,2025-01-01 08:00,Glucose,5.4,mmol/L,3.9,5.6"
FERRITIN = "N-1,2025-01-01 08:00,Ferritin,> 1500,µg/L,,"
ALT = "N-1,2025-01-01 08:00,ALT,40,U/L,,"


@pytest.fixture
def put(clinic, data_manager):
    def put(*contents: bytes, **asked):
        named = [(f"file{number}.csv", content) for number, content in enumerate(contents, 1)]
        return actions.store(contents=named, clinic=clinic, by=data_manager, **asked)

    put(PEOPLE.encode())
    return put


@pytest.fixture
def keeping(clinic, data_manager):
    return kept.keep(clinic=clinic, by=data_manager, keys=["glucose", "ferritin", "total_protein"])


def counting() -> list[tuple]:
    rows = OtherResult.objects.current().order_by("taken_at", "pk")
    return [(row.name, row.value, row.unit, row.range, row.status) for row in rows]


def test_what_the_clinic_keeps_is_stored_as_sent_and_read_by_nobody(put, keeping):
    (upload,) = put(labs(GLUCOSE, FERRITIN, "N-1,2025-01-01,MCV,90,fL,,", "N-9,2025-01-01,Ferritin,1,,,"))
    assert outcomes(upload) == ["new", "new", "waiting"] and upload.left_out == 1
    assert counting() == [
        ("Glucose", "5.4", "mmol/L", "3.9–5.6", "final"),
        ("Ferritin", "> 1500", "µg/L", "", "final"),
    ]
    assert not Draw.objects.exists() and not Assessment.objects.exclude(last_draw_at=None).exists()
    assert OtherResult.objects.first().history.get().pgh_context.metadata["upload"] == str(upload.uuid)


def test_a_test_is_kept_by_any_of_its_names_and_codes(put, keeping):
    put(labs("N-1,2025-01-01,Total protein,70,g/L,,", "N-1,2025-01-02,GLU,5,mmol/L,,"))
    header = "mrn,collected_at,test,value,unit,loinc"
    put(labs("N-1,2025-01-03,Xyz,5.1,mmol/L,2345-7", header=header))
    assert [row[:2] for row in counting()] == [("Total protein", "70"), ("Glucose", "5"), ("Glucose", "5.1")]
    assert set(OtherResult.objects.values_list("test", flat=True)) == {"glucose", "total_protein"}


def test_the_same_again_adds_nothing_and_another_value_is_a_correction(put, keeping):
    put(labs(GLUCOSE))
    assert outcomes(put(labs(GLUCOSE))[0]) == ["same"]
    other = GLUCOSE.replace("5.4", "6.4")
    (upload,) = put(labs(other))
    assert (outcomes(upload), reasons(upload)) == (["changed"], ["Stored 5.4 mmol/L, file 6.4 mmol/L."])
    (upload,) = put(labs(other), apply_changes=True)
    assert [row[1::3] for row in counting()] == [("6.4", "corrected")]
    assert OtherResult.objects.get(status="superseded").status_reason == "Corrected by upload file1.csv"
    actions.undo(uploads=[upload], by=upload.by)
    assert [row[1::3] for row in counting()] == [("5.4", "final")]


def test_two_of_one_file_are_both_kept_and_the_first_counts(put, keeping):
    (upload,) = put(labs(GLUCOSE, GLUCOSE.replace("5.4", "6.4"), GLUCOSE))
    assert outcomes(upload) == ["new", "new", "same"] and upload.rows.filter(flagged=True).count() == 1
    assert [row[1] for row in counting()] == ["5.4"] and OtherResult.objects.count() == 2


def test_a_laboratory_corrects_and_withdraws_by_its_status(put, keeping):
    test = "2345-7^Glucose^LN"
    put(oru(obx(test, "5.4", unit="mmol/L", status="P"), id="1"))
    put(oru(obx(test, "5.6", unit="mmol/L"), id="2"))
    assert [row[1::3] for row in counting()] == [("5.6", "final")]
    put(oru(obx(test, "5.9", unit="mmol/L", status="C"), id="3"))
    assert [row[1::3] for row in counting()] == [("5.9", "corrected")]
    (upload,) = put(oru(obx(test, "", unit="mmol/L", status="W"), id="4"))
    assert counting() == [] and reasons(upload) == [
        "Withdrawn by the laboratory: 5.9 mmol/L no longer counts."
    ]
    actions.undo(uploads=[upload], by=upload.by)
    assert [row[1] for row in counting()] == ["5.9"]


@pytest.mark.parametrize(
    ("row", "outcome", "words"),
    [
        ("N-1,2199-01-01,Glucose,5,mmol/L,,", "refused", "lies in the future"),
        ("N-1,1969-12-31,Glucose,5,mmol/L,,", "refused", "before the patient was born"),
        ("N-1,2025-01-01,Glucose,,mmol/L,,", "refused", "the value is missing"),
        (f"N-1,2025-01-01,Glucose,{'x' * 201},mmol/L,,", "refused", "more than 200 signs"),
        ("N-9,2025-01-01,Glucose,5,mmol/L,,", "waiting", "No patient with this MRN"),
    ],
)
def test_what_cannot_be_kept_says_why(put, keeping, row, outcome, words):
    (upload,) = put(labs(row))
    assert outcomes(upload) == [outcome] and words in reasons(upload)[0]


def test_an_undone_file_takes_them_out_and_comes_in_again(put, keeping, data_manager):
    (upload,) = put(labs(GLUCOSE, ALT))
    actions.undo(uploads=[upload], by=data_manager)
    assert counting() == [] and OtherResult.objects.get().status == "withdrawn"
    assert outcomes(put(labs(GLUCOSE, ALT))[0]) == ["new", "new"]
    assert len(counting()) == 1


def test_they_go_with_their_draw(put, keeping, clinician):
    put(labs(GLUCOSE, ALT))
    draw = Draw.objects.get()
    moved = draw.taken_at.replace(hour=5)
    readings = [_reading(draw.results.get())]
    more = {"laboratory": draw.laboratory, "method": "", "note": "", "reason": "Wrong hour"}
    correct_draw(draw=draw, by=clinician, version=draw.version, taken_at=moved, readings=readings, **more)
    assert OtherResult.objects.get().taken_at == moved
    draw.refresh_from_db()
    withdraw_draw(draw=draw, by=clinician, reason="Another patient's sample")
    assert counting() == []


def _reading(result):
    told = result.reported_value, result.reported_unit, ""
    return CheckedResult(result.analyte, result.value, "", None, None, *told)


def test_they_come_back_by_upload(put, keeping):
    put(labs(GLUCOSE, FERRITIN, ALT))
    file = io.BytesIO()
    assert archive(Patient.objects.filter(mrn="N-1"), file)["results"] == 3
    before = counting()
    content = zipfile.ZipFile(file).read("results.csv")
    assert outcomes(put(content)[0]) == ["same"] * 3
    with as_owner(), purging("as in a database that never had them"):
        OtherResult.objects.all().delete()
    assert put(content)[0].new == 2 and counting() == before


# --- on the pages ---


def test_the_patients_page_shows_them_below_the_grid(put, keeping, client, clinician):
    patient = Patient.objects.get(mrn="N-1")
    client.force_login(clinician)
    page = reverse("patients:detail", kwargs={"uuid": patient.uuid})
    put(labs(ALT))
    assert "Other results" not in client.get(page).content.decode()
    put(labs(GLUCOSE, FERRITIN.replace("> 1500", "<b>1500</b>")))
    shown = words_of(client.get(page))
    assert "Other results: 2 tests kept as sent, not interpreted" in shown
    assert "5.4 mmol/L" in shown and "range 3.9–5.6" in shown and "&lt;b&gt;1500" in shown
    assert "Other results" not in client.get(page, {"as_of": "2024-12-31"}).content.decode()


def test_a_data_manager_and_an_administrator_choose_what_is_kept(client, clinic, data_manager, administrator):
    address = reverse("uploads:kept")
    client.force_login(data_manager)
    assert "None yet: all of them are left out." in client.get(address).content.decode()
    chosen = {"clinic": clinic.code, "test": ["ferritin", "glucose"]}
    page = client.post(address, chosen, follow=True).content.decode()
    assert "Kept from now on: Ferritin, Glucose." in page
    page = client.post(address, chosen, follow=True).content.decode()
    assert "These were kept already." in page
    client.force_login(administrator)
    mapping = Mapping.objects.get(shown="Ferritin")
    page = client.post(reverse("uploads:mapping-undo", args=[mapping.uuid]), follow=True).content.decode()
    assert "Ferritin is left out again in what comes." in page
    assert mapping.history.count() == 2 and [row.shown for row in kept.standing([clinic])] == ["Glucose"]


def test_nobody_else_chooses_or_takes_back(client, clinic, clinician, keeping):
    client.force_login(clinician)
    assert client.get(reverse("uploads:kept")).status_code == 403
    where = reverse("uploads:mapping-undo", args=[keeping[0].uuid])
    assert client.post(where).status_code == 403
    assert "Glucose" not in client.get(reverse("uploads:mappings")).content.decode()


@pytest.mark.parametrize("said", [{}, {"test": ["ALT"]}, {"test": ["nonsense"]}])
def test_only_tests_of_the_list_are_chosen(client, data_manager, said):
    client.force_login(data_manager)
    page = client.post(reverse("uploads:kept"), said, follow=True).content.decode()
    assert "hoose" in page and not Mapping.objects.exists()
