"""What stands beside the verdict on the stage and in the minutes; the question; doubts; counts."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from meetings.actions.agenda import nominate, prepare, take
from meetings.actions.closing import close_meeting, is_doubtful
from meetings.actions.outcomes import save_outcome
from meetings.actions.tasks import add_action, end_action
from meetings.models import Action, Discussion, Nomination
from patients.actions.errors import Refused
from patients.actions.people import add_event
from patients.models import Patient

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def at(name: str, *things) -> str:
    return reverse(f"meetings:{name}", args=[thing.uuid for thing in things])


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def page(client, clinician):
    client.force_login(clinician)
    return client


@pytest.fixture
def given(falling, clinician):
    """Drugs: one that runs, one given lately, one long over."""
    now = timezone.now()
    common = {"patient": falling, "by": clinician}
    add_event(kind="antibiotic", label="Ceftriaxone", started_at=now - timedelta(days=9), **common)
    add_event(kind="plasma", label="", started_at=now - timedelta(days=3), **common)
    old = {"started_at": now - timedelta(days=900), "ended_at": now - timedelta(days=800)}
    add_event(kind="hepatotoxic_drug", label="Isoniazid", **old, **common)
    return falling


def referral(patient, by, item) -> Action:
    due_on = timezone.now().date() + timedelta(days=14)
    return add_action(patient=patient, item=item, by=by, owner=by, due_on=due_on, kind=Action.Kind.TRANSPLANT)


def test_scores_and_drugs_that_matter_stand_on_the_stage(page, meeting, given, begun):
    begun(given)
    said = text(page.get(at("present", meeting)))
    assert "<dt>MELD 3.0</dt>" in said and "not given:" in said
    assert "Ceftriaxone (antibiotic)</strong>" in said and "Plasma</strong>" in said
    assert "Isoniazid" not in said and "nobody has said whether one is taken" in said


def test_an_anticoagulant_that_was_denied_is_said(page, meeting, falling, begun, clinician):
    said = {
        "anticoagulant": "none",
        "anticoagulant_said_by": clinician,
        "anticoagulant_said_at": timezone.now(),
    }
    Patient.objects.filter(pk=falling.pk).update(**said)
    begun(falling)
    assert "No anticoagulant</strong>" in text(page.get(at("present", meeting)))


def test_the_minutes_keep_what_the_stage_said(page, meeting, given, begun, clinician):
    (item,) = begun(given)
    prepare(item=item, by=clinician, field="imaging", text="Ultrasound 26 Nov: ascites")
    old = referral(given, clinician, None)
    save_outcome(item=item, by=clinician, version=1, decision="change", note="Wait.")
    draft = text(page.get(at("paper-minutes", meeting)))
    assert "Imaging: Ultrasound 26 Nov: ascites" in draft and "carried over" in draft
    close_meeting(meeting=meeting, by=clinician)
    end_action(action=old, by=clinician, done=True)
    add_event(patient=given, by=clinician, kind="nac", label="", started_at=timezone.now())
    said = text(page.get(at("paper-minutes", meeting)))
    assert "MELD 3.0 not given" in said and "Ceftriaxone (antibiotic)" in said
    assert "Imaging: Ultrasound 26 Nov: ascites" in said and "N-acetylcysteine" not in said
    assert "Still to do from before: Refer for transplant evaluation" in said
    assert Discussion.objects.get().beside["carried"][0]["kind"] == "transplant"


def test_a_referral_brings_its_question(meeting, falling, clinician, colleague):
    nominate(patient=falling, by=colleague, reason="Refer for transplant now?")
    (item,) = take(meeting=meeting, by=clinician, patients={falling: []})
    assert item.question == "Refer for transplant now?"


def test_who_was_not_reached_brings_the_question_of_then(begun, plan, falling, meeting, clinician):
    (item,) = begun(falling)
    prepare(item=item, by=clinician, field="question", text="Biopsy?")
    close_meeting(meeting=meeting, by=clinician)
    assert Nomination.objects.get().carried_from == item
    (again,) = take(meeting=plan(14), by=clinician, patients={falling: []})
    assert again.question == "Biopsy?"


def test_nobody_is_added_by_mrn_without_a_question(page, meeting, falling):
    refused = page.post(at("add", meeting), {"mrn": falling.mrn, "question": " "}, headers=HTMX)
    assert refused.status_code == 422 and "Say what the meeting is asked" in text(refused)
    assert not meeting.items.exists()


def test_the_question_is_put_on_the_stage_where_none_was(page, meeting, item):
    assert "No question yet" in text(page.get(at("present", meeting)))
    address = at("item-question", meeting, item)
    typed = {"question": "Refer now?", "seen": "", "from": "present"}
    answer = page.post(address, typed, headers=HTMX)
    assert 'id="stage-question"' in text(answer) and "Refer now?" in text(answer)
    assert page.post(address, typed).url == at("present", meeting)


@pytest.mark.parametrize("field", ["question", "imaging"])
def test_two_who_prepare_at_once_are_told(page, meeting, item, colleague, field):
    prepare(item=item, by=colleague, field=field, text="Theirs", seen="")
    with pytest.raises(Refused, match="at the same time: “Theirs”. Yours is not stored: “Mine”"):
        prepare(item=item, by=colleague, field=field, text="Mine", seen="")
    # The same words twice are no conflict, nor is a change of what was read.
    prepare(item=item, by=colleague, field=field, text="Theirs", seen="")
    prepare(item=item, by=colleague, field=field, text="Both", seen="Theirs")
    typed = {field: "Mine", "seen": "", "from": "present"}
    refused = page.post(at(f"item-{field}", meeting, item), typed, headers=HTMX)
    assert refused.status_code == 422 and "Both" in text(refused) and "Mine" in text(refused)


@pytest.mark.parametrize("field", ["question", "imaging"])
def test_the_room_sees_what_is_prepared_while_it_looks(page, meeting, item, clinician, field):
    seen = re.search(r"\?seen=([^\"]+)", text(page.get(at("audience", meeting))))[1]
    ask = f"{at('audience', meeting)}?seen={seen}"
    assert page.get(ask, headers=HTMX).status_code == 204
    prepare(item=item, by=clinician, field=field, text="Portal vein open?")
    assert "Portal vein open?" in text(page.get(ask, headers=HTMX))


def test_imaging_noted_beforehand_is_no_discussion(page, meeting, item, clinician):
    prepare(item=item, by=clinician, field="imaging", text="MRI 3 Nov: no focal lesion")
    close_meeting(meeting=meeting, by=clinician)
    assert not Discussion.objects.exists()


def test_no_change_beside_a_new_referral_is_questioned(page, meeting, item, clinician, falling):
    asks = "“No change” stands beside a new referral. Is the plan changed?"
    save_outcome(item=item, by=clinician, version=1, decision="no_change")
    given_out = {"kind": "transplant", "owner": clinician.pk, "due_on": "2027-01-05"}
    added = page.post(at("item-action-add", meeting, item), given_out, headers=HTMX)
    assert asks in text(added) and 'hx-swap-oob="true"' in text(added)
    assert "Look again" in text(page.get(at("close", meeting)))
    saved = page.post(
        at("outcome", meeting, item), {"decision": "change", "version": 2, "from": "present"}, headers=HTMX
    )
    assert asks not in text(saved)
    item.refresh_from_db()
    assert not is_doubtful(item)


def test_an_old_referral_raises_no_doubt(item, clinician, falling):
    referral(falling, clinician, None)
    save_outcome(item=item, by=clinician, version=1, decision="no_change")
    item.refresh_from_db()
    assert not is_doubtful(item)
    dropped = referral(falling, clinician, item)
    assert is_doubtful(item)
    end_action(action=dropped, by=clinician, done=False, reason="By mistake")
    assert not is_doubtful(item)


def test_counts_are_live(page, viewer, meeting, begun, falling, make_patient, clinician):
    first, _ = begun(falling, make_patient("Berta"))
    saved = page.post(
        at("outcome", meeting, first),
        {"decision": "change", "version": 1, "from": "present"},
        headers=HTMX,
    )
    assert re.search(r'id="decided-count".*?>1 of 2 decided', text(saved))
    page.force_login(viewer)
    assert "1 of 2 decided" in text(page.get(at("counts", meeting), headers=HTMX))
    close_meeting(meeting=meeting, by=clinician)
    ended = page.get(at("counts", meeting), headers=HTMX)
    assert ended.status_code == 286 and "every 5s" not in text(ended)


def test_counts_take_few_queries(page, meeting, begun, make_patient, django_assert_max_num_queries):
    begun(*(make_patient(f"Name{n}") for n in range(12)))
    with django_assert_max_num_queries(8):
        page.get(at("counts", meeting), headers=HTMX)


def test_all_proposed_are_taken_at_once_the_most_urgent_first(page, meeting, summed, colleague):
    nominate(patient=summed("Zola"), by=colleague, reason="Why?")
    summed("Abel", grade="critical", urgency="today", urgency_rank=0)
    summed("Cara", grade="possible")
    page.post(at("take", meeting), {"all": "1"})
    names = meeting.items.order_by("place").values_list("patient__family_name", flat=True)
    assert list(names) == ["Abel", "Zola", "Cara"]
