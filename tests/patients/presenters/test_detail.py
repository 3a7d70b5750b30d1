import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, PatientAccess, Role, User
from patients.actions.reviews import review_cause
from patients.models import Diagnosis, Event, Result
from tests.words import words_of

HTMX = {"HX-Request": "true"}


@pytest.fixture
def page(client, clinician, patient):
    """page() is the text of the patient page as the clinician sees it; page("?draws=all") with an address."""
    client.force_login(clinician)
    return lambda query="", **headers: client.get(address(patient) + query, headers=headers)


def address(patient) -> str:
    return reverse("patients:detail", kwargs={"uuid": patient.uuid})


@pytest.fixture
def progressive(patient, make_draw):
    """Vignette 1: established."""
    Diagnosis.objects.create(patient=patient, kind="cirrhosis")
    for taken_at, alt, ast, inr in (
        ("2025-01-01T08:00", 112, 98, 1.2),
        ("2025-07-02T08:00", 74, 70, 1.3),
        ("2026-01-01T08:00", 48, 52, 1.5),
        ("2026-07-02T08:00", 34, 41, 1.7),
    ):
        make_draw(patient, taken_at, ALT=(alt, 40), AST=(ast, 40), INR=(inr, 1.2))
    return patient


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def test_a_patient_without_draws(page):
    response = page()
    assert response.status_code == 200
    assert "No draws yet. Add the first draw" in text(response)
    assert b'src="/static/plotly' not in response.content


def test_the_verdict_has_its_numbers(page, progressive):
    shown = text(page())
    assert "Pattern Established" in shown
    assert "ALT fell 112 → 34 U/L (−70 %) while INR rose 1.2 → 1.7 (+42 %)" in shown


def test_one_draw_says_so(page, patient, make_draw):
    make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)
    assert "One draw so far" in text(page())


def test_no_inr_says_so(page, patient, make_draw):
    make_draw(patient, "2026-01-01T08:00", ALT=112)
    assert "No INR recorded: without INR the dissociation cannot be judged." in text(page())


def test_two_laboratories_say_so(page, patient, make_draw):
    make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)
    make_draw(patient, "2026-05-01T08:00", laboratory="L2", ALT=40, INR=1.5)
    shown = text(page())
    assert "Results of 2 laboratories or methods (L1, L2)" in shown


def test_an_earlier_day_hides_later_draws(page, progressive):
    shown = text(page("?as_of=2026-01-31"))
    assert "Collected by 31 Jan 2026, 23:59, as the record says today. 1 later draw not shown." in shown
    assert "2 Jul 2026" not in shown


def test_date_and_time_are_one_moment(page, progressive):
    assert "Collected by 31 Jan 2026, 10:30" in text(page("?as_of=2026-01-31&time=10:30"))


def test_the_date_and_time_to_change_are_the_clinics(page, progressive):
    shown = words_of(page("?as_of=2026-07-01&time=00:30"))
    assert 'name="as_of" required value="2026-07-01"' in shown and 'name="time" value="00:30"' in shown


@pytest.mark.parametrize("as_of", ["tomorrow", "2099-01-01"])
def test_a_bad_date_is_explained(page, progressive, as_of):
    response = page(f"?as_of={as_of}")
    assert response.status_code == 400
    assert "The page shows the record as of now." in text(response)


def test_the_choices_stay_in_the_links(page, progressive):
    content = page("?view=overlay&scale=units&as_of=2026-01-31").content.decode()
    assert "?view=trajectory&amp;scale=units&amp;as_of=2026-01-31" in content


@pytest.mark.parametrize("view", ["stacked", "overlay", "trajectory", "nonsense"])
def test_each_view_is_an_address(page, progressive, view):
    content = page(f"?view={view}").content
    assert b'<svg class="drawn"' in content and b"data-figures=" in content


def test_htmx_gets_the_fragment(page, progressive):
    response = page("?view=overlay", **HTMX)
    assert b"<html" not in response.content
    assert b'id="workspace"' in response.content
    assert "HX-Request" in response["Vary"]


def test_nothing_inline(page, progressive):
    content = page("?panels=more").content.decode()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", content)
    assert all('src="' in tag or "json" in tag for tag in re.findall(r"<script[^>]*>", content))


def test_a_superseded_value_is_struck(page, patient, make_draw):
    draw = make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)
    Result.objects.create(
        draw=draw, analyte="ALT", value=120, reported_value="120", reported_unit="U/L", status="superseded"
    )
    assert '<s title="superseded: 120 U/L">120</s>' in page().content.decode()


def test_a_bound_keeps_its_sign(page, patient, make_draw):
    make_draw(patient, "2026-01-01T08:00", ALT=("<5", 40))
    assert re.search(r">\s*&lt;5", page().content.decode())


def test_a_withdrawn_draw_is_listed_with_its_reason(page, patient, make_draw, clinician):
    draw = make_draw(patient, "2026-01-01T08:00", ALT=112)
    draw.withdrawn_at, draw.withdrawn_by, draw.withdrawn_reason = timezone.now(), clinician, "wrong tube"
    draw.save()
    assert "wrong tube" in text(page())


def test_long_records_are_folded(page, patient, make_draw):
    for n in range(15):
        make_draw(patient, datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(days=n), ALT=50, INR=1.1)
    assert "Show all 15 draws" in text(page())
    assert page("?draws=all").content.count(b'<tr id="draw-') == 15


def test_conventional_units(page, patient, make_draw):
    patient.clinic.display_units = "conventional"
    patient.clinic.save()
    make_draw(patient, "2026-01-01T08:00", bilirubin_total=307.9, ALT=50)
    shown = text(page())
    assert "18.0" in shown and "mg/dL" in shown


def test_an_anticoagulant_is_in_the_header(page, patient):
    Event.objects.create(
        patient=patient, kind="vka", label="Warfarin", started_at=timezone.now() - timedelta(days=9)
    )
    assert re.search(r'class="tag alert">Warfarin since', page().content.decode())


def test_each_look_is_logged(page, patient, clinician):
    page()
    assert PatientAccess.objects.get(patient=patient, user=clinician).page == "detail"


def test_another_clinics_patient_is_not_found(client, stranger, patient):
    client.force_login(stranger)
    assert client.get(address(patient)).status_code == 404


def test_a_visitor_is_sent_to_the_sign_in(client, patient):
    assert client.get(address(patient)).status_code == 302


def test_the_same_few_queries_for_many_draws(page, patient, make_draw, django_assert_max_num_queries):
    start = datetime(2024, 1, 1, 8, tzinfo=UTC)
    for n in range(60):
        make_draw(patient, start + timedelta(days=9 * n), ALT=(300 - 4 * n, 40), AST=280, INR=(1.2, 1.2),
                  bilirubin_total=20, albumin=40, platelets=150, ALP=90, GGT=50, creatinine=70)  # fmt: skip
    page()  # the first click of a while renews the session
    with django_assert_max_num_queries(16):
        response = page()
    assert len(response.content) < 150_000


# --- verdicts on causes ---


def post(client, patient, headers=None, **data):
    where = reverse("patients:cause-review", kwargs={"uuid": patient.uuid, "cause": "vka"})
    return client.post(where, {"verdict": "excluded", "note": "", **data}, headers=headers or {})


def test_a_verdict_without_javascript_goes_back_to_the_causes(client, clinician, patient):
    client.force_login(clinician)
    response = post(client, patient, note="never taken")
    assert response.status_code == 302
    assert response["Location"] == f"{address(patient)}#causes"
    assert patient.reviews.get().note == "never taken"


def test_a_verdict_with_htmx_refreshes_the_workspace(client, clinician, patient):
    client.force_login(clinician)
    shown = post(client, patient, HTMX, note="never taken")
    assert b'id="workspace"' in shown.content
    assert "excluded: clinician" in text(shown)


def test_a_verdict_leaves_a_half_typed_draw_alone(client, clinician, patient):
    client.force_login(clinician)
    assert b'id="entry"' not in post(client, patient, HTMX).content


def test_the_view_on_the_screen_stays(client, clinician, progressive):
    client.force_login(clinician)
    current = f"http://testserver{address(progressive)}?view=trajectory"
    shown = post(client, progressive, HTMX | {"HX-Current-URL": current})
    assert 'aria-current="true">Trajectory' in shown.content.decode()


def test_a_verdict_given_meanwhile_is_shown_and_the_note_kept(client, clinician, patient, clinic):
    other = User.objects.create_user("colleague", first_name="Ola", last_name="Berg")
    Membership.objects.create(user=other, clinic=clinic, role=Role.CLINICIAN)
    review_cause(patient=patient, by=other, cause="vka", verdict="contributing")
    client.force_login(clinician)
    response = post(client, patient, HTMX, note="never taken", seen="")
    assert response.status_code == 422
    assert "Ola Berg decided at" in text(response)
    assert 'value="never taken"' in response.content.decode()


@pytest.mark.parametrize("role", ["viewer", "data_manager", "administrator"])
def test_only_those_who_decide_may_decide(client, patient, role, request):
    client.force_login(request.getfixturevalue(role))
    assert post(client, patient).status_code == 403
    assert b'<form method="post" action="/patients/' not in client.get(address(patient)).content


def test_an_earlier_day_takes_no_verdicts(page, progressive):
    assert b"/review/" not in page("?as_of=2026-01-31").content
