"""The demo clinic: every vignette keeps its grade on any day of loading; loading twice changes nothing."""

import io
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from accounts.models import Clinic, Role, User
from interpretation.record import records
from interpretation.report import interpret
from patients.demo.load import PASSWORD, STAFF, readings
from patients.demo.people import Person, people
from patients.models import Assessment, Draw, Patient, Result
from patients.report.panel import cases_for

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
VIGNETTES = {"1", "2", "3", "4", "5", "6", "7", "8", "9a", "9b", "10", "11", "12"}
# Ordinary days, both changes of the clock, a leap day, New Year, the small hours, the far future.
DAYS = [
    "2026-11-23T12:00",
    "2026-03-29T02:30",
    "2026-10-25T01:30",
    "2028-02-29T23:59",
    "2027-01-01T00:00",
    "2026-07-14T04:10",
    "2041-05-05T08:12",
]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Loaded once for this file; its transaction is given up at the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        said = io.StringIO()
        call_command("load_demo", stdout=said)
        with django_db_blocker.block():
            yield said.getvalue()
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded, db) -> Clinic:
    return Clinic.objects.get(code="demo")


def case(person: Person, now: datetime) -> records.Case:
    """As stored, without a database."""
    draws = [
        records.Draw(
            draw.taken_at,
            tuple(
                records.Result(r.analyte, r.value, r.comparator, r.lower_limit, r.upper_limit)
                for r in readings(draw)
            ),
            draw.laboratory,
        )
        for draw in person.draws
    ]
    return records.Case(
        as_of=now,
        sex=person.sex,
        birth_date=person.birth_date,
        died_on=person.died_on,
        draws=tuple(draws),
        diagnoses=tuple(records.Diagnosis(**{**d, "codes": tuple(d["codes"])}) for d in person.diagnoses),
        events=tuple(records.Event(**event) for event in person.events),
        reviews=tuple(records.Review(on=now, **review) for review in person.reviews),
    )


@pytest.mark.parametrize("day", DAYS)
def test_the_day_of_loading_changes_no_grade(day):
    now = datetime.fromisoformat(day).replace(tzinfo=LONDON)
    everyone = [person for person in people(now, LONDON) if person.expected]
    grades = {p.mrn: interpret(case(p, now)).dissociation.grade for p in everyone}
    assert grades == {p.mrn: p.expected for p in everyone}


@pytest.mark.parametrize("day", DAYS)
def test_nothing_lies_in_the_future(day):
    now = datetime.fromisoformat(day).replace(tzinfo=LONDON)
    for person in people(now, LONDON):
        moments = [draw.taken_at for draw in person.draws]
        moments += [at for e in person.events for at in (e["started_at"], e["ended_at"]) if at]
        assert max(moments, default=now) <= now
        assert person.died_on is None or person.died_on <= now.date()
        assert all(draw.taken_at.date() > person.birth_date for draw in person.draws)


def test_every_vignette_is_there():
    from patients.demo.people import _data

    assert {row["vignette"] for row in _data()["person"] if "vignette" in row} == VIGNETTES


def test_stored_patients_have_their_expected_grades(demo):
    expected = {p.mrn: p.expected for p in people(timezone.now(), demo.zone) if p.expected}
    patients = Patient.objects.filter(clinic=demo).select_related("clinic")
    cases = cases_for(patients, timezone.now())
    grades = {p.mrn: interpret(cases[p.pk]).dissociation.grade for p in patients if p.mrn in expected}
    assert grades == expected


def test_the_worklist_has_the_same_grades(demo):
    expected = {p.mrn: p.expected for p in people(timezone.now(), demo.zone) if p.expected}
    rows = Assessment.objects.filter(clinic=demo, patient__mrn__in=expected)
    assert dict(rows.values_list("patient__mrn", "grade")) == expected


def test_the_special_cases_are_there(demo):
    draws = {p.mrn: p.draws.count() for p in Patient.objects.filter(clinic=demo)}
    assert len(draws) >= 20
    assert {0, 1, 2, 500} <= set(draws.values())
    units = Result.objects.filter(draw__patient__mrn="D-0020").values_list("reported_unit", flat=True)
    assert {"ukat/L", "U/L", "mg/dL", "umol/L", "g/dL", "g/L"} <= set(units)
    signs = Result.objects.filter(draw__patient__mrn="D-0021").values_list("comparator", flat=True)
    assert {"<", ">", ""} == set(signs)


def test_one_is_being_asked_and_one_is_left_out(demo):
    asked = Assessment.objects.get(patient__mrn="D-0023")
    assert asked.first_overdue_on and asked.next_contact_on == asked.contact_on
    assert str(asked.contact_owner) == "Chidi Okafor"
    left = Assessment.objects.get(patient__mrn="D-0027")
    assert (left.left_out, left.overdue_on, left.contact_on) == ("elsewhere", [], None)


def test_mixed_units_are_one_series(demo):
    values = Result.objects.filter(draw__patient__mrn="D-0020", analyte="ALT").order_by("draw__taken_at")
    assert [round(value) for value in values.values_list("value", flat=True)] == [126, 82, 54]


@pytest.mark.parametrize("username", STAFF)
def test_each_role_can_sign_in(demo, client, username):
    assert client.login(username=username, password=PASSWORD)
    assert User.objects.get(username=username).memberships.get().clinic == demo


def test_every_role_is_given(demo):
    assert set(demo.memberships.values_list("role", flat=True)) == set(Role.values)


def test_loading_again_adds_nothing(demo):
    before = (Patient.objects.count(), Draw.objects.count(), User.objects.count())
    said = io.StringIO()
    call_command("load_demo", stdout=said)
    assert (Patient.objects.count(), Draw.objects.count(), User.objects.count()) == before
    assert "0 of them new" in said.getvalue()
    assert "Loading" not in said.getvalue()


def test_loading_is_announced_with_its_time(loaded):
    assert loaded.startswith("Loading the demo: invented patients and meetings (about a minute")


def test_a_changed_password_stays(demo):
    viewer = User.objects.get(username="viewer")
    viewer.set_password("another-one")
    viewer.save()
    call_command("load_demo", stdout=io.StringIO())
    assert User.objects.get(username="viewer").check_password("another-one")


def test_the_clinic_is_marked_as_a_demo(demo, loaded):
    assert demo.is_demo
    assert "invented patients" in loaded


def test_production_refuses_the_demo(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not loaded in production"):
        call_command("load_demo")


def test_a_real_clinic_of_that_code_is_left_alone(db):
    Clinic.objects.filter(code="demo").update(code="demo-of-this-file")
    Clinic.objects.create(code="demo", name="Demographic unit")
    with pytest.raises(CommandError, match="not the demo"):
        call_command("load_demo")


def test_of_some_it_is_known_whether_they_take_an_anticoagulant(demo):
    people_of_demo = Patient.objects.filter(clinic=demo)
    found = [people_of_demo.filter(anticoagulant=said).count() for said in ("none", "taking", "")]
    assert found == [14, 2, 11]
    asked = Assessment.objects.filter(clinic=demo, ask_anticoagulant=True)
    assert set(asked.values_list("patient__mrn", flat=True)) == {"D-0009", "D-0017", "D-0021"}
