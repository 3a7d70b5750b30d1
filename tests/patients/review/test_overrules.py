"""Overruling a grade: what is kept, when it holds, how it ends, and how overrules are counted."""

import io
import json
import re
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from patients.actions.assess import assess
from patients.actions.errors import Refused, Stale
from patients.actions.overrules import REASON_LENGTH, REPLACED, end_overrule, overrule
from patients.actions.signoffs import sign_off
from patients.models import Assessment, Overrule
from patients.review.overrule_counts import counted
from tests.looks import seen

HTMX = {"HX-Request": "true"}
REASON = "Warfarin until last week, not in the record"


@pytest.fixture
def give(established, clinician, seen):
    """give(grade="none"): the clinician overrules what the page shows now."""

    def give(by=None, **more) -> Overrule:
        given = {"rule": "established", "grade": "possible", "reason": REASON, "seen": seen(established)}
        return overrule(patient=established, by=by or clinician, **given | more)

    return give


@pytest.fixture
def critical(established, make_draw):
    """critical(): a new draw after which the rule says critical."""

    def critical():
        make_draw(established, datetime.now(UTC) - timedelta(days=2), ALT=(38, 40), INR=(2.6, 1.2))
        assess([established.pk])

    return critical


def row(patient) -> Assessment:
    return Assessment.objects.get(patient=patient)


# --- what is stored ---


def test_an_overrule_keeps_both_grades_who_and_why(clinician, give):
    given = give(reason=f"  {REASON} ")
    assert (given.grade_said, given.grade_given, given.reason) == ("established", "possible", REASON)
    assert (given.by, given.rule_words) == (clinician, "The grade as a whole: Established dissociation.")


def test_one_part_of_a_grade_may_be_overruled(patient, clinician, make_draw, seen):
    start = datetime.now(UTC) - timedelta(days=160)
    for days, alt, inr in [(0, 120, 1.2), (150, 40, 1.7)]:
        make_draw(patient, start + timedelta(days=days), ALT=(alt, 40), INR=(inr, 1.2))
    given = overrule(
        patient=patient, by=clinician, rule="possible:trend_draws", grade="established", reason="x",
        seen=seen(patient),
    )  # fmt: skip
    assert given.rule_words == "Only 2 paired draws: a trend needs 3."


def test_the_same_sent_twice_is_stored_once(established, give, seen):
    before = seen(established)
    assert give(seen=before) == give(seen=before)


def test_a_changed_record_is_not_overruled_unseen(established, give, seen, critical):
    before = seen(established)
    critical()
    with pytest.raises(Stale):
        give(seen=before)


def test_an_overrule_of_a_colleague_is_not_replaced_unseen(established, give, colleague, seen):
    before = seen(established)
    give(by=colleague)
    with pytest.raises(Stale):
        give(grade="none", seen=before)


def test_an_overrule_that_was_seen_may_be_replaced(established, give, colleague, clinician):
    first, second = give(by=colleague), give(grade="none")
    first.refresh_from_db()
    assert (first.ended_by, first.ended_reason) == (clinician, REPLACED)
    assert established.overrules.standing().get() == second


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"reason": "  "}, "reason", "needs a reason"),
        ({"reason": "x" * (REASON_LENGTH + 1)}, "reason", "longer than"),
        ({"grade": ""}, "grade", "Choose the grade"),
        ({"grade": "worst"}, "grade", "Choose the grade"),
        ({"grade": "established"}, "grade", "another grade"),
        ({"rule": "possible:method"}, "rule", "what you disagree with"),
    ],
)
def test_refuses_with_a_sentence_at_its_field(give, change, field, words):
    with pytest.raises(Refused, match=words) as refusal:
        give(**change)
    assert refusal.value.field == field and not Overrule.objects.exists()


def test_an_overrule_is_ended_by_a_person_with_a_reason(give, colleague):
    given = give()
    with pytest.raises(Refused, match="Say why"):
        end_overrule(overrule=given, by=colleague, reason=" ")
    end_overrule(overrule=given, by=colleague, reason="He never took it")
    given.refresh_from_db()
    assert (given.ended_by, given.ended_reason) == (colleague, "He never took it")


def test_an_end_sent_twice_changes_nothing_and_another_is_refused(give, clinician, colleague):
    given = give()
    end_overrule(overrule=given, by=clinician, reason="x")
    end_overrule(overrule=given, by=clinician, reason="x")
    with pytest.raises(Refused, match="has ended this overrule already"):
        end_overrule(overrule=given, by=colleague, reason="y")


@pytest.mark.django_db(transaction=True)
def test_of_two_overrules_at_once_one_is_told(established, clinician, colleague, give, seen):
    before, start, late = seen(established), threading.Barrier(2), []

    def run(by, grade):
        start.wait()
        try:
            give(by=by, grade=grade, seen=before)
        except Stale as stale:
            late.append(stale)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=args) for args in [(clinician, "possible"), (colleague, "none")]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(late) == 1 and Overrule.objects.count() == 1


# --- where it shows ---


def test_the_worklist_shows_both_and_sorts_by_the_rules(established, clinician, give):
    before = row(established).grade_rank
    given = give()
    found = row(established)
    assert (found.grade, found.grade_rank) == ("established", before)
    assert (found.overruled_to, found.overruled_by) == ("possible", str(clinician))
    end_overrule(overrule=given, by=clinician, reason="x")
    assert row(established).overruled_to == ""


def test_an_overrule_never_hides_another_grade(established, give, critical):
    give()
    critical()
    assert (row(established).grade, row(established).overruled_to) == ("critical", "")


def test_a_sign_off_keeps_the_overrule_that_held(established, clinician, give, seen, client):
    given = give()
    signed = sign_off(patient=established, by=clinician, note="", seen=seen(established))
    assert signed.overrule == given
    end_overrule(overrule=given, by=clinician, reason="x")
    client.force_login(clinician)
    page = client.get(reverse("patients:signoff", args=[established.uuid, signed.uuid]))
    assert "Rule: established. Overruled to possible by clinician" in text(page)


def address(patient) -> str:
    return reverse("patients:detail", kwargs={"uuid": patient.uuid})


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def post(client, patient, headers=None, **data):
    where = reverse("patients:overrule-add", kwargs={"uuid": patient.uuid})
    given = {"rule": "established", "grade": "possible", "reason": REASON} | data
    return client.post(where, given, headers=headers or {})


def test_the_verdict_shows_both_and_its_own_words_stay(client, viewer, established, give):
    client.force_login(viewer)
    sentence = "ALT fell 120 → 40 U/L"
    assert sentence in text(client.get(address(established)))
    give()
    shown = text(client.get(address(established)))
    assert sentence in shown
    assert "Rule: established. Overruled to possible by clinician on" in shown and f": {REASON}" in shown
    assert "End the overrule" not in shown


def test_an_overrule_of_another_grade_says_that_it_does_not_hold(
    client, clinician, established, give, critical
):
    give()
    critical()
    client.force_login(clinician)
    shown = text(client.get(address(established)))
    assert "The rule now says critical: that overrule does not speak of it." in shown
    assert "Rule: established. Overruled" not in shown and "I disagree with this grade" in shown


def test_an_earlier_day_shows_the_overrule_of_that_day_only(client, viewer, established, give):
    give()
    client.force_login(viewer)
    day = (datetime.now(UTC) - timedelta(days=3)).date()
    assert "Overruled to" not in text(client.get(address(established) + f"?as_of={day}"))


def test_overruling_without_javascript_goes_back_to_the_review(client, clinician, established, seen):
    client.force_login(clinician)
    response = post(client, established, seen=seen(established))
    assert (response.status_code, response["Location"]) == (302, f"{address(established)}#signoff")
    assert Overrule.objects.get().reason == REASON


def test_overruling_with_htmx_refreshes_the_workspace(client, clinician, established, seen):
    client.force_login(clinician)
    response = post(client, established, HTMX, seen=seen(established))
    assert b'id="workspace"' in response.content and "Overruled to possible" in text(response)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [({"reason": ""}, "needs a reason"), ({"grade": ""}, "Choose the grade"), ({"seen": "x"}, "has changed")],
)
def test_what_is_refused_is_said_and_kept(client, clinician, established, seen, data, sentence):
    client.force_login(clinician)
    response = post(client, established, HTMX, **{"seen": seen(established)} | data)
    assert response.status_code == 422 and sentence in text(response)
    assert f'value="{({"reason": REASON} | data)["reason"]}"' in response.content.decode()


def test_an_overrule_is_ended_on_the_page(client, clinician, established, give):
    given = give()
    where = reverse("patients:overrule-end", args=[established.uuid, given.uuid])
    client.force_login(clinician)
    refused = client.post(where, {"ended_reason": ""}, headers=HTMX)
    assert refused.status_code == 422 and "Say why the overrule ends." in text(refused)
    done = client.post(where, {"ended_reason": "He never took it"}, headers=HTMX)
    assert done.status_code == 200 and "Overruled to" not in text(done)
    given.refresh_from_db()
    assert given.ended_reason == "He never took it"


def test_the_overrule_of_another_patient_is_not_found(client, clinician, established, give, clinic):
    given = give()
    other = type(established).objects.create(
        clinic=clinic, mrn="N-2", family_name="B", birth_date="1970-01-01", sex="M"
    )
    client.force_login(clinician)
    where = reverse("patients:overrule-end", args=[other.uuid, given.uuid])
    assert client.post(where, {"ended_reason": "x"}).status_code == 404


def test_the_page_with_an_overrule_takes_fifteen_queries(
    client, clinician, established, give, django_assert_max_num_queries
):
    give()
    client.force_login(clinician)
    client.get(address(established))
    with django_assert_max_num_queries(15):
        client.get(address(established))


# --- counted per rule ---


@pytest.fixture
def told(established, clinician, give, seen):
    """Two reports signed off, one overrule that stands and one that was ended."""
    for note in ("first", "second"):
        sign_off(patient=established, by=clinician, note=note, seen=seen(established))
    end_overrule(overrule=give(), by=clinician, reason="mistaken")
    give(grade="none")
    return established


def test_overrules_are_counted_beside_the_signed_reports(told, clinic):
    [count] = counted([clinic])
    assert (count.rule, count.overruled, count.standing, count.signed_off) == ("established", 2, 1, 2)


def test_other_clinics_are_not_counted(told, other_clinic):
    assert counted([other_clinic]) == []


def test_the_list_has_reasons_but_no_names(client, clinician, told):
    client.force_login(clinician)
    response = client.get(reverse("patients:overrules"))
    shown = text(response)
    assert "Overruled 2 times, 1 of them standing · 2 reports signed off with it" in shown
    assert REASON in shown and "mistaken" in shown
    assert "Okafor" not in shown and "N-100" not in shown
    assert f'href="{address(told)}#signoff"' in response.content.decode()
    assert (clinician.pk, told.pk, "overrules") in seen()


def test_an_administrator_sees_the_list_and_a_stranger_an_empty_one(client, administrator, stranger, told):
    client.force_login(administrator)
    assert REASON in text(client.get(reverse("patients:overrules")))
    client.force_login(stranger)
    assert "No grade was overruled yet." in text(client.get(reverse("patients:overrules")))


def run(*arguments, **options) -> str:
    said = io.StringIO()
    call_command(*arguments, stdout=said, **options)
    return said.getvalue()


def test_the_command_counts_per_rule(told, other_clinic):
    assert run("overrules").startswith("established: 2 overruled (1 standing), 2 signed off.")
    assert run("overrules", clinic="south") == "No grade was overruled yet.\n"
    found = json.loads(run("overrules", json=True))
    assert (found["rule"], found["overruled"], found["latest"][0]["grade_given"]) == (
        "established",
        2,
        "none",
    )
    assert "Okafor" not in json.dumps(found)
    with pytest.raises(CommandError, match="No clinic"):
        run("overrules", clinic="west")
