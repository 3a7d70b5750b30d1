"""The Uploads pages, as each role and as a stranger."""

import csv
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from patients.models import Patient, Result
from tests.uploads.files import PEOPLE, labs
from tests.words import words_of
from uploads import actions
from uploads.models import Job, Upload, UploadRow

pytestmark = pytest.mark.django_db
RESULT = "N-1,2025-01-01,ALT,40,U/L,,"


def drop(client, *contents: bytes, **data):
    files = [SimpleUploadedFile(f"file{number}.csv", content) for number, content in enumerate(contents, 1)]
    return client.post(reverse("uploads:list"), {"files": files, **data}, follow=True)


def address(name: str) -> str:
    return reverse(f"uploads:{name}", args=[Upload.objects.order_by("pk").last().batch])


def test_the_list_offers_the_form_and_shows_what_was_uploaded(manager, people):
    page = words_of(manager.get(reverse("uploads:list")))
    assert 'type="file"' in page and 'enctype="multipart/form-data"' in page
    assert "file1.csv" in page and "Stored" in page


def test_a_preview_stores_nothing_of_the_record(manager):
    page = words_of(drop(manager, PEOPLE.encode(), labs(RESULT)))
    assert "Nothing is stored yet" in page and "<strong>3</strong> new rows would be stored" in page
    assert not Patient.objects.exists()
    assert all(upload.kept for upload in Upload.objects.all())


def test_a_confirmed_preview_is_stored_with_links_to_the_patients(manager):
    drop(manager, labs(RESULT), PEOPLE.encode())
    page = words_of(manager.post(address("store"), follow=True))
    assert reverse("patients:detail", args=[Patient.objects.get(mrn="N-1").uuid]) in page
    assert Result.objects.get().value == 40
    assert not Upload.objects.exclude(pieces=None, state="stored").exists()


def test_a_second_confirmation_is_told(manager):
    drop(manager, PEOPLE.encode())
    manager.post(address("store"))
    page = words_of(manager.post(address("store"), follow=True))
    assert "These files were stored already" in page
    assert Patient.objects.count() == 2


def test_a_record_that_moved_on_shows_a_new_preview(manager, put):
    drop(manager, PEOPLE.encode())
    batch = address("store")
    put(PEOPLE.encode())
    page = words_of(manager.post(batch, follow=True))
    assert "The record changed since this preview" in page
    assert "No new rows" in page


def test_changes_are_stored_only_when_ticked(manager, people, put):
    put(labs("N-1,2025-01-01T08:00,ALT,40,U/L,,"))
    page = words_of(drop(manager, labs("N-1,2025-01-01T08:00,ALT,44,U/L,,")))
    assert "Stored 40 U/L, file 44 U/L." in page and "apply_changes" in page
    manager.post(address("store"), {"apply_changes": "on"})
    assert Result.objects.get(status="corrected").value == 44


NOTHING = "No new rows: storing would add nothing."


@pytest.mark.parametrize(
    ("row", "nothing"),
    [
        ("N-1,2025-01-01,Leberwert,40,U/L,,", False),
        ("N-9,2025-01-01,ALT,40,U/L,,", False),
        ("N-1,2025-01-01,ALT,neg,U/L,,", True),
    ],
)
def test_storing_rows_that_wait_for_a_decision_is_not_called_useless(manager, people, row, nothing):
    page = words_of(drop(manager, labs(row)))
    assert ((NOTHING in page), ("are kept and asked about" in page)) == (nothing, not nothing)
    manager.post(address("store"))
    assert NOTHING in drop(manager, labs(row)).content.decode()


def test_too_many_files_at_once_are_refused_with_their_number(manager, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    response = drop(manager, *[b"mrn"] * 4)
    assert response.status_code == 400 and "At most 3 files are taken at once" in response.content.decode()


def test_unusual_values_are_named_before_they_are_confirmed(manager, people):
    page = words_of(drop(manager, labs("N-1,2025-01-01,INR,9.6,,,")))
    assert "INR 9.6 is unusually high" in page
    assert "<strong>1</strong> of them is unusual" in page


def test_problems_alike_are_one_line_with_their_rows_folded(manager, people):
    days = (f"N-1,2025-01-{day:02},Zonulin,40,U/L,," for day in range(1, 29))
    other = (f"N-1,2025-02-{day:02},Zonulin,40,U/L,," for day in range(1, 29))
    page = words_of(drop(manager, labs(*days, *other, "N-1,bad,ALT,40,U/L,,")))
    assert "<strong>56 rows</strong>, test: Test “Zonulin” is not known." in page
    assert "First row 2." in page and "and 6 more, in the download below." in page
    assert page.count("<details>") == 2 and page.index("56 rows") < page.index("1 row<")


def test_few_problems_stand_open(manager, people):
    assert "<details open>" in drop(manager, labs("N-1,bad,ALT,40,U/L,,")).content.decode()


def test_each_region_of_a_page_has_its_own_name(manager, people):
    wrong = labs("N-1,bad,ALT,40,U/L,,")
    for page in (drop(manager, wrong, wrong), manager.get(reverse("uploads:list"))):
        names = re.findall(r'role="region" aria-label(?:ledby)?="([^"]+)"', page.content.decode())
        assert len(names) == len(set(names)) > 0
    assert 'aria-labelledby="before"' not in page.content.decode()


def test_a_discarded_preview_keeps_nothing(manager):
    drop(manager, PEOPLE.encode())
    manager.post(address("discard"))
    assert Upload.objects.get().state == "discarded" and not Upload.objects.get().kept
    assert not UploadRow.objects.exists()


def test_undo_asks_first_and_then_withdraws(manager):
    drop(manager, PEOPLE.encode())
    manager.post(address("store"))
    assert "2 new rows stored" in manager.get(address("undo")).content.decode()
    page = words_of(manager.post(address("undo"), follow=True))
    assert "Undone: what these files brought is withdrawn." in page
    assert not Patient.objects.current().exists()


def test_undo_of_one_file_that_others_built_on_says_why_not(manager, people, put):
    put(labs(RESULT))
    where = reverse("uploads:undo", args=[people.batch])
    page = words_of(manager.post(where, {"file": people.uuid}, follow=True))
    assert "This cannot be undone before this is settled" in page and "N-1" in page
    assert Patient.objects.current().count() == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"\x00\x01\x02", "binary data"),
        (b"mrn,family_name,sex\n1,Ito,F\n", "has no column “birth_date”"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_on_its_card(manager, content, words):
    page = words_of(drop(manager, content))
    assert words in page and "Nothing of this file is stored" in page


def test_a_file_above_the_limit_is_refused_before_it_is_read(manager, settings):
    settings.MAX_UPLOAD_MB = 1
    answer = drop(manager, b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 422
    assert "file1.csv: larger than 1 MB. Split it" in answer.content.decode()
    assert not Upload.objects.exists()


def test_a_large_file_is_left_to_a_worker(manager, monkeypatch):
    monkeypatch.setattr(actions, "is_large", lambda size: size > 100)
    page = words_of(drop(manager, PEOPLE.encode() + b"N-3,Oz,,M,1980-01-31\n" * 4))
    assert "Waiting for its turn" in page and "<progress" in page and 'http-equiv="refresh"' in page
    upload, job = Upload.objects.get(), Job.objects.get()
    assert (upload.state, upload.kept, job.task, job.state) == ("queued", True, "read", "queued")


def test_no_file_is_answered_with_a_sentence(manager):
    answer = drop(manager)
    assert (answer.status_code, "Choose at least one file." in answer.content.decode()) == (422, True)


def test_a_clinic_where_one_may_not_upload_is_not_taken(manager, other_clinic):
    drop(manager, PEOPLE.encode(), clinic=other_clinic.code)
    assert not Upload.objects.exists()


def test_rows_to_look_at_are_downloaded_with_reasons_and_run_nothing(manager, people):
    drop(manager, labs("N-1,2025-01-01,=Zonulin(),300,U/L,,", RESULT))
    text = manager.get(address("rows")).content.decode("utf-8-sig")
    assert len(text.splitlines()) == 2
    assert '"file1.csv","2","test","Needs a person","Test “=Zonulin()” is not known.' in text


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\n=", "＝", "＋", "－", "＠"])
def test_no_cell_of_the_download_runs_as_a_formula(manager, people, first):
    drop(manager, labs(f'"{first}1;=1",2025-01-01,ALT,300,U/L,,'))
    (row,) = list(csv.reader(manager.get(address("rows")).content.decode("utf-8-sig").splitlines()))[1:]
    assert row[-1].startswith("'") and len(row) == 6


def test_what_a_file_says_is_shown_as_text(manager, people):
    page = words_of(drop(manager, labs("N-1,2025-01-01,<script>alert(1)</script>,300,U/L,,")))
    assert "<script>alert" not in page


@pytest.mark.parametrize("name", ["preview", "store", "discard", "undo", "rows"])
def test_another_clinics_upload_is_not_found(client, stranger, people, name):
    client.force_login(stranger)
    ask = client.post if name in ("store", "discard") else client.get
    assert ask(reverse(f"uploads:{name}", args=[people.batch])).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "administrator"])
@pytest.mark.parametrize("name", ["list", "preview", "rows"])
def test_a_role_that_may_not_upload_is_told(client, request, people, role, name):
    client.force_login(request.getfixturevalue(role))
    where = reverse(f"uploads:{name}", args=[] if name == "list" else [people.batch])
    assert client.get(where).status_code == 403


def test_one_who_is_not_signed_in_is_sent_to_sign_in(client, db):
    assert client.get(reverse("uploads:list")).status_code == 302
