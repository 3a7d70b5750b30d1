"""The worklist opens on who is new or worse, names every other filter, and says what to do in words."""

import re
from datetime import date, timedelta
from itertools import count

import pytest
from django.utils import timezone

from accounts.models import Membership, Role
from patients.models import Assessment, Patient
from patients.presenters.worklist.filters import FRONT
from patients.presenters.worklist.rows import row
from patients.worklist import PLACES, WorklistState, counts, page

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
numbers = count(1)


@pytest.fixture
def add(clinic):
    """add("Rossi", grade="possible"): a patient with the summary given, nothing computed."""

    def add(family="Rossi", grade="possible", where=None, **fields) -> Assessment:
        where = where or clinic
        patient = Patient.objects.create(
            clinic=where,
            mrn=f"O-{next(numbers)}",
            family_name=family,
            birth_date=date(1961, 4, 2),
            sex="F",
        )
        fields = {"grade_rank": PLACES.index(grade), "base_grade": grade} | fields
        return Assessment.objects.create(
            patient=patient,
            clinic=where,
            sort_name=family.lower(),
            search=f"'{family.lower()}'",
            grade=grade,
            knowledge_version="test",
            **fields,
        )

    return add


@pytest.fixture
def get(client, clinician):
    client.force_login(clinician)
    # A search leads to an address without its words.
    return lambda query="": client.get(f"/{query}", follow=True)


def names(response) -> list[str]:
    return re.findall(r'<th scope="row">\s*<a [^>]*>([^<]+)</a>', response.content.decode())


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# --- whom it shows ---


@pytest.fixture
def two(add):
    add("New")
    add("Quiet", grade="none", new_or_worse=False)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", ["New"]),
        ("?sort=name", ["New"]),
        ("?show=new", ["New"]),
        ("?show=all&sort=name", ["New", "Quiet"]),
        ("?show=everything", ["New"]),
        # Whoever searches or filters means everybody.
        ("?q=quiet", ["Quiet"]),
        ("?grade=none", ["Quiet"]),
        ("?show=new&grade=none", []),
        ("?q=quiet&show=new", []),
    ],
)
def test_it_opens_on_who_is_new_or_worse(get, two, query, shown):
    assert names(get(query)) == shown


def test_the_two_choices_say_how_many_there_are(get, two):
    response = get()
    assert "New or worse since review 1 All 2" in text(response)
    assert "1 other: unchanged, reviewed or none" in text(response)
    assert [one["on"] for one in response.context["shown"]] == [True, False]
    assert [one["address"] for one in response.context["shown"]] == ["?show=new", "?show=all"]


def test_sorting_keeps_the_choice(get, two):
    assert "?show=all&amp;sort=name" in get("?show=all").content.decode()
    assert "?show=new&amp;sort=name" in get().content.decode()


def test_picking_a_diagnosis_keeps_the_choice(get, two):
    assert get().context["kept"] == {"show": "new"}
    assert get("?show=new&dx=cirrhosis").context["picked"][0]["address"] == "?show=new"


def test_nobody_new_says_so_and_leads_to_all(get, add):
    add(new_or_worse=False)
    response = get()
    assert "Nobody is new or worse since review." in text(response)
    assert 'id="show-all" href="?show=all"' in response.content.decode()


def test_no_match_among_the_new_leads_to_the_same_among_all(get, two):
    response = get("?show=new&grade=none")
    assert response.context["wider"] == "?grade=none" and "Look among all patients" in text(response)
    assert "Look among all patients" not in text(get("?show=all&grade=critical"))


def test_a_clinic_without_patients_does_not_say_so(get):
    assert "No patients yet" in text(get()) and "Nobody is new" not in text(get())


# --- the filters ---


def numbers_of(response) -> dict[str, str]:
    return {chip["key"]: chip["number"] for chip in response.context["filters"]}


def test_states_are_counted_among_those_shown_and_work_among_everybody(get, add):
    add("New", open_causes=1)
    add("Reviewed", new_or_worse=False, open_causes=1, first_overdue_on=date(2026, 1, 1))
    found = numbers_of(get())
    assert (found["possible"], found["causes"], found["overdue"]) == ("1", "2", "1")
    found = numbers_of(get("?show=all"))
    assert (found["possible"], found["causes"], found["overdue"]) == ("2", "2", "1")


def test_work_leads_to_everybody(get, add):
    add("Reviewed", new_or_worse=False, first_overdue_on=date(2026, 1, 1))
    chips = {chip["key"]: chip["address"] for chip in get().context["filters"]}
    assert names(get(chips["overdue"])) == ["Reviewed"]
    assert chips["critical"] == "?show=new&grade=critical"


def test_chips_of_state_stand_apart_from_those_of_work(get, add):
    add()
    groups = {group["name"]: group for group in get().context["groups"]}
    assert [chip["key"] for chip in groups["state"]["front"]][:3] == ["critical", "established", "possible"]
    assert [chip["key"] for chip in groups["work"]["front"]] == ["overdue", "causes", "contact"]
    assert [chip["key"] for chip in groups["work"]["more"]] == ["review"]


def test_a_filter_that_is_on_stands_in_the_row(get, add):
    add()
    groups = {group["name"]: group for group in get("?review=due").context["groups"]}
    assert "review" not in FRONT
    assert [chip["key"] for chip in groups["work"]["front"]][-1] == "review"


def test_what_was_picked_is_a_chip_that_takes_it_back(get, add, clinician, other_clinic):
    Membership.objects.create(user=clinician, clinic=other_clinic, role=Role.VIEWER)
    picked = get("?dx=pbc&clinic=south").context["picked"]
    assert [(chip["label"], chip["address"]) for chip in picked] == [
        ("PBC", "?clinic=south"),
        ("South Hospital", "?dx=pbc"),
    ]


def test_who_is_overdue_is_whom_somebody_should_call(clinic, add):
    today = timezone.now().astimezone(clinic.zone).date()
    add("Overdue", first_overdue_on=today)
    add("Died", left_out="died", first_overdue_on=None)
    add("Until tomorrow", left_out="elsewhere", left_out_until=today, first_overdue_on=today + DAY)
    assert counts(WorklistState(), [clinic], timezone.now())["overdue"] == 1


# --- the order ---


def test_of_equal_urgency_and_grade_the_longest_overdue_comes_first(clinic, add):
    now = timezone.now()
    on = now.date()
    later = add("Later", first_overdue_on=on, latest_at=now)
    nothing = add("Nothing due", latest_at=now)
    first = add("First", first_overdue_on=on - 9 * DAY, latest_at=now - 90 * DAY)
    worse = add("Worse", grade="established", first_overdue_on=on + 9 * DAY)
    rows = page(WorklistState(), [clinic], now).rows
    assert [one.pk for one in rows] == [one.pk for one in (worse, first, later, nothing)]


# --- what a row says ---


def test_a_slow_rise_is_said_in_its_row(get, add):
    add(
        grade="none",
        grade_rank=PLACES.index("rising"),
        slow_rise="INR rising slowly: 1.0 to 1.7 since 2017",
        open_causes=1,
        named_causes=["vitamin_k_deficiency"],
    )
    assert "INR rising slowly Routine 1.0 to 1.7 since 2017" in text(get())


@pytest.mark.parametrize(
    ("in_short", "besides"),
    [
        ("INR 2.6 rising, bilirubin 308, encephalopathy, AST peak 610 U/L", "bilirubin 308, encephalopathy"),
        ("INR 1.7 rising", ""),
        ("bilirubin 98", "bilirubin 98"),
        (
            "was today on 30 Sep 2026, no result since: call; INR 2.4 rising, bilirubin 168",
            "was today on 30 Sep 2026, no result since: call",
        ),
    ],
)
def test_the_second_line_says_what_no_column_shows(clinic, add, in_short, besides):
    found = row(add(urgency="today", in_short=in_short), clinic, timezone.now())
    assert (found.in_short, found.besides) == (in_short, besides)


STEP = {"tests": ["ALT", "INR"], "soon": "2020-01-01", "from": "2020-01-01", "due": "2020-01-01"}


REVIEW = {"ask": "Hepatology review", "when": "now", "state": "now"}


@pytest.mark.parametrize(
    ("asks", "lines"),
    [
        ([REVIEW], [("now", "Hepatology review"), ("overdue", "Overdue")]),
        ([REVIEW | {"when": "today"}], [("overdue", "Overdue"), ("now", "Hepatology review")]),
        ([], [("overdue", "Overdue"), ("never", "Never done: albumin")]),
    ],
)
def test_what_to_do_stands_in_two_lines(clinic, add, asks, lines):
    steps = [{"tests": ["Albumin"], "due": None}, STEP | {"over": "2020-01-02"}, *asks]
    found = row(add(next_steps=steps), clinic, timezone.now()).lines
    assert [(line.state, line.text.split(" 8")[0].split(" 7")[0]) for line in found] == lines


def test_what_is_not_due_is_said_only_where_nothing_else_is(clinic, add):
    later = STEP | {"soon": "2200-01-01", "from": "2200-01-01", "due": "2200-01-01", "over": "2200-02-01"}
    found = row(add(next_steps=[later]), clinic, timezone.now()).lines
    assert [line.text for line in found] == ["Next 1 Jan 2200: ALT, INR"]
    due = row(add(next_steps=[later, REVIEW]), clinic, timezone.now()).lines
    assert [line.text for line in due] == ["Hepatology review"]


MEASURED = {
    "points_enzyme": "AST",
    "enzyme_points": [["2026-05-01T08:00:00+00:00", 120.0], ["2026-11-23T08:00:00+00:00", 44.0]],
    "inr_points": [["2026-05-01T08:00:00+00:00", 1.1], ["2026-11-23T08:00:00+00:00", 8.0]],
    "inr_signs": ",>",
}


def test_an_inr_that_cannot_be_read_is_shown_and_said_not_to_be_read(get, add):
    add(grade="not_interpretable", **MEASURED)
    response = get()
    assert "1.1 → &gt;8.0 not read" in text(response)
    assert 'class="spark inr unread"' in response.content.decode()


def test_ast_that_stands_in_is_named_and_dashed(get, add):
    add(grade="not_assessable", **MEASURED)
    response = get()
    assert "120 → 44 AST" in text(response) and "not read" not in text(response)
    assert 'class="spark ast"' in response.content.decode()


def test_one_value_alone_is_no_change(get, add):
    add(grade="not_assessable", inr_points=[["2026-05-01T08:00:00+00:00", 1.2]])
    assert "→" not in text(get()) and " 1.2 " in text(get())


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ("possible", "critical", "possible"),
        ("none", "established", "none"),
        ("critical", "possible", ""),
        ("possible", "possible", ""),
        ("none", "none", ""),
        ("", "critical", ""),
    ],
)
def test_the_grade_at_review_is_said_only_where_it_was_milder(clinic, add, then, now, said):
    assert row(add(grade=now, reviewed_grade=then), clinic, timezone.now()).reviewed_grade == said


def test_a_full_page_with_every_column_takes_no_more_queries(get, add, django_assert_max_num_queries):
    for number in range(60):
        add(f"Family{number}", next_steps=[STEP | {"over": "2020-01-02"}], **MEASURED)
    with django_assert_max_num_queries(11):
        assert len(get().context["rows"]) == 50
