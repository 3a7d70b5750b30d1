"""Whom a meeting should discuss, and why: the query by itself, and against the same in slow Python."""

import random
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from interpretation.urgency import LEVELS, PRESSING
from meetings.actions.agenda import nominate, take, take_back
from meetings.actions.tasks import add_action, end_action
from meetings.models import AgendaItem, Discussion
from meetings.proposals import KINDS, PENDING_DAYS, proposals
from patients.actions import notices
from patients.models import Notice
from patients.worklist import NEVER, PLACES

DAY = timedelta(days=1)


@pytest.fixture
def discussed(plan, clinician):
    """discussed(patient, "possible", days=30): held so many days ago with that place on the worklist."""

    def discussed(patient, place: str, *, days: int = 30, decision: str = "") -> Discussion:
        at = timezone.now() - timedelta(days=days)
        past = plan(starts_at=at, title=f"Past {patient.pk} {days}")
        item = AgendaItem.objects.create(meeting=past, patient=patient, place=1, by=clinician)
        return Discussion.objects.create(
            item=item,
            clinic=patient.clinic,
            patient=patient,
            as_of=at,
            at=at,
            by=clinician,
            decision=decision,
            report="{}",
            basis={},
            fingerprint="0",
            knowledge_version="1",
            grade="none" if place in ("rising", "died") else place,
            grade_rank=PLACES.index(place),
        )

    return discussed


def found(meeting, **options) -> dict[str, list[str]]:
    """Kinds of reasons by family name, in the order of the proposals."""
    return {
        one.patient.family_name: [reason.kind for reason in one.reasons]
        for one in proposals(meeting, **options)
    }


def said(meeting) -> list[str]:
    return [reason.sentence for one in proposals(meeting) for reason in one.reasons]


@pytest.mark.parametrize(
    ("place", "then", "kinds"),
    [
        ("critical", None, ["critical"]),
        ("critical", "critical", ["critical"]),
        ("critical", "established", ["critical", "worse"]),
        ("established", None, ["new"]),
        ("established", "established", []),
        ("established", "possible", ["worse"]),
        ("established", "critical", []),
        ("possible", None, ["new"]),
        ("possible", "none", ["worse"]),
        ("possible", "rising", ["worse"]),
        ("possible", "not_interpretable", ["worse"]),
        ("rising", None, []),
        ("rising", "none", ["worse"]),
        ("rising", "possible", []),
        ("not_interpretable", None, []),
        ("not_interpretable", "none", []),
        ("none", None, []),
        ("none", "not_assessable", []),
        ("died", None, []),
        ("died", "possible", []),
    ],
)
def test_grade_is_proposed_when_new_worse_or_critical(meeting, summed, discussed, place, then, kinds):
    grade = "none" if place in ("rising", "died") else place
    patient = summed("Abel", grade=grade, place=place)
    if then:
        discussed(patient, then)
    assert found(meeting).get("Abel", []) == kinds


def test_worse_names_both_grades_and_the_day(meeting, summed, discussed, clinic):
    at = discussed(summed("Abel", grade="established"), "possible", days=40).as_of.astimezone(clinic.zone)
    assert said(meeting) == [f"Worse: established now, possible when discussed on {at.day} {at:%b %Y}"]


def test_only_the_last_discussion_counts(meeting, summed, discussed):
    patient = summed("Abel", grade="established")
    discussed(patient, "possible", days=60)
    discussed(patient, "established", days=20)
    assert found(meeting) == {}


@pytest.mark.parametrize(("late_in", "proposed"), [(-100, True), (0, True), (7, True), (8, False)])
def test_late_by_the_day_of_the_meeting(meeting, summed, clinic, late_in, proposed):
    on = timezone.now().astimezone(clinic.zone).date() + late_in * DAY
    summed("Abel", overdue_on=[on], first_overdue_on=on, first_late_on=on)
    assert ("Abel" in found(meeting)) is proposed


def test_a_test_never_done_alone_is_not_late(meeting, summed):
    summed("Abel", overdue_on=[NEVER], first_overdue_on=NEVER)
    assert found(meeting) == {}


def test_late_counts_what_was_done_before(meeting, summed):
    days = [NEVER, date(2025, 1, 5), date(2025, 2, 5), date(2999, 1, 1)]
    summed("Abel", overdue_on=days, first_overdue_on=NEVER, first_late_on=days[1])
    assert said(meeting) == ["2 tests overdue, the first since 5 Jan 2025"]


@pytest.mark.parametrize(
    ("waited", "place", "proposed"),
    [
        (PENDING_DAYS - 1, "possible", False),
        (PENDING_DAYS, "possible", True),
        (PENDING_DAYS + 1, "possible", True),
        (100, "not_interpretable", True),
        # Where the INR asks for no explanation a cause may wait.
        (100, "none", False),
    ],
)
def test_causes_that_wait_too_long(meeting, summed, discussed, clinic, waited, place, proposed):
    since = meeting.starts_at.astimezone(clinic.zone).date() - waited * DAY
    patient = summed("Abel", grade=place, open_causes=1, causes_open_since=since)
    discussed(patient, place)
    assert found(meeting) == ({"Abel": ["waiting"]} if proposed else {})


@pytest.mark.parametrize(("due_in", "kind"), [(-3, "due"), (60, "outstanding")])
def test_outstanding_actions_come_back_until_they_are_ended(meeting, summed, clinician, due_in, kind):
    patient = summed("Abel")
    due_on = timezone.now().date() + due_in * DAY
    action = add_action(patient=patient, by=clinician, owner=clinician, due_on=due_on, text="Ultrasound")
    assert found(meeting) == {"Abel": [kind]}
    end_action(action=action, by=clinician, done=True)
    assert found(meeting) == {}


def test_who_was_asked_for_comes_first_with_the_reason_and_the_name(meeting, summed, colleague):
    summed("Abel", grade="critical")
    nomination = nominate(patient=summed("Zola"), by=colleague, reason="Wants  to know")
    assert list(found(meeting)) == ["Zola", "Abel"]
    assert said(meeting)[0] == "Ola Berg: Wants to know"
    take_back(nomination=nomination, by=colleague)
    assert list(found(meeting)) == ["Abel"]


def test_two_who_ask_are_both_named(meeting, summed, colleague, clinician):
    patient = summed("Abel")
    nominate(patient=patient, by=colleague, reason="First")
    nominate(patient=patient, by=clinician, reason="Second")
    assert said(meeting) == ["Ola Berg: First", "clinician: Second"]


@pytest.mark.parametrize(("minutes", "proposed"), [(239, False), (241, True)])
def test_a_notice_that_nobody_took_comes_first(meeting, summed, clinician, clinic, minutes, proposed):
    nominate(patient=summed("Abel", grade="critical"), by=clinician, reason="Please")
    raised = timezone.now() - timedelta(minutes=minutes)
    told = {"kind": "today", "level": "today", "in_short": "INR 2.6 rising", "raised_at": raised}
    notice = Notice.objects.create(clinic=clinic, patient=summed("Zola"), **told)
    assert list(found(meeting)) == (["Zola", "Abel"] if proposed else ["Abel"])
    if proposed:
        assert found(meeting)["Zola"] == ["untaken"]
        since = f"{raised.astimezone(clinic.zone):%H:%M}"
        assert said(meeting)[0].startswith("For today since ")
        assert said(meeting)[0].endswith(f"{since}, taken by nobody: INR 2.6 rising")
    notices.take(notice=notice, by=clinician)
    assert list(found(meeting)) == ["Abel"]


def test_a_notice_that_was_closed_is_not_proposed(meeting, summed, clinician, clinic):
    raised = timezone.now() - timedelta(hours=9)
    told = {"kind": "today", "level": "today", "raised_at": raised}
    notice = Notice.objects.create(clinic=clinic, patient=summed("Zola"), **told)
    notices.close(notice=notice, by=clinician, note="Admitted")
    assert found(meeting) == {}


def test_to_be_discussed_again(meeting, summed, discussed):
    patient = summed("Abel", grade="possible")
    discussed(patient, "possible", decision="again")
    assert found(meeting) == {"Abel": ["again"]}


def test_who_has_died_comes_only_when_asked_for(meeting, summed, clinician):
    patient = summed("Abel", grade="critical", place="died")
    assert found(meeting) == {}
    nominate(patient=patient, by=clinician, reason="What can we learn?")
    assert found(meeting) == {"Abel": ["asked"]}


def test_nobody_is_proposed_who_is_on_the_agenda_or_was_dropped(meeting, plan, summed, clinician):
    taken, dropped = summed("Abel", grade="critical"), summed("Berta", grade="critical")
    summed("Cara", grade="critical")
    take(meeting=meeting, by=clinician, patients={taken: []})
    take(meeting=meeting, by=clinician, patients={dropped: []}, drop=True)
    assert list(found(meeting)) == ["Cara"]
    assert list(found(plan(days=14))) == ["Abel", "Berta", "Cara"]


def test_other_clinics_stay_out(meeting, summed, make_patient, other_clinic, stranger):
    theirs = summed("Abel", patient=make_patient("Abel", clinic=other_clinic), grade="critical")
    nominate(patient=theirs, by=stranger, reason="Ours")
    assert found(meeting) == {}


def test_the_most_urgent_come_first_and_the_rest_is_counted(meeting, summed):
    for name, grade in [("Abel", "possible"), ("Berta", "established"), ("Cara", "critical")]:
        summed(name, grade=grade)
    first = proposals(meeting, limit=2)
    assert [one.patient.family_name for one in first] == ["Cara", "Berta"]
    assert {one.total for one in first} == {3}


def test_the_pressing_come_by_urgency_then_grade_and_say_why(meeting, summed):
    why = "INR 2.6 rising, bilirubin 376"
    summed("Abel", grade="critical", urgency="24_to_48_h", urgency_rank=1)
    summed("Berta", urgency="today", urgency_rank=0, in_short=why)
    summed("Cara", grade="critical", urgency="today", urgency_rank=0)
    summed("Dora", urgency="1_to_2_weeks", urgency_rank=2)
    assert found(meeting) == {
        "Cara": ["urgent", "critical"],
        "Berta": ["urgent"],
        "Abel": ["urgent", "critical"],
    }
    assert list(found(meeting)) == ["Cara", "Berta", "Abel"]
    assert said(meeting)[2] == f"Today: {why}"


def test_within_a_reason_the_more_urgent_comes_first(meeting, summed):
    summed("Abel", grade="established", urgency="4_weeks", urgency_rank=3)
    summed("Berta", grade="possible", urgency="1_to_2_weeks", urgency_rank=2)
    assert list(found(meeting)) == ["Berta", "Abel"]


def test_one_query_finds_them_and_one_their_names(meeting, summed):
    for place in range(20):
        summed(f"Abel{place}", grade="possible")
    with CaptureQueriesContext(connection) as queries:
        assert len(proposals(meeting)) == 20
    assert len(queries) == 2


def test_agrees_with_the_same_rules_in_slow_python(meeting, clinic, clinician, summed, discussed):
    chance = random.Random(20261125)
    today = timezone.now().astimezone(clinic.zone).date()
    expected = {}
    for number in range(60):
        place = chance.choice(PLACES)
        grade = "none" if place in ("rising", "died") else place
        late = chance.choice([None, today - 30 * DAY, today + 300 * DAY])
        waits = chance.choice([None, today - 90 * DAY, today])
        level = chance.choice(LEVELS)
        patient = summed(
            f"P{number:02}",
            urgency=level,
            urgency_rank=LEVELS.index(level),
            grade=grade,
            place=place,
            overdue_on=[late] if late else [],
            first_overdue_on=late,
            first_late_on=late,
            open_causes=1 if waits else 0,
            causes_open_since=waits,
        )
        then, decision = chance.choice([None, *PLACES]), chance.choice(["", "again"])
        if then:
            discussed(patient, then, decision=decision)
        due = chance.choice([None, None, today - 5 * DAY, today + 90 * DAY])
        if due:
            add_action(patient=patient, by=clinician, owner=clinician, due_on=due, text="Ring")
        asked = chance.random() < 0.1
        if asked:
            nominate(patient=patient, by=clinician, reason="Please")
        kinds = slow(place, then, decision, late, waits, due, asked, today)
        if level in PRESSING:
            kinds = [kind for kind in KINDS if kind in kinds or kind == "urgent"]
        expected[patient.family_name] = kinds
    assert found(meeting, limit=100) == {name: kinds for name, kinds in expected.items() if kinds}


def slow(place, then, decision, late, waits, due, asked, today) -> list[str]:
    on = today + 7 * DAY
    rank = PLACES.index(place)
    kinds = {
        # No notice here: it has its own test.
        "untaken": False,
        "asked": asked,
        "urgent": False,
        "critical": place == "critical",
        "worse": then is not None and rank < PLACES.index(then) and rank <= 3,
        "new": then is None and place in ("established", "possible"),
        "again": then is not None and decision == "again",
        "due": due is not None and due < on,
        "waiting": waits is not None and waits <= on - timedelta(days=PENDING_DAYS) and rank <= 4,
        "late": late is not None and late <= on,
        "outstanding": due is not None and due >= on,
    }
    return [kind for kind in KINDS if kinds[kind]]
