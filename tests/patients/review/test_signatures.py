"""Clinicians sign the knowledge: an entry in one wording, with a name; what changes loses its signatures."""

import io
import json
import subprocess
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from interpretation import knowledge
from interpretation.catalogue import catalogue
from interpretation.catalogue.amending import values
from patients.actions.assess import assess
from patients.actions.errors import Refused
from patients.actions.written.shown import count_shown
from patients.actions.written.signatures import CHANGED, SaidOfEntry, sign_entry
from patients.models import ShownEntry, Signature, SignOff
from patients.presenters.knowledge.signed import in_full, lines, who
from patients.report.panel import panel
from patients.review.amendments import patch
from patients.review.behind import entries_behind, signable
from patients.review.signatures import behind, changes_between, stances_of
from tests.roles import KEPT

ANCHOR = "limit-dissociation-rise_ratio"
AGREE = SaidOfEntry("agree")


@pytest.fixture
def entry():
    return signable()[ANCHOR]


def sign(entry, by, said=AGREE):
    return sign_entry(entry=entry, by=by, said=said, seen=entry.fingerprint)


def amend(entry, by, proposed="1.2", place="value", reason="Too many false alarms."):
    return sign(entry, by, SaidOfEntry("amend", reason, place, proposed))


# --- what is kept ---


def test_a_clinician_signs_once_however_often_it_is_sent(entry, clinician, clinic):
    first = sign(entry, clinician)
    assert sign(entry, clinician) == first == Signature.objects.get()
    assert (first.clinic, first.content) == (clinic, entry.content)
    assert stances_of([entry])[ANCHOR].is_signed


def test_the_latest_stance_of_a_person_counts_and_nothing_is_deleted(entry, clinician, stranger):
    sign(entry, clinician)
    sign(entry, stranger)
    sign(entry, clinician, SaidOfEntry("dispute", "Of other patients."))
    found = stances_of([entry])[ANCHOR]
    assert [(row.by, row.stance) for row in found.standing] == [(clinician, "dispute"), (stranger, "agree")]
    sign(entry, clinician, SaidOfEntry("withdrawn"))
    assert [row.by for row in stances_of([entry])[ANCHOR].standing] == [stranger]
    assert Signature.objects.count() == 4


def test_the_database_keeps_a_signature_as_it_is(entry, clinician):
    row = sign(entry, clinician)
    for change in (lambda: Signature.objects.update(stance="dispute"), row.delete):
        with pytest.raises(DatabaseError, match=KEPT), transaction.atomic():
            change()


@pytest.mark.parametrize("role", ["viewer", "data_manager", "administrator"])
def test_nobody_but_clinicians_signs(entry, request, role):
    with pytest.raises(PermissionDenied):
        sign(entry, request.getfixturevalue(role))
    assert not Signature.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (SaidOfEntry("perhaps"), "stance"),
        (SaidOfEntry("withdrawn"), "stance"),
        (SaidOfEntry("dispute"), "reason"),
        (SaidOfEntry("dispute", "x" * 501), "reason"),
        (SaidOfEntry("amend", "", "value", "1.2"), "reason"),
        (SaidOfEntry("amend", "Why", "valu", "1.2"), "place"),
        (SaidOfEntry("amend", "Why", "value", ""), "proposed"),
        (SaidOfEntry("amend", "Why", "value", "1.15"), "proposed"),
        (SaidOfEntry("amend", "Why", "value", "a little more"), "proposed"),
        (SaidOfEntry("amend", "Why", "value", "1e3"), "proposed"),
        # The schema's own range of a ratio.
        (SaidOfEntry("amend", "Why", "value", "9000"), "proposed"),
        (SaidOfEntry("amend", "Why", "words", "To be confirmed {grade}"), "proposed"),
    ],
)
def test_what_cannot_stand_is_refused_at_its_field(entry, clinician, said, field):
    with pytest.raises(Refused) as refusal:
        sign(entry, clinician, said)
    assert refusal.value.field == field
    assert not Signature.objects.exists()


def test_who_read_another_wording_signs_nothing(entry, clinician):
    with pytest.raises(Refused, match=CHANGED):
        sign_entry(entry=entry, by=clinician, said=AGREE, seen="0" * 64)


# --- a changed entry ---


def changed(entry, **given):
    return replace(entry, content=json.dumps(json.loads(entry.content) | given))


def test_a_changed_entry_loses_its_signatures_and_says_what_changed(entry, clinician, clinic):
    row = sign(entry, clinician)
    later = changed(entry, value=1.2, sources=["GK"])
    found = stances_of([later])[ANCHOR]
    assert not found.is_signed and found.earlier == (row,)
    before = ", ".join(json.loads(entry.content)["sources"])
    assert changes_between(row, later) == [("value", "1.15", "1.2"), ("sources", before, "GK")]
    (said,) = lines(found, [clinic])
    assert said.words.startswith(f"signed in an earlier wording by {clinician}, North Hospital")


def test_what_is_worded_as_before_again_is_signed_again(entry, clinician):
    sign(entry, clinician)
    assert not stances_of([changed(entry, value=1.2)])[ANCHOR].is_signed
    assert stances_of([entry])[ANCHOR].is_signed


def test_whoever_signs_the_new_wording_is_no_longer_told_as_of_an_earlier_one(entry, clinician):
    sign(entry, clinician)
    later = changed(entry, value=1.2)
    sign(later, clinician)
    found = stances_of([later])[ANCHOR]
    assert found.is_signed and found.earlier == ()


def test_another_entry_keeps_its_signatures(entry, clinician):
    other = signable()["S3"]
    sign(other, clinician)
    assert stances_of([changed(entry, value=1.2), other])["S3"].is_signed


# --- names ---


def test_staff_of_another_clinic_are_told_by_their_clinic_alone(entry, stranger, clinic, other_clinic):
    row = sign(entry, stranger)
    assert who(row, [other_clinic]) == f"{stranger}, South Hospital"
    assert who(row, [clinic]) == "a clinician, South Hospital"


def test_no_page_names_a_stranger(entry, client, clinician, stranger):
    stranger.first_name, stranger.last_name = "Zora", "Quill"
    stranger.save()
    amend(entry, stranger)
    client.force_login(clinician)
    addresses = [
        reverse("patients:knowledge-signatures") + "?list=amended",
        reverse("patients:knowledge-amendments"),
        reverse("patients:knowledge-entry", args=[ANCHOR]),
        reverse("patients:knowledge-chapter", args=["dissociation"]),
    ]
    for address in addresses:
        text = client.get(address).content.decode()
        assert "South Hospital" in text and "Quill" not in text and stranger.username not in text, address


# --- amendments as a patch ---


def test_the_patch_changes_the_values_and_git_takes_it(entry, clinician, stranger, tmp_path):
    statement = signable()["S3"]
    amend(entry, clinician)
    amend(statement, stranger, place="text", proposed='It says “so”, and "thus".')
    folder = tmp_path / "interpretation" / "data"
    folder.mkdir(parents=True)
    for name in knowledge.files():
        text = (knowledge.DATA / f"{name}.toml").read_text(encoding="utf-8")
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    file = tmp_path / "amendments.patch"
    file.write_text(patch(lambda row: str(row.by)), encoding="utf-8")
    subprocess.run(["git", "apply", str(file)], cwd=tmp_path, check=True)
    after = {one.anchor: one for file in catalogue(folder) for one in file.entries}
    assert values(after[ANCHOR].content)["value"] == 1.2
    assert values(after["S3"].content)["text"] == 'It says “so”, and "thus".'
    differing = {
        anchor for anchor, one in after.items() if anchor in signable() and one != signable()[anchor]
    }
    assert differing == {ANCHOR, "S3"}


def test_the_patch_says_who_and_why(entry, clinician):
    amend(entry, clinician)
    text = patch(lambda row: str(row.by))
    assert f"dissociation.toml: limit.rise_ratio: value, by {clinician}, " in text
    assert "1.15 -> 1.2" in text and "Reason: Too many false alarms." in text


def test_of_two_who_propose_the_same_value_the_later_stands_in_the_patch(entry, clinician, stranger):
    amend(entry, clinician, "1.2")
    amend(entry, stranger, "1.3")
    text = patch(lambda row: str(row.by))
    assert "\n+value = 1.3" in text and "\n+value = 1.2" not in text
    assert "1.15 -> 1.2" in text


def test_without_amendments_the_patch_is_empty(db):
    assert patch(str) == ""


# --- behind a reading ---


@pytest.fixture
def read(client, clinician, patient, make_draw):
    for day, alt, inr in (("2025-01-10", 120, 1.2), ("2025-04-10", 80, 1.4), ("2025-07-10", 40, 1.7)):
        make_draw(patient, f"{day}T08:00", ALT=(alt, 40), INR=inr)
    client.force_login(clinician)

    def get(name="detail", *more) -> str:
        text = client.get(reverse(f"patients:{name}", args=[patient.uuid, *more])).content.decode()
        return " ".join(text.split())

    return get


def test_a_reading_rests_on_the_numbers_of_the_rule_and_on_what_it_says(read, patient):
    report = panel(patient, timezone.now()).report
    anchors = {one.anchor for one in entries_behind(report)}
    assert {ANCHOR, "S3", "cv-variation-INR", f"level-urgency-{report.urgency.level}"} <= anchors
    assert {f"cause-causes-{one.key}" for one in report.causes} <= anchors
    assert {f"reminder-monitoring-{one.key}" for one in report.monitoring.reminders} <= anchors
    assert not any(anchor.startswith("R") for anchor in anchors)
    assert len(anchors) < len(signable()) / 2


def test_the_page_says_how_many_are_signed_and_is_written_anew_with_each_signature(read, entry, clinician):
    assert ">0 of " in read() and "are signed by a clinician" in read()
    sign(entry, clinician)
    assert ">1 of " in read()
    sign(signable()["S3"], clinician, SaidOfEntry("dispute", "Not so."))
    assert "1 disputed." in read()
    assert "; 1 of " in read("summary")
    assert read("knowledge-behind").count('state fine">signed by') == 1


def test_a_signed_report_keeps_the_number_of_its_time(read, client, entry, clinician, patient):
    sign(entry, clinician)
    page = read()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    address = reverse("patients:signoff-add", args=[patient.uuid])
    client.post(address, {"seen": seen, "note": "Seen."})
    signed = SignOff.objects.get()
    assert signed.entries_signed == 1 < signed.entries
    sign(entry, clinician, SaidOfEntry("withdrawn"))
    assert f"1 of {signed.entries} entries behind this reading were signed" in read("signoff", signed.uuid)


def test_a_report_signed_before_it_was_counted_says_nothing_of_it(patient, clinician, client):
    at = "2026-01-01T12:00Z"
    frozen = {"report": "{}", "basis": {}, "fingerprint": "0", "grade": "none", "rules": [], "as_of": at}
    signed = SignOff.objects.create(patient=patient, by=clinician, at=at, knowledge_version="1", **frozen)
    client.force_login(clinician)
    text = client.get(reverse("patients:signoff", args=[patient.uuid, signed.uuid])).content.decode()
    assert "signed by a clinician then" not in text


def test_many_signatures_are_one_query(read, clinician, patient, django_assert_num_queries):
    report = panel(patient, timezone.now()).report
    for one in entries_behind(report)[:5]:
        sign(one, clinician)
    with django_assert_num_queries(1):
        assert behind(report).signed == 5


# --- the page of an entry ---


def post(client, anchor=ANCHOR, **typed):
    typed = {"seen": signable()[anchor].fingerprint, **typed}
    return client.post(reverse("patients:knowledge-entry", args=[anchor]), typed)


def test_without_scripts_it_is_signed_and_shown(client, clinician):
    client.force_login(clinician)
    response = post(client, stance="agree")
    assert response.status_code == 302
    text = client.get(response.url).content.decode()
    assert "Agreed" in text and str(clinician) in text and "Withdraw my signature" in text


def test_a_refusal_keeps_what_was_typed(client, clinician):
    client.force_login(clinician)
    response = post(client, stance="amend", place="value", proposed="more", reason="Why <not>")
    text = response.content.decode()
    assert response.status_code == 422
    assert (
        "Write a number, such as 1.15." in text and ">more</textarea>" in text and "Why &lt;not&gt;" in text
    )


def test_a_script_gets_the_part_alone(client, clinician):
    client.force_login(clinician)
    address = reverse("patients:knowledge-entry", args=[ANCHOR])
    typed = {"seen": signable()[ANCHOR].fingerprint, "stance": "agree"}
    text = client.post(address, typed, headers={"HX-Request": "true"}).content.decode()
    assert 'id="signing"' in text and "<html" not in text and "Agreed" in text


def test_a_viewer_reads_the_signatures_and_has_no_form(client, viewer, clinician, entry):
    sign(entry, clinician)
    client.force_login(viewer)
    text = client.get(reverse("patients:knowledge-entry", args=[ANCHOR])).content.decode()
    assert str(clinician) in text and "<textarea" not in text


def test_a_reference_is_not_signed(client, clinician):
    client.force_login(clinician)
    assert client.get(reverse("patients:knowledge-entry", args=["R3"])).status_code == 404


def test_the_lists_of_signatures_and_their_counts_agree(client, clinician, stranger, entry):
    sign(entry, clinician)
    amend(signable()["limit-urgency-new_days"], clinician, "30")
    sign(signable()["S3"], stranger, SaidOfEntry("dispute", "Not so."))
    client.force_login(clinician)
    address = reverse("patients:knowledge-signatures")
    for listed, total in (("open", len(signable()) - 1), ("signed", 1), ("amended", 1), ("disputed", 1)):
        response = client.get(f"{address}?list={listed}")
        assert response.context["found"].total == total == response.context["counts"].by[listed]
    assert client.get(f"{address}?list=open&page=9999").context["found"].last == len(signable()) - 1


# --- how often an entry is behind a reading ---


def test_entries_are_counted_over_the_patients_assessed_last_and_the_most_frequent_come_first(
    client, clinician, patient, make_draw
):
    make_draw(patient, "2025-01-10T08:00", ALT=(120, 40), INR=1.2)
    assess([patient.pk])
    said = io.StringIO()
    call_command("knowledge", count_shown=True, stdout=said)
    assert said.getvalue() == "Counted over 1 patient.\n"
    assert ShownEntry.objects.get(entry=ANCHOR).patients == 1
    client.force_login(clinician)
    response = client.get(reverse("patients:knowledge-signatures"))
    rows = response.context["found"].rows
    assert {row.patients for row in rows} == {1}
    assert "of the 1 patients assessed last" in " ".join(response.content.decode().split())


def test_counted_again_the_old_numbers_are_gone(patient, make_draw):
    make_draw(patient, "2025-01-10T08:00", ALT=(120, 40), INR=1.2)
    assess([patient.pk])
    assert count_shown() == 1
    assert count_shown(0) == 0
    assert not ShownEntry.objects.exists()


def test_the_command_prints_the_patch(entry, clinician):
    amend(entry, clinician)
    said = io.StringIO()
    call_command("knowledge", amendments=True, stdout=said)
    assert said.getvalue() == patch(in_full) and f"{clinician}, North Hospital" in said.getvalue()
