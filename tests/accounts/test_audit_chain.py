"""The chain of seals over the log of looks: whoever changes, takes out or slips in a row breaks it."""

import json
import logging
import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.audit import rows, sealing, verifying
from accounts.models import AuditSeal, PatientAccess
from accounts.protection.purge import purging
from config.backups.restoring import NOTE
from tests.roles import as_owner


@pytest.fixture
def look(viewer, patient):
    return lambda **more: PatientAccess.objects.create(
        user=viewer, patient=patient, page=more.pop("page", "detail"), **more
    )


@pytest.fixture
def two_days_later(monkeypatch):
    """Two days have passed: nothing is late any more."""
    monkeypatch.setattr(sealing, "LATE", timedelta(days=-1))
    monkeypatch.setattr(verifying, "LATE", timedelta(days=-1))


def verify(*words: str) -> str:
    out = StringIO()
    call_command("verify_audit", *words, stdout=out)
    return out.getvalue()


def tamper(sql: str, *values) -> None:
    """As the owner of the tables, who knows how to turn a trigger off."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, values)
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def test_what_is_sealed_fits(look):
    look(), look()
    first = sealing.seal()
    look()
    assert sealing.seal() != first
    said = verify("--head", first)
    assert said.startswith("3 rows in 2 seals fit, 0 are not sealed yet.\nHead: ")
    assert sealing.head() in said


def test_nothing_new_makes_no_seal(look):
    look()
    assert sealing.seal() == sealing.seal()
    assert AuditSeal.objects.count() == 1


def test_an_empty_chain_fits(db):
    assert verify() == f"0 rows in 0 seals fit, 0 are not sealed yet.\nHead: {rows.FIRST}\n"


def test_that_the_database_was_restored_is_said(db):
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(NOTE, ["restored from a.zip, made 2026-11-30"])
    assert f"On {timezone.now():%Y-%m-%d} this database was restored from a.zip, made" in verify()


def test_what_waits_is_counted_and_sealed_on_demand(look):
    look()
    assert "0 rows in 0 seals fit, 1 are not sealed yet." in verify()
    assert "1 rows in 1 seals fit, 0 are not sealed yet." in verify("--seal")


def test_batches_are_bounded(look, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    for _ in range(5):
        look()
    sealing.seal()
    assert [seal.ids[0][1] - seal.ids[0][0] for seal in AuditSeal.objects.order_by("pk")] == [1, 1, 0]
    assert verify().startswith("5 rows in 3 seals fit")


def test_the_first_row_that_was_changed_is_named(look):
    look()
    changed, also = look(), look()
    sealing.seal()
    tamper("UPDATE accounts_patientaccess SET page = 'summary' WHERE id = ANY(%s)", [changed.pk, also.pk])
    with pytest.raises(CommandError, match=rf"^Row {changed.pk} of accounts_patientaccess was changed"):
        verify()


def test_a_row_that_is_gone_is_named(look):
    gone = look()
    look()
    sealing.seal()
    tamper("DELETE FROM accounts_patientaccess WHERE id = %s", gone.pk)
    with pytest.raises(CommandError, match=rf"^Row {gone.pk} of accounts_patientaccess is gone"):
        verify()


def test_a_row_that_is_committed_late_comes_into_a_later_batch(look):
    first = look()
    late = first.pk + 1
    look(pk=late + 1)
    sealing.seal()
    look(pk=late)
    sealing.seal()
    assert [seal.ids for seal in AuditSeal.objects.order_by("pk")] == [
        [[first.pk, first.pk], [late + 1, late + 1]],
        [[late, late]],
    ]
    look(pk=late + 2)
    sealing.seal()
    assert AuditSeal.objects.latest("pk").ids == [[late + 2, late + 2]]
    assert verify().startswith("4 rows in 3 seals fit, 0 are not")


def test_a_row_that_was_slipped_in_is_named(look, two_days_later):
    first = look()
    look(pk=first.pk + 2)
    sealing.seal()
    look(pk=first.pk + 1)
    sealing.seal()
    with pytest.raises(CommandError, match=rf"^Row {first.pk + 1} of accounts_patientaccess was slipped in"):
        verify()


@pytest.mark.parametrize(
    "change", ["head = repeat('a', 64)", "at = at - interval '1 s'", "ids = '[[1, 1]]'", "digests = 'x'"]
)
def test_a_seal_that_was_changed_is_named(look, change):
    look()
    sealing.seal()
    tamper(f"UPDATE accounts_auditseal SET {change}")
    with pytest.raises(CommandError, match="^Seal [0-9]+ was changed"):
        verify()


def test_a_seal_that_is_missing_is_seen(look):
    for _ in range(3):
        look()
        sealing.seal()
    second = AuditSeal.objects.order_by("pk")[1]
    tamper("DELETE FROM accounts_auditseal WHERE id = %s", second.pk)
    with pytest.raises(CommandError, match="does not follow the one before it"):
        verify()


def test_a_chain_that_was_made_anew_does_not_hold_the_logged_head(look):
    changed = look()
    logged = sealing.seal()
    tamper("UPDATE accounts_patientaccess SET page = 'summary' WHERE id = %s", changed.pk)
    tamper("DELETE FROM accounts_auditseal")
    sealing.seal()
    assert "1 rows in 1 seals fit" in verify()
    with pytest.raises(CommandError, match=f"The head {logged} is not in this chain"):
        verify("--head", logged)


def test_what_was_purged_is_told_and_the_rest_fits(look):
    look()
    kept = look()
    sealing.seal()
    with as_owner(), purging("kept for ten years"):
        PatientAccess.objects.exclude(pk=kept.pk).delete()
    sealing.seal()
    said = verify()
    assert "1 sealed rows of accounts_patientaccess were purged, the last on " in said
    assert ": kept for ten years" in said and "2 rows in 2 seals fit" in said


def test_the_head_goes_to_the_log(look, caplog):
    look()
    with caplog.at_level(logging.INFO, "audit"):
        head = sealing.seal()
    (record,) = caplog.records
    told = json.loads(record.getMessage().removeprefix("sealed "))
    assert (told["head"], told["rows"], told["table"]) == (head, 1, "accounts_patientaccess")
    assert set(told) == {"head", "seal", "table", "rows", "at"}


@pytest.mark.parametrize(
    ("numbers", "runs"), [([], []), ([4], [[4, 4]]), ([1, 2, 3, 7, 9, 10], [[1, 3], [7, 7], [9, 10]])]
)
def test_numbers_as_runs_and_back(numbers, runs):
    assert rows.runs_of(numbers) == runs
    assert list(rows.numbers_of(runs)) == numbers


@pytest.mark.django_db(transaction=True)
def test_sealing_waits_for_no_writer_and_no_writer_for_it(look):
    """A look that is being written while others are sealed: it is sealed after its commit."""
    look()
    written, sealed = threading.Event(), threading.Event()

    def write_slowly():
        try:
            with transaction.atomic():
                look()
                written.set()
                assert sealed.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=write_slowly)
    thread.start()
    assert written.wait(30)
    look()
    sealing.seal()
    assert AuditSeal.objects.get().ids == [[n, n] for n in sorted(_numbers())]
    sealed.set()
    thread.join()
    sealing.seal()
    assert verify().startswith("3 rows in 2 seals fit, 0 are not")


def _numbers() -> set[int]:
    return set(PatientAccess.objects.values_list("pk", flat=True))


@pytest.mark.django_db(transaction=True)
def test_two_who_seal_at_once_make_one_chain(look):
    for _ in range(20):
        look()

    def seal():
        sealing.seal()
        connection.close()

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify().startswith("20 rows in 1 seals fit")
    assert AuditSeal.objects.get().at <= timezone.now()
