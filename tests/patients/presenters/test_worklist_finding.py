"""The worklist's quick ways find what the plain query finds, in its order; its numbers are those of the plain one."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_

import pytest
from django.db import connection
from django.db.models import F

from interpretation.record.records import DIAGNOSIS_KINDS
from interpretation.urgency import LEVELS
from patients.models import Assessment, Patient
from patients.models.strata import hint_of_diagnosis, hint_of_word
from patients.worklist import (
    ALL,
    NEW,
    PLACES,
    SORTS,
    URGENCIES,
    WorklistState,
    counting,
    counts,
    finding,
    matching,
    page,
    words,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
NAMES = ("Novák", "Nowak", "Nilsson", "Østergård", "O’Connor", "Abebe", "Ζωή", "Rossi-Novák")
QUERIES = ("n", "no", "nov", "o", "ö", "ζ", "a n", "novak rossi", "m-", "0", "qq", "7")


@pytest.fixture
def crowd(clinic, other_clinic, clinician) -> dict:
    """Forty rows in one clinic and ten in another, with ties and gaps in everything that is asked or sorted by."""
    chance = random.Random(11)
    for number in range(50):
        _add(clinic if number % 5 else other_clinic, number, clinician, chance)
    return {"clinics": [clinic, other_clinic], "chance": chance, "me": clinician.pk}


def _add(where, number: int, owner, chance: random.Random) -> None:
    family, given, mrn = chance.choice(NAMES), chance.choice(NAMES), f"M-{number:02}"
    patient = Patient.objects.create(
        clinic=where, mrn=mrn, family_name=family, given_name=given, birth_date=TODAY, sex="F"
    )
    found = {*words(family), *words(given), *words(mrn)}
    days = lambda: chance.choice([None, *(TODAY + timedelta(days=n) for n in (-30, -1, 0, 1))])  # noqa: E731
    at = lambda: chance.choice([None, NOW, NOW - timedelta(days=1), NOW - timedelta(days=9)])  # noqa: E731
    Assessment.objects.create(
        patient=patient,
        clinic=where,
        sort_name=f"{family}, {given}, {mrn}".lower(),
        search=" ".join(f"'{word}'" for word in found),
        grade="none",
        grade_rank=chance.randrange(len(PLACES)),
        base_grade="none",
        urgency_rank=chance.randrange(len(URGENCIES)),
        knowledge_version="test",
        new_or_worse=chance.random() < 0.5,
        to_review=chance.random() < 0.5,
        open_causes=chance.choice([0, 0, 2]),
        ask_anticoagulant=chance.random() < 0.3,
        left_out=chance.choice(["", "", "moved"]),
        left_out_until=days(),
        contact_owner=chance.choice([None, owner]),
        contact_on=days(),
        first_overdue_on=days(),
        latest_at=at(),
        last_draw_at=at(),
        inr_change_pct=chance.choice([None, 0.0, 12.5, -3.0]),
        diagnoses=chance.sample(DIAGNOSIS_KINDS[:4], chance.randrange(3)),
    )


def states(chance: random.Random, me: int) -> list[WorklistState]:
    """Each filter alone, and many together."""
    flags = ("overdue", "causes", "anticoagulant", "review", "contact", "mine", "left_out")
    alone = [{}, {"show": NEW}, *({name: True} for name in flags), *({"q": q} for q in QUERIES)]
    alone += [*({"grade": place} for place in PLACES), *({"urgency": level} for level in LEVELS)]
    alone += [{"dx": kind} for kind in DIAGNOSIS_KINDS[:5]]
    mixed = [chance.choice(alone) | chance.choice(alone) | chance.choice(alone) for _ in range(40)]
    found = (WorklistState(me=me, **{"show": ALL, **given}) for given in (*alone, *mixed))
    return chance.sample(list(found), 30)


def plain(state: WorklistState, clinics) -> list[int]:
    """All rows in the page's order, by the plain query."""
    rows = reduce(or_, [matching(state, clinic, TODAY) for clinic in clinics])
    order = []
    for key in SORTS[state.sort]:
        descending = key.descending != state.reverse
        empty = {"nulls_last": True} if key.apart else {}
        order.append(F(key.column).desc(**empty) if descending else F(key.column).asc(**empty))
    return list(rows.order_by(*order).values_list("pk", flat=True))


def ids(rows) -> list[int]:
    return [row.pk for row in rows]


@pytest.mark.parametrize("walked", [2, 10_000])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("sort", SORTS)
def test_a_page_is_that_of_the_plain_query(crowd, monkeypatch, sort, turned, walked):
    monkeypatch.setattr(finding, "WALKED", walked)
    monkeypatch.setattr(finding, "FEW", walked)
    found = 0
    for state in states(crowd["chance"], crowd["me"]):
        state = replace(state, sort=sort, reverse=turned)
        whole = plain(state, crowd["clinics"])
        found += len(whole)
        assert ids(page(state, crowd["clinics"], NOW, size=3).rows) == whole[:3], state
        if len(whole) > 6:
            uuids = dict(Patient.objects.filter(pk__in=whole).values_list("pk", "uuid"))
            later = page(replace(state, after=uuids[whole[2]]), crowd["clinics"], NOW, size=3)
            before = page(replace(state, before=uuids[whole[5]]), crowd["clinics"], NOW, size=3)
            assert ids(later.rows) == whole[3:6] and later.later is (len(whole) > 6), state
            assert ids(before.rows) == whole[2:5], state
    assert found > 100


def number_of(state: WorklistState, clinics) -> int:
    return len(plain(state, clinics)) if not state.q or words(state.q) else 0


@pytest.mark.parametrize("looked", [5, 5000])
def test_numbers_are_those_of_the_plain_query(crowd, monkeypatch, looked):
    """Of a search that is not looked through to its end a number is told only where it is above the limit."""
    monkeypatch.setattr(counting, "COUNTED", 4)
    monkeypatch.setattr(counting, "LOOKED", looked)
    monkeypatch.setattr(counting, "RARE", 4)
    monkeypatch.setattr(counting, "FEW", looked)
    known = 0
    for state in states(crowd["chance"], crowd["me"]):
        expected = {
            name: min(number_of(one, crowd["clinics"]), 5) for name, one in counting._filters(state).items()
        }
        told = counts(state, crowd["clinics"], NOW)
        searched = state.q or state.dx
        assert searched and looked == 5 or None not in told.values()
        said = {name: number for name, number in told.items() if number is not None}
        known += len(said)
        assert said == {name: expected[name] for name in said}, state
    assert known > 300


def test_the_database_marks_as_python_does(crowd):
    for row in Assessment.objects.all():
        found = {f"{word}" for word in row.search.replace("'", "").split()}
        expected = 0
        for word in found:
            expected |= hint_of_word(word)
        for kind in row.diagnoses:
            expected |= hint_of_diagnosis(kind)
        assert row.hints == expected


def test_the_database_knows_every_kind_of_diagnosis():
    with connection.cursor() as cursor:
        cursor.execute("SELECT patients_hints('', %s::varchar[])", [list(DIAGNOSIS_KINDS)])
        assert cursor.fetchone()[0] == sum(hint_of_diagnosis(kind) for kind in DIAGNOSIS_KINDS)
