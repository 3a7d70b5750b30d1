"""The worklist: which rows, in which order, what the address says, who sees whom."""

import re
from datetime import UTC, date, datetime, timedelta
from itertools import count
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import Clinic, Membership, Role
from interpretation.urgency import LEVELS
from patients.models import Assessment, Patient
from patients.presenters.worklist.rows import age_and_sex, days_ago, row
from patients.words import short_span
from patients.worklist import GRADES, NEVER, PLACES, SORTS, WorklistState, counting, counts, fold, page, words

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
numbers = count(1)


@pytest.fixture
def add(clinic):
    """add("Okafor", "Ada", grade="possible"): a patient with the summary given, nothing computed."""

    def add(family="Okafor", given="Ada", mrn="", grade="none", where=None, **fields) -> Assessment:
        where = where or clinic
        patient = Patient.objects.create(
            clinic=where,
            mrn=mrn or f"N-{next(numbers):04}",
            family_name=family,
            given_name=given,
            birth_date=date(1961, 4, 2),
            sex="F",
        )
        given_words = {*words(family), *words(given), *words(patient.mrn)}
        return Assessment.objects.create(
            patient=patient,
            clinic=where,
            sort_name=fold(f"{family}, {given}, {patient.mrn}"),
            search=" ".join(f"'{word}'" for word in given_words),
            grade=grade,
            grade_rank=PLACES.index(grade),
            base_grade=grade,
            knowledge_version="test",
            **fields,
        )

    return add


def ids(rows) -> list[int]:
    return [row.pk for row in rows]


def found(query: str, clinic) -> list[str]:
    rows = page(WorklistState.of({"q": query}), [clinic], NOW).rows
    return [row.patient.family_name for row in rows]


@pytest.mark.parametrize(
    ("query", "families"),
    [
        ("nov", ["Novák"]),
        ("NOVÁK", ["Novák"]),
        ("petr nov", ["Novák"]),
        ("nov petr", ["Novák"]),
        ("d-0007", ["Novák"]),
        ("0007", ["Novák"]),
        ("ovak", []),
        ("øst", ["Østergård"]),
        ("ost", ["Østergård"]),
        ("nov øst", []),
        ("'", []),
        ("nov:* | & !", ["Novák"]),
        ("\\", []),
        ("')--", []),
        ("nov\x00", ["Novák"]),
    ],
)
def test_search_finds_by_the_beginnings_of_words(clinic, add, query, families):
    add("Novák", "Petr", mrn="D-0007")
    add("Østergård", "Lis", mrn="D-0008")
    assert found(query, clinic) == families


def test_without_a_search_everyone_is_there(clinic, add):
    add("Novák")
    assert found("", clinic) == ["Novák"]


def test_default_order_is_by_grade_then_latest(clinic, add):
    older = add(grade="critical", latest_at=NOW - timedelta(days=3))
    none = add(grade="none", latest_at=NOW)
    newer = add(grade="critical", latest_at=NOW - timedelta(days=1))
    assert ids(page(WorklistState(), [clinic], NOW).rows) == [newer.pk, older.pk, none.pk]


@pytest.fixture
def crowd(add):
    """Twenty-three rows with ties and gaps in every sort key."""
    for number in range(23):
        days = number % 4
        add(
            family=f"Family{number % 5}",
            given="Same",
            mrn=f"M-{number:02}",
            grade=GRADES[number % 3],
            latest_at=None if number % 6 == 0 else NOW - timedelta(days=days),
            last_draw_at=None if number % 5 == 0 else NOW - timedelta(days=days),
            inr_change_pct=None if number % 4 == 0 else float(number % 3),
            first_overdue_on=None if number % 3 == 0 else TODAY + timedelta(days=days - 2),
        )


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("reverse_order", [False, True])
@pytest.mark.parametrize("size", [1, 4, 22, 23])
def test_pages_forward_hold_every_row_once_in_order(clinic, crowd, sort, reverse_order, size):
    state = WorklistState(sort=sort, reverse=reverse_order)
    whole = ids(page(state, [clinic], NOW, size=100).rows)
    assert len(set(whole)) == 23
    assert walk(state, [clinic], size) == whole


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("reverse_order", [False, True])
def test_pages_backward_are_those_of_the_way_forward(clinic, crowd, sort, reverse_order):
    state = WorklistState(sort=sort, reverse=reverse_order)
    whole = page(state, [clinic], NOW, size=100).rows
    back = page(
        WorklistState(sort=sort, reverse=reverse_order, before=whole[9].patient.uuid), [clinic], NOW, size=4
    )
    assert ids(back.rows) == ids(whole[5:9])
    assert back.earlier and back.later


def test_the_two_directions_differ_only_by_turning_round(clinic, crowd):
    there = ids(page(WorklistState(sort="name"), [clinic], NOW).rows)
    back = ids(page(WorklistState(sort="name", reverse=True), [clinic], NOW).rows)
    assert there == back[::-1]


@pytest.mark.parametrize("sort", ["draw", "inr", "overdue"])
@pytest.mark.parametrize("reverse_order", [False, True])
def test_rows_without_a_value_come_last_in_both_directions(clinic, crowd, sort, reverse_order):
    rows = page(WorklistState(sort=sort, reverse=reverse_order), [clinic], NOW).rows
    empty = [getattr(row, SORTS[sort][0].column) is None for row in rows]
    assert empty == sorted(empty)


def walk(state: WorklistState, clinics, size: int) -> list[int]:
    seen, here = [], page(state, clinics, NOW, size=size)
    while True:
        seen += ids(here.rows)
        if not here.later:
            return seen
        after = here.rows[-1].patient.uuid
        here = page(
            WorklistState(sort=state.sort, reverse=state.reverse, after=after), clinics, NOW, size=size
        )


def test_a_page_before_with_too_few_rows_is_the_first_page(clinic, crowd):
    whole = page(WorklistState(sort="name"), [clinic], NOW, size=100).rows
    back = page(WorklistState(sort="name", before=whole[2].patient.uuid), [clinic], NOW, size=4)
    assert ids(back.rows) == ids(whole[:4])
    assert not back.earlier and back.later


def test_several_clinics_are_one_list(clinic, other_clinic, add):
    last = add("Zhou")
    first = add("Abebe", where=other_clinic)
    assert ids(page(WorklistState(sort="name"), [clinic, other_clinic], NOW).rows) == [first.pk, last.pk]
    assert walk(WorklistState(sort="name"), [clinic, other_clinic], 1) == [first.pk, last.pk]


def test_a_row_that_is_gone_leads_to_the_first_page(clinic, add):
    only = add()
    assert ids(page(WorklistState(after=uuid4()), [clinic], NOW).rows) == [only.pk]


def test_the_row_of_another_clinic_is_no_cursor(clinic, other_clinic, add):
    ours, theirs = add("Abebe"), add("Aalto", where=other_clinic)
    state = WorklistState(sort="name", reverse=True, after=theirs.patient.uuid)
    assert ids(page(state, [clinic], NOW).rows) == [ours.pk]


def test_a_withdrawn_patient_is_not_listed(clinic, add, clinician):
    row = add()
    Patient.objects.filter(pk=row.pk).update(
        withdrawn_at=NOW, withdrawn_by=clinician, withdrawn_reason="Entered twice"
    )
    assert page(WorklistState(), [clinic], NOW).rows == []


def test_unreviewed_or_changed_is_a_filter(clinic, add):
    waiting = add(to_review=True)
    add(to_review=False, reviewed_at=NOW, reviewed_by="Dr Berg")
    state = WorklistState(review=True)
    assert ids(page(state, [clinic], NOW).rows) == [waiting.pk]
    number = counts(WorklistState(), [clinic], NOW)
    assert (number["all"], number["review"]) == (2, 1)


def test_an_overruled_grade_keeps_the_place_of_the_rules(clinic, add):
    overruled = add(grade="established", overruled_to="none", overruled_by="Dr Berg")
    possible = add(grade="possible")
    assert ids(page(WorklistState(), [clinic], NOW).rows) == [overruled.pk, possible.pk]


@pytest.mark.parametrize(("days", "listed"), [(-1, True), (0, True), (1, False), (None, False)])
def test_overdue_is_from_that_day_on(clinic, add, days, listed):
    add(first_overdue_on=None if days is None else TODAY + timedelta(days=days))
    assert bool(page(WorklistState(overdue=True), [clinic], NOW).rows) is listed


def test_overdue_is_by_the_clinics_own_date(add):
    kiritimati = Clinic.objects.create(code="east", name="East", time_zone="Pacific/Kiritimati")
    add(where=kiritimati, first_overdue_on=TODAY + timedelta(days=1))
    assert len(page(WorklistState(overdue=True), [kiritimati], NOW).rows) == 1


def test_filters_narrow_and_count(clinic, add):
    add(grade="critical", open_causes=2, diagnoses=["cirrhosis"], first_overdue_on=NEVER)
    add(grade="critical")
    add(grade="none", first_overdue_on=TODAY)
    assert counts(WorklistState(), [clinic], NOW) == {
        **dict.fromkeys((*LEVELS, *PLACES), 0),
        "everybody": 3,
        "new": 3,
        "all": 3,
        "routine": 3,
        "shown": 3,
        "critical": 2,
        "none": 1,
        "anticoagulant": 0,
        "causes": 1,
        "review": 3,
        "overdue": 2,
        "contact": 0,
        "concern": 0,
        "mine": 0,
        "left_out": 0,
    }
    assert len(page(WorklistState(grade="critical", causes=True), [clinic], NOW).rows) == 1
    assert counts(WorklistState(grade="critical", causes=True), [clinic], NOW)["shown"] == 1
    assert len(page(WorklistState(dx="cirrhosis"), [clinic], NOW).rows) == 1
    assert counts(WorklistState(dx="cirrhosis"), [clinic], NOW)["all"] == 1
    assert counts(WorklistState(q="!"), [clinic], NOW)["all"] == 0


def test_counts_of_a_search_are_those_of_its_rows(clinic, add):
    add("Novák", grade="critical", open_causes=1)
    add("Novotná", grade="none", first_overdue_on=TODAY)
    add("Rossi", grade="critical", first_overdue_on=TODAY)
    number = counts(WorklistState(q="nov", grade="critical"), [clinic], NOW)
    assert number == {
        **dict.fromkeys((*LEVELS, *PLACES), 0),
        "everybody": 2,
        "new": 2,
        "all": 2,
        "routine": 2,
        "critical": 1,
        "none": 1,
        "anticoagulant": 0,
        "causes": 1,
        "review": 2,
        "overdue": 1,
        "contact": 0,
        "concern": 0,
        "mine": 0,
        "left_out": 0,
        "shown": 1,
    }


def test_numbers_above_a_thousand_are_not_counted_out(clinic, add, monkeypatch):
    monkeypatch.setattr(counting, "COUNTED", 1)
    for _ in range(4):
        add("Novák", grade="none")
    assert counts(WorklistState(), [clinic], NOW)["none"] == 2


def test_a_search_that_finds_too_many_gives_no_small_numbers(clinic, add, monkeypatch):
    monkeypatch.setattr(counting, "COUNTED", 2)
    monkeypatch.setattr(counting, "FEW", 3)
    for _ in range(4):
        add("Novák", grade="none")
    number = counts(WorklistState(q="nov"), [clinic], NOW)
    assert (number["none"], number["critical"]) == (3, None)


def test_counts_without_a_clinic_are_nought():
    assert set(counts(WorklistState(), [], NOW).values()) == {0}


@pytest.mark.parametrize(
    "query",
    [
        {"grade": "critical", "sort": "-name", "q": "nov"},
        {"overdue": "1", "causes": "open", "review": "due", "dx": "cirrhosis", "clinic": "north"},
        {"sort": "draw"},
        {"sort": "-grade"},
        {"show": "new", "grade": "critical"},
        {"show": "all"},
        {},
    ],
)
def test_the_address_holds_the_whole_state(query):
    assert WorklistState.of(query).fields() == query


@pytest.mark.parametrize(
    "query",
    [
        {"grade": "worst"},
        {"show": "some"},
        {"sort": "mrn"},
        {"dx": "gout"},
        {"after": "7"},
        {"overdue": "yes"},
        {"sort": "--name"},
    ],
)
def test_what_the_address_says_wrongly_counts_as_not_said(query):
    assert WorklistState.of(query) == WorklistState()


# --- the page ---


@pytest.fixture
def listed(client, clinician, add):
    row = add(
        "Rossi",
        "Elena",
        mrn="D-0001",
        grade="established",
        enzyme="ALT",
        enzyme_from=112,
        enzyme_to=34,
        enzyme_change_pct=-69.6,
        inr_from=1.2,
        inr_to=1.7,
        inr_change_pct=41.7,
        baseline_at=NOW - timedelta(days=547),
        latest_at=NOW,
        last_draw_at=NOW,
        enzyme_points=[["2025-05-01T08:00:00+00:00", 112.0], ["2026-11-23T08:00:00+00:00", 34.0]],
        inr_points=[["2025-05-01T08:00:00+00:00", 1.2], ["2026-11-23T08:00:00+00:00", 1.7]],
        named_causes=["vka"],
        open_causes=1,
        diagnoses=["hepatitis_c", "cirrhosis"],
        overdue_on=[NEVER, date(2026, 1, 1)],
        first_overdue_on=NEVER,
    )
    client.force_login(clinician)
    return row


def test_a_row_says_who_what_and_how_sure(client, listed):
    page = client.get(reverse("patients:worklist")).content.decode()
    for text in ("Established", "Rossi, Elena", "D-0001 · 65 F", "Hepatitis C, cirrhosis", "−70 %", "+42 %"):
        assert text in page
    for text in ("112 → <b>34</b>", "1.2 → <b>1.7</b>", "18 mo", "1 open", "1 overdue", "1 never done"):
        assert text in page
    assert reverse("patients:detail", args=[listed.patient.uuid]) in page


def test_a_row_keeps_the_bounds_of_its_values(client, listed):
    Assessment.objects.update(enzyme_signs="<,", inr_to=8, inr_change_pct=566.7, inr_signs=",>")
    page = client.get(reverse("patients:worklist")).content.decode()
    for text in ("&lt;112 → <b>34</b>", "1.2 → <b>&gt;8.0</b>", "at least +567 %"):
        assert text in page
    assert "−70 %" not in page


def test_a_row_says_that_nobody_has_reviewed(client, listed):
    assert "not yet" in client.get("/").content.decode()


def test_a_row_says_who_reviewed_and_what_is_new_since(client, clinician, add):
    add(reviewed_at=NOW, reviewed_by="Dr Berg", new_since="worse since, 2 new draws", worse_since=True)
    client.force_login(clinician)
    shown = client.get("/").content.decode()
    assert 'title="23 Nov 2026, Dr Berg"' in shown
    assert '<span class="state overdue">worse since, 2 new draws</span>' in shown


def test_a_row_shows_both_grades_of_an_overruled_one(client, clinician, add):
    add(grade="established", overruled_to="possible", overruled_by="Dr Berg")
    client.force_login(clinician)
    shown = client.get("/").content.decode()
    assert "Established" in shown and "overruled: possible" in shown
    assert "The rule says established; Dr Berg overruled it" in shown


def test_the_review_filter_is_a_chip_with_its_number(client, listed):
    shown = client.get("/?review=due").content.decode()
    assert re.search(r'id="filter-review" class="tag on".*Unreviewed or changed <b>1</b>', shown, re.DOTALL)


def test_the_page_is_a_sign_in_for_visitors(client):
    assert client.get("/").status_code == 302


def test_the_stranger_sees_nobody(client, listed, stranger):
    client.force_login(stranger)
    page = client.get("/", {"q": "rossi"}, follow=True).content.decode()
    assert "Elena" not in page and "D-0001" not in page


def test_htmx_gets_the_list_alone(client, listed):
    page = client.get("/", headers={"HX-Request": "true"})
    assert page.content.decode().lstrip().startswith('<section id="worklist"')
    assert "HX-Request" in page["Vary"]


def test_history_of_htmx_gets_the_whole_page(client, listed):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert "<html" in client.get("/", headers=headers).content.decode()


def test_the_sorted_column_says_so(client, listed):
    assert 'aria-sort="descending"' in client.get("/").content.decode()
    assert 'aria-sort="ascending"' in client.get("/", {"sort": "name"}).content.decode()
    assert 'aria-sort="descending"' in client.get("/", {"sort": "-name"}).content.decode()


def test_links_keep_the_rest_of_the_state(client, listed):
    response = client.get("/", {"q": "ros", "sort": "-name"}, follow=True)
    kept = response.context["state"].search
    assert f"?search={kept}&amp;grade=critical&amp;sort=-name" in response.content.decode()


def test_a_patient_without_numbers_gives_the_reason(client, clinician, add):
    add(grade="not_assessable", reason="No INR is recorded.")
    client.force_login(clinician)
    assert "No INR is recorded." in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("role", "adds", "uploads"),
    [("clinician", True, True), ("data_manager", False, True), ("viewer", False, False)],
)
def test_an_empty_list_offers_what_the_role_may_do(client, request, role, adds, uploads):
    client.force_login(request.getfixturevalue(role))
    page = client.get("/").content.decode()
    assert "No patients yet" in page
    assert ("Add patient" in page) is adds
    assert ("Upload results" in page) is uploads


def test_no_match_offers_to_clear_the_filters(client, listed):
    page = client.get("/", {"q": "xyz"}, follow=True).content.decode()
    assert "No patient matches" in page and "Clear all filters" in page


def test_the_clinic_is_named_where_there_are_several(client, listed, clinician, other_clinic):
    assert "North Hospital</td>" not in client.get("/").content.decode()
    Membership.objects.create(user=clinician, clinic=other_clinic, role=Role.VIEWER)
    assert "North Hospital</td>" in client.get("/").content.decode()


@pytest.mark.parametrize("query", [{}, {"sort": "name"}, {"q": "family", "overdue": "1"}])
def test_eleven_queries_suffice(client, clinician, crowd, django_assert_max_num_queries, query):
    client.force_login(clinician)
    # A search is posted first; the list that it leads to costs as much.
    address = client.get("/", query).url if "q" in query else f"/?{urlencode(query)}"
    with django_assert_max_num_queries(11):
        assert client.get(address).status_code == 200


def test_a_later_page_takes_one_query_more(client, clinician, crowd, django_assert_max_num_queries):
    client.force_login(clinician)
    after = Patient.objects.order_by("pk").first().uuid
    with django_assert_max_num_queries(12):
        client.get("/", {"after": after})


# --- words and lines ---


@pytest.mark.parametrize(
    ("days", "words"),
    [(0, "0 h"), (2.25, "54 h"), (2.99, "72 h"), (3, "3 d"), (119.9, "120 d"), (120, "4 mo"), (547, "18 mo")],
)
def test_a_span_is_told_in_hours_days_or_months(days, words):
    assert short_span(timedelta(days=days)) == words


@pytest.mark.parametrize(
    ("days", "words"), [(None, "none"), (0, "today"), (1, "1 d"), (3, "3 d"), (122, "4 mo")]
)
def test_days_since_the_draw(days, words):
    day = None if days is None else TODAY - timedelta(days=days)
    assert days_ago(day, TODAY) == words


@pytest.mark.parametrize(
    ("sex", "born", "died", "words"),
    [
        ("F", date(1961, 11, 23), None, "65 F"),
        ("M", date(1961, 11, 24), None, "64 M"),
        ("U", date(2024, 11, 24), None, "23 mo"),
        ("X", date(2024, 11, 23), None, "2 X"),
        ("F", date(2026, 11, 1), None, "0 mo F"),
        ("M", date(1940, 1, 1), date(2020, 1, 1), "80 M, died"),
    ],
)
def test_age_is_in_the_clinics_date(sex, born, died, words):
    assert age_and_sex(Patient(sex=sex, birth_date=born, died_on=died), TODAY) == words


def test_a_long_list_of_diagnoses_is_cut(clinic, add):
    summary = add(diagnoses=["cirrhosis", "hepatitis_b", "pbc", "hcc", "sepsis"])
    assert row(summary, clinic, NOW).diagnoses == "Cirrhosis, hepatitis B, PBC and 2 more"
