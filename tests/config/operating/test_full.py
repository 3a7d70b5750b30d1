"""A disk that fills up: said, then no files and messages, then nothing saved; each in the form of its address."""

from contextlib import suppress
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from config.operating import bodies
from patients.models import Draw
from tests.uploads.oru import oru
from uploads import room
from uploads.interfaces.senders import add_sender
from uploads.management.commands.mllp import answer
from uploads.models import Message, Upload

MB = 1024**2
TEMPLATE = b"mrn,collected_at,test,value,unit\nN-100,2026-01-01 08:00,ALT,41,U/L\n"


@pytest.fixture
def free(monkeypatch, settings):
    """free(MB): of the 500 MB of DISK_FREE_MB."""
    settings.DISK_FREE_MB = 500

    def leave(megabytes: int) -> None:
        usage = SimpleNamespace(free=megabytes * MB, total=10**12)
        monkeypatch.setattr(room.shutil, "disk_usage", lambda place: usage)

    return leave


@pytest.fixture
def token(clinic) -> str:
    return add_sender(clinic=clinic, name="Laboratory")[1]


def upload(client):
    return client.post("/uploads/", {"files": SimpleUploadedFile("one.csv", TEMPLATE)})


def enter(client, patient):
    form = {"taken_at": "2026-01-01T08:00", "laboratory": "L1", "method": "", "note": ""}
    form |= {"ALT-value": "41", "ALT-unit": "U/L", "ALT-upper": "40"}
    return client.post(f"/patients/{patient.uuid}/draws/add/", form)


def test_with_little_room_files_are_refused_and_pages_are_read_and_filled_in(
    client, clinician, patient, free
):
    client.force_login(clinician)
    free(499)
    refused = upload(client)
    assert refused.status_code == 507 and refused["X-Saved"] == "no"
    assert "The disk is nearly full: no more files are taken." in refused.text
    assert "what is typed is still saved" in refused.text and not Upload.objects.exists()
    assert client.get("/uploads/").status_code == client.get(f"/patients/{patient.uuid}/").status_code == 200
    assert enter(client, patient).status_code == 302 and Draw.objects.count() == 1
    free(500)
    assert upload(client).status_code == 302


def test_on_a_full_disk_nothing_is_saved_and_pages_are_read(client, clinician, patient, free):
    client.force_login(clinician)
    free(99)
    refused = enter(client, patient)
    assert refused.status_code == 507 and not Draw.objects.exists()
    assert "Pages can be read; nothing is saved until there is room." in refused.text
    assert client.get(f"/patients/{patient.uuid}/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302


def test_programs_are_answered_in_their_form(client, clinician, patient, free):
    client.force_login(clinician)
    free(99)
    asked = {"headers": {"Accept": "application/json"}}
    answered = client.post(f"/patients/{patient.uuid}/draws/add/", {}, **asked)
    assert (answered.status_code, answered.json()["errors"][0][:17]) == (507, "The disk is full.")
    outcome = client.post("/fhir/Patient", b"{}", content_type="application/fhir+json")
    assert (outcome.status_code, outcome.json()["resourceType"]) == (507, "OperationOutcome")


def test_a_message_is_welcome_later(client, token, free):
    def send(raw: bytes):
        return client.post(
            "/hl7/", raw, content_type="text/plain", headers={"Authorization": f"Bearer {token}"}
        )

    free(499)
    answered = send(oru())
    assert answered.status_code == 507 and "\rMSA|AE|" in answered.text
    assert "the disk is nearly full" in answered.text and not Message.objects.exists()
    free(500)
    assert "\rMSA|AE|" not in send(oru()).text and Message.objects.count() == 1


def test_a_message_by_mllp_is_welcome_later(free):
    free(499)
    assert b"\rMSA|AE|" in answer(0, oru())


def test_a_large_file_is_refused_before_it_lies_on_the_disk(client, clinician, free, monkeypatch):
    monkeypatch.setattr(bodies, "close_old_connections", lambda: None)
    client.force_login(clinician)
    cookies = {"COOKIE": f"sessionid={client.cookies['sessionid'].value}"}
    free(499)
    refusal = bodies.SiteDoor().refusal("/uploads/", cookies)
    assert refusal.to_response()[0].startswith("507 ")
    free(500)
    assert bodies.SiteDoor().refusal("/uploads/", cookies) is None


def test_a_command_takes_no_file(clinic, free, tmp_path):
    file = tmp_path / "one.csv"
    file.write_bytes(TEMPLATE)
    free(499)
    with pytest.raises(CommandError, match="The disk is nearly full: nothing more is taken in"):
        call_command("upload", str(file), clinic=clinic.code)


def test_in_a_watched_folder_the_files_wait(clinic, free, tmp_path, caplog):
    def watch() -> None:
        call_command("watch", str(tmp_path), clinic=clinic.code, once=True, settle=0)

    file = tmp_path / "one.csv"
    file.write_bytes(TEMPLATE)
    free(499)
    watch()
    assert "The disk is nearly full: nothing more is taken in. Send it again" in (said := caplog.text)
    assert "The files wait." in said and file.exists()
    free(500)
    with suppress(SystemExit):
        watch()
    assert not file.exists()


@pytest.mark.parametrize(
    ("megabytes", "said"),
    [
        (2000, ""),
        (1999, "soon files and messages will be refused"),
        (499, "files and messages are refused, and soon nothing will be saved"),
        (99, "nothing is saved any more"),
    ],
)
def test_administrators_are_told_on_each_page(client, administrator, clinician, free, megabytes, said):
    free(megabytes)
    client.force_login(administrator)
    page = client.get("/").text
    assert ("disk-banner" in page) == bool(said) and said in page
    client.force_login(clinician)
    assert "disk-banner" not in client.get("/").text


def test_the_disk_of_the_embedded_database_counts_too(monkeypatch, settings):
    settings.DATABASE_URL = ""
    left = {settings.VAR_DIR: 9000, settings.VAR_DIR / "postgres": 400}
    monkeypatch.setattr(
        room.shutil, "disk_usage", lambda place: SimpleNamespace(free=left[place] * MB, total=10**12)
    )
    assert room.disk().place == settings.VAR_DIR / "postgres" and room.disk().is_short
    settings.DATABASE_URL = "postgresql://elsewhere"
    assert not room.disk().is_short
