"""What goes after the time that a site has set, what stays, and the row of audit that a deletion leaves."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.audit import sealing, verifying
from accounts.models import PatientAccess, Purge, SignInEvent
from accounts.protection.purge import purging
from patients.models import Draw
from tests.roles import as_owner
from tests.uploads.oru import oru
from uploads import actions
from uploads.importers.records import FilePart
from uploads.interfaces.messages import receive
from uploads.interfaces.senders import add_sender
from uploads.models import Message, Piece, Upload

YEAR = timedelta(days=366)


def retention(*words: str) -> str:
    out = StringIO()
    with as_owner():
        call_command("retention", *words, stdout=out)
    return out.getvalue()


def age(table: str, by: timedelta) -> None:
    """All rows of it, by so much."""
    with as_owner(), purging("a test"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET at = at - %s", [by])


@pytest.fixture
def looks(patient, viewer) -> None:
    PatientAccess.objects.create(user=viewer, patient=patient, page="detail")
    age("accounts_patientaccess", 10 * YEAR)
    PatientAccess.objects.create(user=viewer, patient=patient, page="detail")


def reasons() -> list[tuple[str, str, str]]:
    found = Purge.objects.exclude(reason="a test").order_by("pk")
    return list(found.values_list("table_name", "statement", "reason"))


def test_without_a_setting_everything_is_kept(looks):
    said = retention()
    assert "Looks at patients: kept for good (KEEP_LOOKS_YEARS=0)." in said
    assert "with their history: kept for good" in said
    assert PatientAccess.objects.count() == 2 and reasons() == []


def test_old_looks_go_with_a_reason_that_stays(looks, settings):
    settings.KEEP_LOOKS_YEARS = 10
    assert "Looks at patients: 1 older than 10 years would go (KEEP_LOOKS_YEARS)." in retention("--dry-run")
    assert PatientAccess.objects.count() == 2 and reasons() == []
    retention()
    assert PatientAccess.objects.count() == 1
    assert reasons() == [("accounts_patientaccess", "DELETE", "KEEP_LOOKS_YEARS=10")]
    retention()
    assert len(reasons()) == 1


def test_the_chain_of_audit_knows_that_they_were_purged(looks, settings):
    sealing.seal()
    settings.KEEP_LOOKS_YEARS = 10
    retention()
    found = verifying.walk()
    assert not found.fault and found.purged == {"accounts_patientaccess": 1}


def test_old_sign_ins_go(clinician, settings):
    SignInEvent.objects.create(user=clinician, what="signed_in")
    age("accounts_signinevent", 3 * YEAR)
    settings.KEEP_SIGN_INS_YEARS = 3
    retention()
    assert not SignInEvent.objects.exists()


def test_the_bytes_of_a_message_go_and_what_became_of_it_stays(client, clinic, data_manager, settings):
    sender, _ = add_sender(clinic=clinic, name="Laboratory")
    receive(sender=sender, raw=oru())
    Message.objects.update(state="stored", at=timezone.now() - 2 * YEAR)
    waiting = Message.objects.get()
    settings.KEEP_MESSAGES_YEARS = 2
    draws = Draw.objects.count()
    assert "Bytes of messages: 1 older than 2 years gone" in retention()
    message = Message.objects.get()
    assert (bytes(message.raw), message.sha256, message.state) == (b"", waiting.sha256, "stored")
    assert Draw.objects.count() == draws
    assert reasons() == [("uploads_message", "UPDATE", "KEEP_MESSAGES_YEARS=2")]
    client.force_login(data_manager)
    answer = client.get(f"/uploads/messages/{message.uuid}/raw/")
    assert answer.status_code == 410 and "are gone" in answer.text


def test_a_message_that_needs_a_person_keeps_its_bytes(clinic, settings):
    sender, _ = add_sender(clinic=clinic, name="Laboratory")
    receive(sender=sender, raw=oru())
    Message.objects.update(state="refused", at=timezone.now() - 2 * YEAR)
    settings.KEEP_MESSAGES_YEARS = 2
    retention()
    assert bytes(Message.objects.get().raw) == oru()


def test_a_file_that_nobody_confirmed_is_discarded(clinic, data_manager, settings):
    table = b"mrn,collected_at,test,value,unit\nN-1,2026-01-01 08:00,ALT,41,U/L\n"
    actions.preview(contents=[("one.csv", FilePart(table))], clinic=clinic, by=data_manager)
    settings.KEEP_STAGED_DAYS = 30
    retention()
    assert Upload.objects.get().state == "previewed"
    Upload.objects.update(at=timezone.now() - timedelta(days=31))
    assert "Files that nobody confirmed: 1 older than 30 days gone" in retention()
    assert Upload.objects.get().state == "discarded"
    assert not Piece.objects.exists() and not Upload.objects.get().rows.exists()


def test_the_runtime_role_may_not(looks, settings):
    if not settings.RUNTIME_ROLE:
        pytest.skip("DATABASE_URL names one role")
    settings.KEEP_LOOKS_YEARS = 10
    with pytest.raises(CommandError, match="only their owner may purge"):
        call_command("retention")
