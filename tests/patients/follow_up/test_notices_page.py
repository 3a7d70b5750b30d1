"""The pages of the notices: count and banner on every page, the list, taken and closed by who may."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.actions.notices import close, take
from patients.models import Notice, Patient
from tests.looks import seen
from uploads.models import Upload

PAGE = reverse("patients:notices")


@pytest.fixture
def notice(patient) -> Notice:
    return Notice.objects.create(
        clinic=patient.clinic,
        patient=patient,
        kind="today",
        level="today",
        in_short="INR 2.6 rising, bilirubin 376",
        reason="INR 2.6, rising from 1.9",
        raised_at=timezone.now() - timedelta(minutes=5),
    )


@pytest.fixture
def waiting(patient, clinician) -> Notice:
    upload = Upload.objects.create(
        clinic=patient.clinic, file="night.csv", kind="labs", sha256="0" * 64, size=0, by=clinician
    )
    told = {"clinic": patient.clinic, "count": 2, "in_short": "ALT, INR", "raised_at": timezone.now()}
    return Notice.objects.create(kind="waiting", upload=upload, **told)


@pytest.fixture
def page(client, clinician):
    """page(address, user=clinician): what that person sees."""

    def page(address=PAGE, user=None, **more) -> str:
        client.force_login(user or clinician)
        response = client.get(address, **more)
        assert response.status_code == 200
        return response.content.decode()

    return page


def back_in_time(**span) -> None:
    Notice.objects.update(raised_at=timezone.now() - timedelta(**span))


def count_of(html: str) -> str:
    tag, _, rest = html.partition('id="notice-count"')[2].partition(">")
    return "" if "hidden" in tag else rest.split("<")[0].strip()


def banner_of(html: str) -> str:
    tag, _, rest = html.partition('id="notice-banner"')[2].partition(">")
    return "" if " hidden" in tag else " ".join(rest.split("</aside>")[0].split())


def act(client, notice, name: str, htmx=False, **typed):
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(reverse(f"patients:notice-{name}", args=[notice.uuid]), typed, headers=headers)


# --- on every page ---


@pytest.mark.parametrize("who", ["viewer", "clinician", "data_manager", "administrator"])
def test_every_page_of_the_clinic_counts_the_untaken(page, notice, waiting, request, who):
    user = request.getfixturevalue(who)
    for address in ("/", PAGE, "/knowledge/", "/meetings/"):
        assert count_of(page(address, user)) == "2"


def test_a_stranger_counts_none(page, notice, stranger):
    assert count_of(page("/", stranger)) == ""
    assert "Okafor" not in page(user=stranger)


def test_what_is_taken_or_ended_is_not_counted(page, notice, waiting, clinician):
    take(notice=notice, by=clinician)
    assert count_of(page("/")) == "1"
    Notice.objects.filter(pk=waiting.pk).update(lapsed_at=timezone.now())
    assert count_of(page("/")) == ""


@pytest.mark.parametrize("minutes, late", [(239, False), (241, True)])
def test_untaken_for_four_hours_it_is_a_banner_on_every_page(page, notice, viewer, minutes, late):
    back_in_time(minutes=minutes)
    for address in ("/", "/knowledge/", reverse("patients:detail", args=[notice.patient.uuid])):
        assert bool(banner_of(page(address, viewer))) is late


def test_the_banner_names_nobody(page, notice):
    back_in_time(hours=5)
    banner = banner_of(page("/knowledge/"))
    assert "1 notice untaken for more than 4 hours" in banner and "Okafor" not in banner


def test_the_hours_are_a_setting(page, notice, settings):
    settings.NOTICE_HOURS = 1
    back_in_time(minutes=61)
    assert "more than 1 hour<" in banner_of(page("/"))


def test_a_taken_one_is_no_banner(page, notice, clinician):
    back_in_time(hours=5)
    take(notice=notice, by=clinician)
    assert banner_of(page("/")) == ""


def test_the_count_is_one_query_of_a_page(client, clinician, notice, django_assert_num_queries):
    client.force_login(clinician)
    client.get("/knowledge/")
    with django_assert_num_queries(5) as queries:
        client.get("/knowledge/")
    assert sum("patients_notice" in query["sql"] for query in queries.captured_queries) == 1


def test_signing_in_asks_for_no_notices(client, notice, django_assert_max_num_queries):
    with django_assert_max_num_queries(5) as queries:
        client.get(reverse("account_login"))
    assert not any("patients_notice" in query["sql"] for query in queries.captured_queries)


def test_a_fragment_of_a_page_counts_nothing(client, clinician, notice, django_assert_max_num_queries):
    client.force_login(clinician)
    with django_assert_max_num_queries(10) as queries:
        client.get("/", headers={"HX-Request": "true"})
    assert not any("patients_notice" in query["sql"] for query in queries.captured_queries)


# --- the list ---


def test_the_list_says_who_why_since_when(page, notice):
    html = page()
    for said in (
        "Okafor, Ada",
        "MRN N-100",
        "INR 2.6 rising, bilirubin 376",
        "INR 2.6, rising from 1.9",
        "nobody",
    ):
        assert said in html
    assert reverse("patients:detail", args=[notice.patient.uuid]) in html


def test_the_list_says_who_has_it_and_what_was_done(page, notice, clinician):
    take(notice=notice, by=clinician)
    assert f"<td>{clinician}, " in page()
    close(notice=notice, by=clinician, note="Admitted to ward 4")
    html = page()
    assert "Admitted to ward 4" in html and "None: nobody has newly become" in html


@pytest.mark.parametrize("days, shown", [(29, True), (31, False)])
def test_ended_ones_are_shown_for_thirty_days(page, notice, clinician, days, shown):
    close(notice=notice, by=clinician, note="Admitted to ward 4")
    then = timezone.now() - timedelta(days=days)
    Notice.objects.update(raised_at=then, done_at=then)
    assert ("Admitted to ward 4" in page()) is shown


def test_the_longest_untaken_stands_first(page, notice, clinic, clinician):
    from patients.models import Patient

    born = notice.patient.birth_date
    other = Patient.objects.create(clinic=clinic, mrn="N-2", family_name="Berg", birth_date=born, sex="M")
    third = Patient.objects.create(clinic=clinic, mrn="N-3", family_name="Cole", birth_date=born, sex="M")
    told = {"clinic": clinic, "kind": "today", "level": "today"}
    Notice.objects.create(patient=other, raised_at=timezone.now() - timedelta(hours=3), **told)
    first = Notice.objects.create(patient=third, raised_at=timezone.now() - timedelta(hours=9), **told)
    take(notice=first, by=clinician)
    html = page()
    assert html.index("Berg") < html.index("Okafor") < html.index("Cole")


def test_a_look_at_the_list_is_a_look_at_each_patient(page, notice, viewer, waiting):
    page(user=viewer)
    assert seen() == [(viewer.pk, notice.patient.pk, "notices")]


def test_as_many_queries_for_many(client, clinician, notice, clinic, django_assert_max_num_queries):
    born = notice.patient.birth_date
    for number in range(20):
        one = Patient.objects.create(
            clinic=clinic, mrn=f"M-{number}", family_name=f"F{number}", birth_date=born, sex="F"
        )
        told = {"clinic": clinic, "kind": "today", "level": "today", "raised_at": timezone.now()}
        Notice.objects.create(patient=one, **told)
    client.force_login(clinician)
    with django_assert_max_num_queries(12):
        client.get(PAGE)


# --- who may do what ---

BUTTONS = {
    # (takes and closes a patient's, takes one that waits, sees where to answer)
    "viewer": (False, False, False),
    "clinician": (True, True, True),
    "data_manager": (False, True, True),
    "administrator": (False, False, False),
}


@pytest.mark.parametrize("who", BUTTONS)
def test_each_role_is_offered_what_it_may_do(page, notice, waiting, request, who):
    html = page(user=request.getfixturevalue(who))
    addresses = [
        reverse("patients:notice-done", args=[notice.uuid]),
        reverse("patients:notice-take", args=[waiting.uuid]),
        reverse("uploads:preview", args=[waiting.upload.batch]),
    ]
    assert tuple(address in html for address in addresses) == BUTTONS[who]
    assert "2 results of ALT, INR not stored: a question waits" in html


@pytest.mark.parametrize(
    "who, status",
    [("viewer", 403), ("clinician", 302), ("data_manager", 302), ("administrator", 403), ("stranger", 404)],
)
def test_one_that_waits_is_taken_by_who_answers(client, waiting, request, who, status):
    client.force_login(request.getfixturevalue(who))
    assert act(client, waiting, "take").status_code == status


def test_one_that_waits_is_closed_by_who_has_settled_it_otherwise(client, waiting, data_manager):
    client.force_login(data_manager)
    assert act(client, waiting, "done", note="Typed in by hand").status_code == 302
    assert not Notice.objects.open().exists()


# --- taken and closed, with and without scripts ---


def test_taken_given_back_and_closed_without_scripts(client, notice, clinician):
    client.force_login(clinician)
    for name, said, typed in [
        ("take", "Taken: it is yours now.", {}),
        ("back", "Given back: it waits for somebody again.", {}),
        ("done", "Closed.", {"note": "Admitted"}),
    ]:
        response = act(client, notice, name, **typed)
        assert response.status_code == 302 and response.url == PAGE
        assert said in client.get(PAGE).content.decode()
    notice.refresh_from_db()
    assert notice.done_by == clinician and notice.note == "Admitted"


def test_htmx_gets_the_list_with_count_and_banner(client, notice, clinician):
    back_in_time(hours=5)
    client.force_login(clinician)
    html = act(client, notice, "take", htmx=True).content.decode()
    assert html.startswith('<div id="notices"') and "<html" not in html
    assert "Taken: it is yours now." in html
    assert count_of(html) == "" and banner_of(html) == "" and html.count('hx-swap-oob="true"') == 2


def test_who_comes_second_reads_who_has_it(client, notice, clinician, colleague):
    take(notice=notice, by=colleague)
    client.force_login(clinician)
    response = act(client, notice, "take", htmx=True)
    assert response.status_code == 422
    assert f"{colleague} has taken this already" in response.content.decode()


def test_who_closes_second_reads_what_was_done(client, notice, clinician, colleague):
    close(notice=notice, by=colleague, note="Admitted")
    client.force_login(clinician)
    response = act(client, notice, "done", note="Rang")
    assert response.status_code == 422
    assert f"{colleague} has closed this already" in response.content.decode()


def test_nothing_said_is_refused_with_what_was_typed(client, notice, clinician):
    client.force_login(clinician)
    long = "x" * 301
    html = act(client, notice, "done", note=long).content.decode()
    assert "shorten it" in html and long in html
    assert "Say what was done." in act(client, notice, "done", note=" ").content.decode()
