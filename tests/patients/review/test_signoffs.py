"""Signing off: what is frozen, who may, what is new since, two at once."""

import json
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from interpretation import knowledge
from interpretation.report import as_json, interpret
from patients.actions.assess import assess
from patients.actions.draws import withdraw_draw
from patients.actions.errors import Refused, Stale
from patients.actions.people import add_event, change_event
from patients.actions.reviews import review_cause
from patients.actions.signoffs import NOTE_LENGTH, sign_off
from patients.actions.undo import undo
from patients.models import Assessment, Result, SignOff
from patients.report.panel import case_for
from patients.review.concurrent_changes import changes_since
from patients.review.signing import present_for
from uploads.models import Upload

HTMX = {"HX-Request": "true"}


@pytest.fixture
def sign(established, clinician, seen):
    """sign(note="..."): the clinician signs off what the page shows now."""

    def sign(by=None, note="", **more) -> SignOff:
        return sign_off(
            patient=established, by=by or clinician, note=note, **{"seen": seen(established)} | more
        )

    return sign


@pytest.fixture
def new_draw(established, make_draw):
    """Two days ago, INR up again: critical."""

    def new_draw(inr=2.6):
        draw = make_draw(established, datetime.now(UTC) - timedelta(days=2), ALT=(38, 40), INR=(inr, 1.2))
        assess([established.pk])
        return draw

    return new_draw


def row(patient) -> Assessment:
    return Assessment.objects.get(patient=patient)


# --- what is stored ---


def test_the_report_is_frozen_with_who_when_and_why(established, clinician, sign):
    signed = sign(note="  Discussed with family ")
    assert (signed.by, signed.note, signed.grade) == (clinician, "Discussed with family", "established")
    assert signed.knowledge_version == knowledge.VERSION
    assert "established" in signed.rules
    expected = as_json(interpret(case_for(established, signed.as_of)))
    assert json.loads(signed.report) == expected
    assert list(json.loads(signed.report)) == list(expected)


def test_later_results_and_knowledge_never_change_a_signed_report(sign, new_draw, established, monkeypatch):
    signed = sign()
    before = signed.report.encode(), json.dumps(SignOff.objects.get().basis, sort_keys=True)
    new_draw()
    Result.objects.filter(draw__patient=established, analyte="INR").update(value=1.0)
    monkeypatch.setattr(knowledge, "VERSION", "2099.9")
    assess([established.pk])
    kept = SignOff.objects.get()
    assert (kept.report.encode(), json.dumps(kept.basis, sort_keys=True)) == before


def test_the_same_sent_twice_is_stored_once(sign):
    assert sign(note="x") == sign(note="x")
    assert SignOff.objects.count() == 1


def test_another_note_or_another_person_is_another_sign_off(sign, colleague):
    sign(note="x")
    sign(note="y")
    sign(by=colleague, note="y")
    assert SignOff.objects.count() == 3


def test_a_record_that_has_changed_is_not_signed_unseen(established, sign, seen, new_draw):
    before = seen(established)
    new_draw()
    with pytest.raises(Stale):
        sign(seen=before)
    assert not SignOff.objects.exists()
    assert sign().grade == "critical"


@pytest.mark.parametrize("change", ["result", "event", "verdict", "knowledge"])
def test_every_kind_of_change_is_seen(established, clinician, sign, seen, change, monkeypatch):
    before = seen(established)
    if change == "result":
        Result.objects.filter(draw__patient=established, analyte="INR", value=1.4).update(value=1.45)
    elif change == "event":
        add_event(patient=established, by=clinician, kind="antibiotic", started_at=timezone.now())
    elif change == "verdict":
        review_cause(patient=established, by=clinician, cause="vka", verdict="excluded")
    else:
        monkeypatch.setattr(knowledge, "VERSION", "2099.9")
    with pytest.raises(Stale):
        sign(seen=before)


def test_the_hour_alone_is_no_change(established):
    early, late = (present_for(established, timezone.now() + timedelta(hours=h)).fingerprint for h in (0, 20))
    assert early == late


def test_a_note_that_is_too_long_is_refused(sign):
    with pytest.raises(Refused, match=f"longer than {NOTE_LENGTH}"):
        sign(note="x" * (NOTE_LENGTH + 1))
    assert sign(note="x" * NOTE_LENGTH).pk


def test_a_partial_report_is_not_signed_silently(patient, clinician, seen):
    with pytest.raises(Refused, match="could not be graded") as refusal:
        sign_off(patient=patient, by=clinician, note=" ", seen=seen(patient))
    assert refusal.value.field == "note"
    signed = sign_off(patient=patient, by=clinician, note="First draw next week", seen=seen(patient))
    assert signed.partial == "the pattern could not be graded"


def test_preliminary_results_make_a_report_partial(established, sign):
    Result.objects.filter(draw__patient=established, value=1.7).update(status=Result.Status.PRELIMINARY)
    with pytest.raises(Refused, match="preliminary"):
        sign()


def test_a_file_is_not_undone_under_a_signature(established, clinician, sign):
    upload = Upload.objects.create(
        clinic=established.clinic, file="people.csv", kind="patients", sha256="0" * 64, size=0, by=clinician,
    )  # fmt: skip
    established.upload = upload
    established.save()
    established.draws.update(upload=upload)
    established.diagnoses.update(upload=upload)
    sign()
    with pytest.raises(Refused, match="report signed off by"):
        undo(upload=upload, by=clinician)


# --- the worklist follows ---


def test_the_worklist_says_at_once_who_reviewed(established, clinician, sign):
    assert (row(established).to_review, row(established).reviewed_at) == (True, None)
    signed = sign()
    found = row(established)
    assert (found.to_review, found.new_since, found.worse_since) == (False, "", False)
    assert (found.reviewed_at, found.reviewed_by, found.reviewed_grade) == (
        signed.at,
        str(clinician),
        "established",
    )


def test_the_worklist_says_what_is_new_and_worse(established, sign, new_draw):
    sign()
    new_draw()
    found = row(established)
    assert (found.to_review, found.worse_since) == (True, True)
    assert found.new_since == "worse since, 1 new draw"


def test_a_change_taken_back_is_no_change(established, clinician, sign, new_draw):
    sign()
    draw = new_draw()
    withdraw_draw(draw=draw, by=clinician, reason="wrong patient")
    assert (row(established).to_review, row(established).new_since) == (False, "")


def test_the_latest_sign_off_counts(established, sign, new_draw):
    sign()
    new_draw()
    sign(note="critical, admitted")
    assert (row(established).to_review, row(established).reviewed_grade) == (False, "critical")


# --- two at once ---


def at_once(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("rival", ["the same person", "a new event"])
def test_two_at_once(established, clinician, seen, rival):
    """The lock of the patient lets one go first; the other then sees what that one stored."""
    before, start, said = seen(established), threading.Barrier(2), []

    def sign():
        return sign_off(patient=established, by=clinician, note="x", seen=before)

    def enter():
        return add_event(patient=established, by=clinician, kind="antibiotic", started_at=timezone.now())

    def run(act):
        start.wait()
        try:
            said.append(act())
        except Stale as stale:
            said.append(stale)
        finally:
            connection.close()

    acts = [sign, sign if rival == "the same person" else enter]
    at_once([threading.Thread(target=run, args=[act]) for act in acts])
    assert len(said) == 2
    if rival == "the same person":
        assert SignOff.objects.get() == said[0] == said[1]
    elif SignOff.objects.exists():
        # Signed first: the event is new since.
        assert row(established).to_review and not SignOff.objects.get().basis["events"]
    else:
        assert any(isinstance(one, Stale) for one in said)


# --- the page ---


def address(patient) -> str:
    return reverse("patients:detail", kwargs={"uuid": patient.uuid})


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def post(client, patient, headers=None, **data):
    where = reverse("patients:signoff-add", kwargs={"uuid": patient.uuid})
    return client.post(where, {"note": "", **data}, headers=headers or {})


def test_the_page_says_that_nobody_has_reviewed(client, viewer, established):
    client.force_login(viewer)
    shown = text(client.get(address(established)))
    assert "not reviewed yet" in shown and "Sign off as reviewed" not in shown


def test_signing_without_javascript_goes_back_to_the_review(client, clinician, established, seen):
    client.force_login(clinician)
    response = post(client, established, note="seen", seen=seen(established))
    assert (response.status_code, response["Location"]) == (302, f"{address(established)}#signoff")
    shown = text(client.get(address(established)))
    assert "reviewed by clinician on" in shown and "“seen”" in shown
    assert "not reviewed yet" not in shown


def test_the_form_on_the_page_carries_what_is_signed(client, clinician, established):
    client.force_login(clinician)
    page = client.get(address(established)).content.decode()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page).group(1)
    assert post(client, established, HTMX, seen=seen).status_code == 200
    assert SignOff.objects.get().fingerprint == seen


def test_signing_with_htmx_refreshes_the_workspace_and_leaves_a_draw_alone(
    client, clinician, established, seen
):
    client.force_login(clinician)
    response = post(client, established, HTMX, seen=seen(established))
    assert b'id="workspace"' in response.content and b"<html" not in response.content
    assert b'id="entry"' not in response.content
    assert "reviewed by clinician" in text(response)


def test_the_page_says_what_is_new_since(client, clinician, established, sign, new_draw):
    sign()
    new_draw()
    client.force_login(clinician)
    shown = text(client.get(address(established)))
    assert "worse since the review" in shown and "1 new draw:" in shown
    assert "Worse: the verdict was “Established dissociation” and is now “Critical dissociation”." in shown


def test_who_comes_too_late_is_told_what_is_new_and_keeps_the_note(
    client, clinician, colleague, established, seen
):
    # The test is one transaction, and the database dates its history by the start of that.
    before, opened = seen(established), timezone.now() - timedelta(minutes=5)
    event = add_event(patient=established, by=colleague, kind="antibiotic", started_at=timezone.now())
    change_event(event=event, by=colleague, version=1, label="Co-amoxiclav")
    review_cause(patient=established, by=colleague, cause="vka", verdict="excluded")
    client.force_login(clinician)
    response = post(client, established, HTMX, note="all <well>", seen=before, opened=opened.isoformat())
    shown = text(response)
    assert response.status_code == 422
    assert "What this page shows has changed since you opened it." in shown
    assert "event Antibiotic (Ola Berg)" in shown and "verdict on Vitamin K antagonist" in shown
    assert "all &lt;well&gt;</textarea>" in response.content.decode()
    assert not SignOff.objects.exists()


@pytest.mark.parametrize("opened", ["", "yesterday", "2026-01-01T00:00:00"])
def test_an_unreadable_time_of_opening_is_no_error(client, clinician, established, opened):
    client.force_login(clinician)
    assert post(client, established, seen="x", opened=opened).status_code == 422


def test_what_was_stored_before_the_page_was_opened_is_not_told(established, colleague):
    add_event(patient=established, by=colleague, kind="antibiotic", started_at=timezone.now())
    assert changes_since(established, timezone.now()) == []
    told = {change.words for change in changes_since(established, timezone.now() - timedelta(minutes=5))}
    assert "event Antibiotic" in told and "diagnosis Cirrhosis" in told


def test_a_refusal_is_said_at_the_note(client, clinician, patient, seen):
    client.force_login(clinician)
    response = post(client, patient, seen=seen(patient))
    assert response.status_code == 422 and b"<html" in response.content
    assert (
        '<p class="error" id="signoff-error" role="alert">This report is partial' in response.content.decode()
    )


@pytest.mark.parametrize("role", ["viewer", "data_manager", "administrator"])
def test_only_those_who_decide_sign_off(client, established, role, request, seen):
    client.force_login(request.getfixturevalue(role))
    assert post(client, established, seen=seen(established)).status_code == 403
    assert b"reviews/add/" not in client.get(address(established)).content


def test_an_earlier_day_is_not_signed_off(client, clinician, established, sign):
    sign()
    client.force_login(clinician)
    day = (timezone.now() - timedelta(days=20)).date()
    response = client.get(address(established) + f"?as_of={day}")
    assert b"reviews/add/" not in response.content and b"overrules/add/" not in response.content
    assert "to sign off or to overrule" in text(response)
    # On that day nobody had reviewed.
    assert "not reviewed yet" in text(response)


def test_the_page_with_a_review_takes_fifteen_queries(
    client, clinician, established, sign, django_assert_max_num_queries
):
    sign()
    client.force_login(clinician)
    client.get(address(established))
    with django_assert_max_num_queries(16):
        client.get(address(established))


# --- the frozen page ---


def frozen(signed) -> str:
    return reverse("patients:signoff", args=[signed.patient.uuid, signed.uuid])


def test_the_frozen_page_shows_what_was_signed(client, viewer, established, sign, new_draw):
    signed = sign(note="Admit if INR above 2")
    new_draw()
    client.force_login(viewer)
    shown = text(client.get(frozen(signed)))
    assert "As signed on" in shown and "by clinician. Later results are not shown." in shown
    assert "Established dissociation: ALT fell 120 → 40 U/L" in shown and "Admit if INR above 2" in shown
    assert "Vitamin K antagonist" in shown and f"Knowledge {knowledge.VERSION}" in shown
    assert "2.6" not in shown.split("The whole report")[0]


def test_the_frozen_page_computes_nothing(client, viewer, sign, monkeypatch):
    signed = sign()
    for place in (
        "patients.report.panel.interpret",
        "patients.review.signing.interpret",
        "interpretation.report.interpret",
    ):
        monkeypatch.setattr(place, lambda case: pytest.fail("interpret() was called"))
    client.force_login(viewer)
    assert client.get(frozen(signed)).status_code == 200


def test_the_frozen_page_lists_all_sign_offs(client, viewer, sign):
    signed, other = sign(note="first"), sign(note="second")
    client.force_login(viewer)
    page = client.get(frozen(signed)).content.decode()
    assert f'href="{frozen(other)}"' in page and f'href="{frozen(signed)}"' not in page


def test_a_sign_off_of_another_patient_is_not_found(client, viewer, sign, clinic, established):
    signed = sign()
    other = type(established).objects.create(
        clinic=clinic, mrn="N-2", family_name="B", birth_date="1970-01-01", sex="M"
    )
    client.force_login(viewer)
    assert client.get(reverse("patients:signoff", args=[other.uuid, signed.uuid])).status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        *[
            {key: None}
            for key in ("dissociation", "causes", "monitoring", "statements", "verdict", "problems")
        ],
        {"scores": {"meld": {"value": 17, "grade": "", "notes": []}, "fib_4": {"reason": "No platelets."}}},
        {"scores": [{"name": "MELD", "value": 17}]},
        {"scenario": {"sentence": "Most consistent with progressive chronic disease."}},
        {"scenario": "Undetermined."},
        {
            "causes": [{"key": "vka"}, "odd"],
            "statements": ["odd", {"section": "new_part", "text": "A line."}],
        },
        {"monitoring": {"items": ["odd"]}},
    ],
)
@pytest.mark.parametrize("gone", [False, True])
def test_a_report_of_another_form_is_shown_as_far_as_it_goes(
    client, viewer, established, clinician, seen, monkeypatch, change, gone
):
    def other_form(report):
        data = as_json(report) | change
        return {key: value for key, value in data.items() if not (gone and value is None)}

    monkeypatch.setattr("patients.actions.signoffs.as_json", other_form)
    signed = sign_off(patient=established, by=clinician, note="", seen=seen(established))
    client.force_login(viewer)
    response = client.get(frozen(signed))
    assert response.status_code == 200
    if change.get("scores"):
        assert "17" in text(response)
    if change.get("scenario"):
        assert re.search("Most consistent with|Undetermined", text(response).split("The whole signed")[0])


def test_an_empty_report_and_basis_are_shown(client, viewer, patient, clinician):
    now = timezone.now()
    signed = SignOff.objects.create(
        patient=patient, by=clinician, at=now, as_of=now, report="{}", basis={}, fingerprint="0",
        grade="none", rules=[], knowledge_version="2020.1", note="old",
    )  # fmt: skip
    client.force_login(viewer)
    assert "Knowledge 2020.1" in text(client.get(frozen(signed)))
    assert client.get(address(patient)).status_code == 200
