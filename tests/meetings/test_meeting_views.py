"""The pages: what they show, to whom, in how many queries, with and without htmx."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from interpretation.words import day
from meetings.actions.agenda import take
from meetings.actions.closing import close_meeting
from meetings.actions.outcomes import save_outcome
from meetings.actions.tasks import add_action
from meetings.models import Action, AgendaItem, Meeting, Nomination
from patients.actions.assess import assess
from patients.models import Assessment, CauseReview
from tests.looks import pages_seen
from tests.meetings.attending import everybody_came, times

HTMX = {"HX-Request": "true"}


def at(name: str, *things) -> str:
    return reverse(f"meetings:{name}", args=[thing.uuid for thing in things])


@pytest.fixture
def page(client, clinician):
    client.force_login(clinician)
    return client


@pytest.fixture
def other_page(colleague) -> Client:
    client = Client()
    client.force_login(colleague)
    return client


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


# --- plan, list ---


def test_a_meeting_is_planned_changed_and_listed(page, clinician):
    day = timezone.now() + timedelta(days=7)
    sent = {"title": "Board", "starts_at": f"{day:%Y-%m-%dT13:00}", "chair": clinician.pk, "every_weeks": "4"}
    assert page.post(at("plan"), sent).status_code == 302
    meeting = Meeting.objects.get()
    assert "Board" in text(page.get(at("list")))
    assert page.post(at("edit", meeting), sent | {"place": "Room 2", "version": "1"}).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.place, meeting.version) == ("Room 2", 2)


def test_a_bad_plan_comes_back_with_sentences(page):
    response = page.post(at("plan"), {"title": "", "starts_at": "soon", "chair": "", "every_weeks": "99"})
    assert response.status_code == 422
    for sentence in ("Give the meeting a title.", "Choose the chair.", "after 1 to 52 weeks"):
        assert sentence in text(response)


def test_the_second_editor_of_a_plan_is_told_and_keeps_what_was_typed(page, meeting, clinician):
    sent = {"title": "Mine", "starts_at": "2027-01-04T13:00", "chair": clinician.pk, "version": "1"}
    page.post(at("edit", meeting), sent | {"title": "Theirs"})
    response = page.post(at("edit", meeting), sent)
    assert response.status_code == 422
    assert "changed this meeting after you opened it" in text(response)
    assert 'value="Mine"' in text(response) and "<strong>Theirs</strong>" in text(response)
    assert page.post(at("edit", meeting), sent | {"version": "2"}).status_code == 302
    meeting.refresh_from_db()
    assert meeting.title == "Mine"


def test_another_clinics_meetings_are_not_listed(client, stranger, meeting):
    client.force_login(stranger)
    assert meeting.title not in text(client.get(at("list")))


# --- agenda ---


def test_proposals_are_taken_dropped_and_ordered_by_buttons(page, meeting, summed):
    people = {name: summed(name, grade="critical") for name in ("Abel", "Berta", "Cara")}
    page.post(at("take", meeting), {"patient": [people["Abel"].uuid, people["Berta"].uuid]})
    page.post(at("take", meeting), {"drop": people["Cara"].uuid})
    first, second = meeting.items.filter(state="taken")
    assert first.reasons == [["critical", "Critical"]]
    assert meeting.items.get(state="dropped").patient == people["Cara"]
    page.post(at("item-move", meeting, second), {"to": "up"})
    assert [item.patient.family_name for item in meeting.items.filter(state="taken")] == ["Berta", "Abel"]
    page.post(at("order", meeting), {"item": [first.uuid, "nonsense", second.uuid]})
    assert [item.pk for item in meeting.items.filter(state="taken")] == [first.pk, second.pk]


def test_somebody_is_added_by_mrn_with_a_question(page, meeting, patient):
    page.post(at("add", meeting), {"mrn": "N-100", "question": "Biopsy?"})
    assert meeting.items.get().question == "Biopsy?"
    response = page.post(at("add", meeting), {"mrn": "N-999"}, headers=HTMX)
    assert response.status_code == 422 and "No patient of this clinic has this MRN" in text(response)


def test_a_viewer_sees_the_agenda_without_buttons(client, viewer, meeting, summed):
    summed("Abel", grade="critical")
    client.force_login(viewer)
    response = text(client.get(at("detail", meeting)))
    assert "Abel" in response and "Take" not in response and "Start the meeting" not in response


def test_the_agenda_takes_the_same_queries_for_many(
    page, meeting, clinician, summed, django_assert_max_num_queries
):
    people = [summed(f"P{number}", grade="critical") for number in range(30)]
    take(meeting=meeting, by=clinician, patients={patient: [] for patient in people[:15]})
    page.get(at("list"))
    with django_assert_max_num_queries(13):
        page.get(at("detail", meeting))


# --- present ---


def test_the_position_is_kept_by_the_meeting(page, other_page, begun, falling, make_patient, meeting):
    first, second = begun(falling, make_patient("Berta"))
    assert "Okafor" in text(page.get(at("present", meeting)))
    page.post(at("step", meeting), {"item": second.uuid}, headers=HTMX)
    assert "<h1>" in text(other_page.get(at("present", meeting)))
    meeting.refresh_from_db()
    assert meeting.showing == second
    assert 'aria-current="true"> 2. Berta' in text(other_page.get(at("present", meeting)))


def test_the_audience_is_answered_only_when_something_changed(
    client, viewer, page, begun, falling, make_patient, meeting, clinician
):
    client = Client()
    client.force_login(viewer)
    first, second = begun(falling, make_patient("Berta"))

    def seen(response) -> str:
        return re.search(r"\?seen=([^\"]+)", response.content.decode())[1]

    key = seen(client.get(at("audience", meeting)))
    ask = lambda key: client.get(f"{at('audience', meeting)}?seen={key}", headers=HTMX)  # noqa: E731
    assert ask(key).status_code == 204
    save_outcome(item=first, by=clinician, version=1, note="Refer her")
    changed = ask(key)
    assert "Refer her" in text(changed)
    key = seen(changed)
    add_action(
        patient=falling, item=first, by=clinician, owner=clinician, due_on=timezone.now().date(), text="Ring"
    )
    changed = ask(key)
    assert "Ring" in text(changed)
    page.post(at("step", meeting), {"item": second.uuid})
    assert "Berta" in text(ask(seen(changed)))


def test_nothing_new_costs_the_audience_few_queries(page, item, meeting, django_assert_max_num_queries):
    key = re.search(r"\?seen=([^\"]+)", page.get(at("audience", meeting)).content.decode())[1]
    with django_assert_max_num_queries(8):
        assert page.get(f"{at('audience', meeting)}?seen={key}", headers=HTMX).status_code == 204


def test_a_poll_does_not_keep_anybody_signed_in(page, item, meeting):
    headers = HTMX | {"X-Poll": "1"}
    page.get(f"{at('position', meeting)}?step={meeting.step}", headers=headers)
    assert "renewed_at" not in page.session
    page.get(at("present", meeting))
    assert "renewed_at" in page.session


def test_another_presenter_is_told_that_the_screens_moved_on(
    page, other_page, begun, falling, make_patient, meeting
):
    _, second = begun(falling, make_patient("Berta"))
    ask = f"{at('position', meeting)}?step={meeting.step}"
    assert other_page.get(ask, headers=HTMX).status_code == 204
    page.post(at("step", meeting), {"item": second.uuid})
    assert "moved on to Berta" in text(other_page.get(ask, headers=HTMX))


def test_a_closed_meeting_stops_the_polling(page, item, meeting, clinician):
    close_meeting(meeting=meeting, by=clinician)
    assert page.get(f"{at('position', meeting)}?step=1", headers=HTMX).status_code == 286
    assert 'hx-trigger="every 2s"' not in text(page.get(at("audience", meeting)))


def test_stepping_takes_few_queries_whatever_the_draws(
    page, begun, falling, make_patient, make_draw, meeting, django_assert_max_num_queries
):
    for days in range(201, 260):
        make_draw(falling, timezone.now() - timedelta(days=days), ALT=100, INR=1.2)
    first, second = begun(make_patient("Berta"), falling)
    with django_assert_max_num_queries(34):
        page.post(at("step", meeting), {"item": second.uuid}, headers=HTMX)


def test_each_showing_is_a_look_at_the_patient(page, item, meeting, clinician, falling):
    page.get(at("present", meeting))
    page.get(at("audience", meeting))
    page.get(at("item", meeting, item))
    looks = set(pages_seen(falling))
    assert looks >= {"meeting-audience", "meeting-item", "meeting-list", "meeting-present"}


def test_since_the_last_discussion_and_before_the_first(
    page, plan, begun, falling, make_draw, meeting, clinician
):
    item = begun(falling)[0]
    assert "first discussion" in text(page.get(at("present", meeting)))
    save_outcome(item=item, by=clinician, version=1, decision="change", note="Vitamin K")
    close_meeting(meeting=meeting, by=clinician)
    make_draw(falling, timezone.now(), ALT=(30, 40), INR=(2.0, 1.2))
    assess([falling.pk])
    following = plan(14)
    take(meeting=following, by=clinician, patients={falling: []})
    page.post(at("start", following), {"early": "1"})
    shown = text(page.get(at("present", following)))
    assert re.search(r'<th scope="row">INR.*?1\.7.*?2\.0.*?\+18 %', shown)
    assert "1 new draw" in shown and "Vitamin K" in shown and "plan changed" in shown


def test_the_chart_of_a_long_course_begins_near_the_verdict(page, begun, falling, make_draw, meeting):
    begun(falling)
    assert "Earlier draws" not in text(page.get(at("present", meeting)))
    long_ago = (timezone.now() - timedelta(days=3000)).replace(hour=12)
    make_draw(falling, long_ago, ALT=(30, 40), INR=(9.9, 1.2))
    shown = text(page.get(at("present", meeting)))
    assert f"Earlier draws, since {day(long_ago)}, are on" in shown
    assert ">9.9" not in shown and " 9.9" not in shown


# --- outcome ---


def test_an_outcome_is_saved_and_its_version_sent_back(page, item, meeting):
    sent = {"version": "1", "decision": "change", "note": "Refer"}
    response = text(page.post(at("outcome", meeting, item), sent, headers=HTMX))
    assert "Saved" in response and 'name="version" id="outcome-version" value="2"' in response


def test_the_time_of_saving_is_the_clinics(page, item, meeting, clinic):
    clinic.time_zone = "Asia/Kolkata"
    clinic.save()
    response = text(page.post(at("outcome", meeting, item), {"version": "1", "note": "Refer"}, headers=HTMX))
    item.refresh_from_db()
    assert f"Saved {item.written_at.astimezone(clinic.zone):%H:%M:%S}" in response


def test_the_second_writer_sees_both_texts_and_settles(page, other_page, item, meeting):
    page.post(at("outcome", meeting, item), {"version": "1", "note": "Refer"}, headers=HTMX)
    response = other_page.post(at("outcome", meeting, item), {"version": "1", "note": "Wait"}, headers=HTMX)
    assert response.status_code == 422
    assert "wrote here at the same time" in text(response) and "Refer" in text(response)
    settled = {"version": "1", "their_version": "2", "note": "Wait", "settle": "both"}
    response = other_page.post(at("outcome", meeting, item), settled, headers=HTMX)
    assert response["HX-Retarget"] == "#outcome"
    item.refresh_from_db()
    assert item.note == "Refer\n\nWait"


@pytest.mark.parametrize(("settle", "note"), [("mine", "Wait"), ("theirs", "Refer")])
def test_one_of_two_texts_is_chosen(page, other_page, item, meeting, settle, note):
    page.post(at("outcome", meeting, item), {"version": "1", "note": "Refer"})
    sent = {"version": "1", "their_version": "2", "note": "Wait", "settle": settle}
    other_page.post(at("outcome", meeting, item), sent, headers=HTMX)
    item.refresh_from_db()
    assert item.note == note


def test_settling_on_what_has_changed_again_is_told_again(page, other_page, item, meeting):
    page.post(at("outcome", meeting, item), {"version": "1", "note": "Refer"}, headers=HTMX)
    page.post(at("outcome", meeting, item), {"version": "2", "note": "Refer now"}, headers=HTMX)
    sent = {"version": "1", "their_version": "2", "note": "Wait", "settle": "mine"}
    response = other_page.post(at("outcome", meeting, item), sent, headers=HTMX)
    assert response.status_code == 422 and "Refer now" in text(response)
    # The form with what was typed stays: only the line below it is swapped.
    assert response["HX-Retarget"] == "#outcome-state"


def test_without_scripts_the_second_writer_keeps_the_text_in_the_form(page, other_page, item, meeting):
    page.post(at("outcome", meeting, item), {"version": "1", "note": "Refer"})
    response = other_page.post(at("outcome", meeting, item), {"version": "1", "note": "Wait"})
    assert response.status_code == 422
    assert ">Wait</textarea>" in text(response) and "<blockquote>Refer</blockquote>" in text(response)


def test_what_another_wrote_beside_mine_is_offered_not_overwritten(page, other_page, item, meeting):
    page.post(at("outcome", meeting, item), {"version": "1", "note": "Refer", "decision": ""}, headers=HTMX)
    sent = {"version": "1", "note": "", "decision": "change"}
    response = text(other_page.post(at("outcome", meeting, item), sent, headers=HTMX))
    assert "Somebody else wrote here too" in response and "outcome-version" not in response
    response = other_page.post(at("outcome", meeting, item), sent | {"settle": "show"}, headers=HTMX)
    assert response["HX-Retarget"] == "#outcome" and ">Refer</textarea>" in text(response)
    item.refresh_from_db()
    assert (item.note, item.decision) == ("Refer", "change")


def test_after_the_close_what_was_typed_is_told_to_be_not_saved(page, item, meeting, clinician):
    close_meeting(meeting=meeting, by=clinician)
    response = page.post(at("outcome", meeting, item), {"version": "1", "note": "Late"}, headers=HTMX)
    assert response.status_code == 422 and "Not saved." in text(response)


def test_a_verdict_is_given_on_the_stage(page, item, meeting):
    address = reverse("meetings:verdict", args=[meeting.uuid, item.uuid, "vka"])
    response = page.post(address, {"verdict": "excluded", "note": "Never", "seen": ""}, headers=HTMX)
    assert response.status_code == 200 and "stage-verdict" in text(response)
    assert CauseReview.objects.get().note == "Never"


def test_an_action_is_added_on_the_stage_or_said_what_is_missing(page, item, meeting, colleague):
    sent = {"kind": "repeat", "tests": ["INR"], "owner": colleague.pk, "due_on": "2027-01-04"}
    response = page.post(at("item-action-add", meeting, item), sent, headers=HTMX)
    assert "Repeat INR" in text(response)
    assert Action.objects.get().owner == colleague
    response = page.post(at("item-action-add", meeting, item), sent | {"due_on": ""}, headers=HTMX)
    assert response.status_code == 422 and "Enter the day until which." in text(response)


# --- close, record ---


def test_only_chair_or_administrator_close(client, colleague, administrator, item, meeting):
    client.force_login(colleague)
    response = client.post(at("close", meeting))
    assert response.status_code == 403 and "Only the chair of this meeting" in text(response)
    client.force_login(administrator)
    typed = times(client.get(at("close", meeting)))
    assert client.post(at("close", meeting), typed).status_code == 302
    meeting.refresh_from_db()
    assert meeting.closed_by == administrator


def test_the_record_shows_what_was_decided_and_the_addenda(page, item, meeting, clinician, falling):
    save_outcome(item=item, by=clinician, version=1, decision="change", note="Refer")
    page.post(at("close", meeting), times(page.get(at("close", meeting))))
    page.post(at("addendum-add", meeting), {"item": item.uuid, "text": "By telephone"})
    shown = text(page.get(at("detail", meeting)))
    assert "Refer" in shown and "By telephone" in shown and "Plan changed" in shown
    assert "Established dissociation: ALT fell" in shown
    held = text(page.get(at("discussion", meeting, item)))
    assert "Later results are not shown." in held and "By telephone" in held
    assert page.get(at("item", meeting, item)).status_code == 302
    looks = set(pages_seen(falling))
    assert {"meeting-record", "meeting-discussion"} <= looks


def test_the_record_takes_the_same_queries_for_many(
    page, begun, make_patient, meeting, clinician, django_assert_max_num_queries
):
    items = begun(*(make_patient(f"P{number}") for number in range(8)))
    for item in items:
        save_outcome(item=item, by=clinician, version=1, decision="no_change")
    close_meeting(meeting=meeting, by=clinician)
    with django_assert_max_num_queries(14):
        page.get(at("detail", meeting))


# --- actions, people ---


def test_my_actions_and_everybodys(page, patient, clinician, colleague):
    due_on = timezone.now().date() - timedelta(days=2)
    add_action(patient=patient, by=clinician, owner=clinician, due_on=due_on, text="Ring")
    add_action(patient=patient, by=clinician, owner=colleague, due_on=due_on, text="Write")
    mine, all_of_them = text(page.get(at("actions"))), text(page.get(at("actions") + "?of=all"))
    assert "Ring" in mine and "Write" not in mine and "Write" in all_of_them
    waiting = text(page.get(at("next"), headers=HTMX))
    assert "1 action of mine" in waiting and "1 overdue" in waiting
    assert page.get(at("next")).url == at("actions")


def test_actions_end_from_the_page_and_lead_back(page, patient, clinician):
    action = add_action(
        patient=patient, by=clinician, owner=clinician, due_on=timezone.now().date(), text="Ring"
    )
    back = at("patient", patient)
    sent = {"as": "dropped", "reason": "Moved", "next": back}
    assert page.post(at("action-end", action), sent).url == back
    action.refresh_from_db()
    assert action.ended_reason == "Moved"
    elsewhere = page.post(at("action-end", action), {"as": "again", "next": "https://elsewhere.example/"})
    assert elsewhere.url == at("actions")


def test_an_action_is_passed_on_and_the_second_is_told(page, patient, clinician, colleague):
    action = add_action(
        patient=patient, by=clinician, owner=clinician, due_on=timezone.now().date(), text="Ring"
    )
    sent = {"owner": colleague.pk, "due_on": "2027-01-04", "version": "1"}
    assert page.post(at("action-pass-on", action), sent).status_code == 302
    response = page.post(at("action-pass-on", action), sent | {"owner": clinician.pk})
    assert response.status_code == 422 and "Somebody else changed this" in text(response)


def test_a_patient_is_asked_for_and_shown_on_the_patients_page_and_worklist(
    page, falling, django_assert_max_num_queries
):
    page.post(at("nominate", falling), {"reason": "Family asks"})
    assert "Family asks" in text(page.get(at("patient", falling), headers=HTMX))
    assert f'hx-get="{at("patient", falling)}"' in text(
        page.get(reverse("patients:detail", args=[falling.uuid]), {"tab": "meetings"})
    )
    with django_assert_max_num_queries(10):
        assert "asked for" in text(page.get("/"))
    page.post(at("nomination-end", Nomination.objects.get()))
    assert Nomination.objects.get().ended_at


def test_a_patient_on_an_agenda_is_marked_on_the_worklist(page, falling, meeting, clinician):
    take(meeting=meeting, by=clinician, patients={falling: []})
    assert at("detail", meeting) in text(page.get("/"))


def test_every_discussion_of_a_patient_with_then_and_now(
    page, plan, falling, make_draw, clinician, django_assert_max_num_queries
):
    for days in (7, 14, 21):
        meeting = plan(days)
        take(meeting=meeting, by=clinician, patients={falling: []})
        page.post(at("start", meeting), {"early": "1"})
        everybody_came(meeting, clinician)
        save_outcome(item=meeting.items.get(), by=clinician, version=1, note=f"After {days}")
        close_meeting(meeting=meeting, by=clinician)
    make_draw(falling, timezone.now(), ALT=(30, 40), INR=(2.0, 1.2))
    with django_assert_max_num_queries(28):
        shown = text(page.get(at("patient", falling)))
    assert all(f"After {days}" in shown for days in (7, 14, 21))
    assert shown.count("1 new draw") == 3


def test_the_patients_page_stays_within_fifteen_queries(page, falling, django_assert_max_num_queries):
    page.get(at("list"))
    with django_assert_max_num_queries(15):
        page.get(reverse("patients:detail", args=[falling.uuid]))


def test_a_withdrawn_patient_is_nowhere_on_the_stage(page, item, meeting, falling, clinician):
    from patients.actions.people import withdraw_patient

    withdraw_patient(patient=falling, by=clinician, reason="Entered twice")
    assert not Assessment.objects.filter(pk=falling.pk).exists()
    assert "Nobody is on the screen" in text(page.get(at("present", meeting)))
    assert page.get(at("item", meeting, item)).status_code == 404
    assert AgendaItem.objects.get().patient == falling
