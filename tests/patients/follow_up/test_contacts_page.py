"""What the patient page says of contacts and of who is left out, and its forms."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from patients.actions.contacts import (
    lift,
    record_contact,
    record_death,
    withdraw_contact,
)
from patients.actions.errors import Refused
from patients.actions.people import change_patient
from patients.actions.undo import undo
from patients.models import Contact, LeftOut, Patient
from patients.review.signing import present_for
from tests.patients.asking import DAY, LONDON, address, text, today
from uploads.models import Upload

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def checklist(patient: Patient) -> str:
    return f"{address(patient)}?tab=checklist"


# --- the patient page ---


def test_the_checklist_says_that_nobody_asks(client, clinician, overdue):
    client.force_login(clinician)
    shown = text(client.get(checklist(overdue)))
    assert "Overdue, and no next attempt is planned" in shown and "Record contact" in shown


def test_the_checklist_says_who_asked_and_who_asks_next(client, clinician, colleague, ask, overdue):
    ask(by=colleague, next_on=today() + 5 * DAY, note="Rang twice")
    client.force_login(clinician)
    shown = text(client.get(checklist(overdue)))
    assert "Telephone: no answer. Rang twice (Ola Berg)" in shown
    assert f"Next attempt {today() + 5 * DAY:%-d %b %Y} , clinician" in shown
    assert "no next attempt is planned" not in shown


@pytest.mark.parametrize(("days", "words"), [(0, "Next attempt due"), (1, "Next attempt ")])
def test_an_attempt_of_today_is_due(client, clinician, ask, overdue, days, words):
    ask(next_on=today() + days * DAY)
    client.force_login(clinician)
    shown = text(client.get(checklist(overdue)))
    assert words in shown and ("Next attempt due" in shown) is (days == 0)


def test_the_checklist_of_who_is_left_out_is_calm(client, clinician, colleague, leave, overdue):
    client.force_login(clinician)
    assert "long overdue" in text(client.get(checklist(overdue)))
    leave(by=colleague, reason="elsewhere", note="University clinic", ends_on=today() + 30 * DAY)
    shown = text(client.get(checklist(overdue)))
    assert (
        f"Left out of monitoring since {today():%-d %b %Y} because the patient is treated elsewhere" in shown
    )
    assert f"until {today() + 30 * DAY:%-d %b %Y}" in shown
    assert "Recorded by Ola Berg on" in shown and "“University clinic”" in shown
    assert "overdue" not in shown and "not counted, due" in shown and "Monitor again" in shown


def test_the_checklist_of_who_has_died_says_why(client, clinician, overdue):
    record_death(patient=overdue, by=clinician, died_on=today(), version=overdue.version)
    client.force_login(clinician)
    shown = text(client.get(checklist(overdue)))
    assert (
        "because the patient died. Not so? Correct the date of death" in shown and "Leave out…" not in shown
    )


def test_the_past_shows_what_was_recorded_by_then(client, clinician, overdue):
    at = timezone.now() - timedelta(days=10)
    day = at.astimezone(LONDON).date()
    made = {"patient": overdue, "by": clinician, "at": at}
    Contact.objects.create(**made, kind="letter", outcome="left", made_on=day, note="Then")
    gone = LeftOut.objects.create(**made, reason="moved", starts_on=day)
    lift(left_out=gone, by=clinician, reason="Came back")
    record_contact(
        patient=overdue, by=clinician, kind="letter", outcome="left", made_on=today(), note="Later"
    )
    client.force_login(clinician)
    shown = text(client.get(checklist(overdue) + f"&as_of={day + DAY}"))
    assert "Then" in shown and "Later" not in shown and "because the patient moved away" in shown
    assert "Came back" not in shown and "Record contact" not in shown and "Monitor again" not in shown
    assert "Left out of monitoring since" not in text(client.get(checklist(overdue) + f"&as_of={day - DAY}"))
    assert "Came back" in text(client.get(checklist(overdue)))


def test_a_contact_withdrawn_later_stood_in_the_past(client, clinician, overdue):
    at = timezone.now() - timedelta(days=10)
    day = at.astimezone(LONDON).date()
    made = {"patient": overdue, "by": clinician, "at": at, "made_on": day}
    row = Contact.objects.create(**made, kind="letter", outcome="left", note="Then")
    withdraw_contact(contact=row, by=clinician, reason="Another patient")
    client.force_login(clinician)
    assert "Another patient" not in text(client.get(checklist(overdue) + f"&as_of={day + DAY}"))
    assert "Another patient" in text(client.get(checklist(overdue)))


def test_a_viewer_reads_and_enters_nothing(client, viewer, ask, leave, overdue):
    ask()
    leave()
    client.force_login(viewer)
    shown = text(client.get(checklist(overdue)))
    assert "no answer" in shown and "Left out of monitoring" in shown
    for action in ("Record contact", "Leave out…", "Monitor again", "withdraw…"):
        assert action not in shown


def test_the_page_with_contacts_takes_fifteen_queries(
    client, clinician, colleague, ask, leave, overdue, django_assert_max_num_queries
):
    for by in (clinician, colleague) * 3:
        ask(by=by, next_on=today())
    leave()
    client.force_login(clinician)
    client.get(checklist(overdue))
    with django_assert_max_num_queries(15):
        client.get(checklist(overdue))


def test_a_review_of_who_is_left_out_tells_of_nothing_overdue(overdue, leave):
    assert present_for(overdue, timezone.now()).basis["overdue"]
    before = present_for(overdue, timezone.now()).fingerprint
    leave()
    after = present_for(overdue, timezone.now())
    assert after.basis["overdue"] == {} and after.fingerprint == before


@pytest.mark.parametrize("how", ["ask", "leave"])
def test_a_file_is_not_undone_under_a_contact(request, overdue, clinician, how):
    brought = {"clinic": overdue.clinic, "file": "people.csv", "kind": "patients", "sha256": "0" * 64}
    overdue.upload = upload = Upload.objects.create(**brought, size=0, by=clinician)
    overdue.save()
    overdue.draws.update(upload=upload)
    overdue.diagnoses.update(upload=upload)
    request.getfixturevalue(how)()
    with pytest.raises(Refused, match="Withdraw that first"):
        undo(upload=upload, by=clinician)


# --- the forms ---


def post(client, patient, name="contact-add", headers=None, **data):
    more = {"item": data.pop("item")} if "item" in data else {}
    if name == "contact-add":
        data = {"kind": "telephone", "outcome": "no_answer", "made_on": today(), "seen": ""} | data
    return client.post(address(patient, name, **more), data, headers=headers or {})


@pytest.fixture
def ours(client, clinician):
    client.force_login(clinician)
    return client


def test_the_form_stores_and_the_page_follows(ours, overdue, clinician):
    shown = post(ours, overdue, headers=HTMX, next_on=today(), owner=clinician.pk)
    assert shown.status_code == 200 and '<div id="workspace">' in shown.content.decode()
    assert "The contact is stored." in text(shown) and "Next attempt due" in text(shown)


def test_without_scripts_the_form_leads_back_to_the_page(ours, overdue):
    response = post(ours, overdue)
    assert response.status_code == 302 and response.url == f"{checklist(overdue)}#contact"
    assert "The contact is stored." in text(ours.get(response.url))


def test_a_refused_form_comes_back_beside_the_checklist(ours, overdue):
    shown = post(ours, overdue, headers=HTMX, outcome="")
    assert (shown.status_code, shown["HX-Retarget"]) == (422, "#contact")
    assert "Choose what came of it." in text(shown) and not Contact.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"made_on": ""}, "Enter the day."),
        ({"made_on": "tomorrow"}, "Enter the date as"),
        ({"outcome": "other"}, "Say in the note"),
        ({"kind": "plan"}, "A plan has no outcome yet"),
        ({"kind": "plan", "outcome": ""}, "A plan needs the day"),
        ({"next_on": date(2020, 1, 1)}, "This day has passed"),
        ({"next_on": date(2199, 1, 1)}, "within a year"),
        ({"owner": "7777777"}, "Select a valid choice"),
    ],
)
def test_the_form_says_what_is_wrong(ours, overdue, data, words):
    assert words in text(post(ours, overdue, **data))
    assert not Contact.objects.exists()


def test_a_day_needs_an_owner_and_another_owner_a_day(ours, overdue, colleague):
    assert "Choose who makes" in text(post(ours, overdue, next_on=today(), owner=""))
    assert "Choose the day of the next attempt" in text(post(ours, overdue, owner=colleague.pk))


def test_the_offered_owner_without_a_day_is_none(ours, overdue, clinician):
    post(ours, overdue, owner=clinician.pk)
    assert Contact.objects.get().owner is None


def test_the_form_offers_the_staff_who_may_record(ours, overdue, colleague, viewer, stranger):
    shown = text(ours.get(address(overdue, "contact-add")))
    assert "Ola Berg" in shown and "clinician (me)" in shown
    assert "viewer" not in shown and "stranger" not in shown


def test_who_comes_too_late_is_told_and_may_send_again(ours, overdue, ask, colleague):
    first = ask(by=colleague, next_on=today() + DAY)
    shown = post(ours, overdue, headers=HTMX)
    assert shown.status_code == 422
    assert "Ola Berg recorded on" in text(shown) and "telephone, no answer. Next attempt" in text(shown)
    assert Contact.objects.count() == 1
    assert f'name="seen" value="{first.pk}"' in shown.content.decode()
    assert post(ours, overdue, seen=first.pk).status_code == 302


def test_a_contact_is_withdrawn_on_its_form(ours, overdue, ask):
    made = ask()
    assert "telephone, no answer" in text(ours.get(address(overdue, "contact-withdraw", item=made.uuid)))
    assert "Say why." in text(post(ours, overdue, "contact-withdraw", item=made.uuid, reason=""))
    post(ours, overdue, "contact-withdraw", item=made.uuid, reason="Another patient")
    assert not Contact.objects.current().exists()


def test_leaving_out_and_monitoring_again_on_their_forms(ours, overdue):
    left = {"reason": "moved", "starts_on": today(), "ends_on": "", "note": "", "version": overdue.version}
    assert "is left out of monitoring." in text(post(ours, overdue, "left-out-add", headers=HTMX, **left))
    found = LeftOut.objects.get()
    back = post(ours, overdue, "left-out-lift", headers=HTMX, item=found.uuid, reason="Came back")
    assert "is monitored again." in text(back)
    assert not LeftOut.objects.standing().exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"reason": ""}, "Choose why"),
        ({"starts_on": date(2199, 1, 1)}, "lies in the future"),
        ({"ends_on": date(2020, 1, 1)}, "The last day is before the first."),
        ({"starts_on": date(2020, 1, 1), "ends_on": date(2020, 1, 2)}, "passed already"),
        ({"reason": "died", "ends_on": date(2199, 1, 1)}, "A death has no last day."),
        ({"reason": "died", "note": "At home"}, "Only the date of death is stored"),
    ],
)
def test_the_form_to_leave_out_says_what_is_wrong(ours, overdue, data, words):
    given = {"reason": "moved", "starts_on": today(), "version": overdue.version} | data
    assert words in text(post(ours, overdue, "left-out-add", **given))
    overdue.refresh_from_db()
    assert overdue.died_on is None and not LeftOut.objects.exists()


def test_died_is_stored_as_the_date_of_death(ours, overdue):
    given = {"reason": "died", "starts_on": today() - DAY, "version": overdue.version}
    assert "The date of death is stored" in text(post(ours, overdue, "left-out-add", headers=HTMX, **given))
    overdue.refresh_from_db()
    assert overdue.died_on == today() - DAY and not LeftOut.objects.exists()


def test_died_over_changed_details_is_told_and_may_be_sent_again(ours, overdue, colleague):
    given = {"reason": "died", "starts_on": today(), "version": overdue.version}
    change_patient(patient=overdue, by=colleague, version=overdue.version, sex="X")
    shown = post(ours, overdue, "left-out-add", headers=HTMX, **given)
    assert "Ola Berg changed the patient's own details" in text(shown).replace("&#x27;", "'")
    overdue.refresh_from_db()
    assert overdue.died_on is None
    assert post(ours, overdue, "left-out-add", **given | {"version": overdue.version}).status_code == 302


def test_an_item_of_another_patient_is_not_found(ours, overdue, ask, leave, clinic):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-9", family_name="B", birth_date=date(1960, 1, 1), sex="M"
    )
    for name, item in (("contact-withdraw", ask()), ("left-out-lift", leave())):
        assert post(ours, other, name, item=item.uuid, reason="x").status_code == 404
