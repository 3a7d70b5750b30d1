"""Forms as they are typed, and what each field is told."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.db import transaction
from django.utils import timezone

from accounts.forms import MemberForm, NewPasswordForm
from accounts.models import Clinic, User
from meetings.forms import ActionForm, MeetingForm
from patients.actions.errors import Refused
from patients.forms.contacts import ContactForm, LeftOutForm, LiftForm
from patients.forms.draws import DrawForm
from patients.forms.memory import remember
from patients.forms.pasting import paste
from patients.forms.people import DiagnosisForm, EventForm, PatientForm
from patients.forms.rows import bind_rows, new_rows
from patients.models import Draw, Patient, Result
from uploads.forms import ProfileForm
from uploads.profiles import go_back, learn, set_profile

LONDON = ZoneInfo("Europe/London")
NOW = timezone.now().astimezone(LONDON)
AHEAD, AGO = (f"{NOW + timedelta(days=days):%Y-%m-%d}" for days in (2, -30))
FAR = f"{NOW + timedelta(days=800):%Y-%m-%d}"
AT = "3 Mar 2025 08:30"


@dataclass(frozen=True)
class Bench:
    """Who types, and of whom."""

    clinic: Clinic
    patient: Patient
    user: User


Typed = Callable[[Bench], list[str]]


def errors(form: forms.BaseForm) -> list[str]:
    form.is_valid()
    return [f"{name}: {error}" for name, found in form.errors.items() for error in found]


def typed(kind: type[forms.BaseForm], /, **data: str) -> Typed:
    """A form that needs nothing beside its fields."""
    return lambda bench: errors(kind(data, zone=LONDON))


def person(**data: str) -> Typed:
    given = {"mrn": "N-9", "family_name": "Ito", "birth_date": "1970-05-01", "sex": "F"} | data
    return lambda bench: errors(PatientForm(given, zone=LONDON, clinics=[bench.clinic]))


def contact(**data: str) -> Typed:
    given = {"kind": "telephone", "outcome": "no_answer", "made_on": AGO} | data
    return lambda bench: errors(ContactForm(given, zone=LONDON, owners=[bench.user]))


def draw_form(bench: Bench, data: dict[str, str]) -> DrawForm:
    memory = remember(bench.patient)
    rows = new_rows(bench.patient, memory, "")
    filled = {f"{row.key}-{part}": getattr(row, part) for row in rows for part in ("value", "unit")}
    given = {"taken_at": AT} | filled | data
    bind_rows(rows, given, bench.patient, memory)
    return DrawForm(given, patient=bench.patient, rows=rows)


def draw(**data: str) -> Typed:
    """`ALT`: its value; `ALT_upper` and the like: another part of its row; other names: fields of the draw."""
    fields = ("taken_at", "laboratory", "pair")
    given = {
        name if name in fields else name.replace("__", "-") if "__" in name else f"{name}-value": value
        for name, value in data.items()
    }

    def told(bench: Bench) -> list[str]:
        form = draw_form(bench, given)
        lines = errors(form)
        for row in form.rows:
            lines += [f"{row.name}, {problem.field}: {problem.text}" for problem in row.open_problems]
            lines += [f"{row.name}, {part}: offers {text}" for part, text in row.offers]
        return lines + ([form.pair_question] if form.pair_question else [])

    return told


def report(text: str, **data: str) -> Typed:
    def told(bench: Bench) -> list[str]:
        form = draw_form(bench, {"pasted": text, "taken_at": ""} | data)
        taken = paste(form, remember(bench.patient))
        left = [f"{one.text} | {one.why}" for one in taken.left]
        return ([taken.refusal] if taken.refusal else []) + left

    return told


def profile(**data: str) -> Typed:
    return lambda bench: errors(ProfileForm({"version": "0"} | data))


def member(**data: str) -> Typed:
    given = {"kind": "new", "username": "new.person", "family_name": "Person", "role": "viewer"} | data
    return lambda bench: errors(MemberForm(given | {"clinic": bench.clinic.pk}, clinics=[bench.clinic]))


def password(first: str, second: str) -> Typed:
    return lambda bench: errors(NewPasswordForm({"password1": first, "password2": second}, user=bench.user))


def of_clinic(kind: type[forms.BaseForm], /, **data: str) -> Typed:
    return lambda bench: errors(kind(data, clinic=bench.clinic))


DATES = {
    "nothing": draw(taken_at="", ALT="30", INR="1.1"),
    "no date": draw(taken_at="yesterday", ALT="30", INR="1.1"),
    "an impossible date": draw(taken_at="30 Feb 2026 08:30", ALT="30", INR="1.1"),
    "no such month": draw(taken_at="2026-13-01 08:30", ALT="30", INR="1.1"),
    "no month": draw(taken_at="3 Nob 2025 08:30", ALT="30", INR="1.1"),
    "two ways": draw(taken_at="03/04/2025 08:30", ALT="30", INR="1.1"),
    "an impossible hour": draw(taken_at="3 Mar 2025 25:10", ALT="30", INR="1.1"),
    "no hour": draw(taken_at="3 Mar 2025", ALT="30", INR="1.1"),
    "two digits of the year": draw(taken_at="3.3.25 08:30", ALT="30", INR="1.1"),
    "a skipped hour": draw(taken_at="30 Mar 2025 01:30", ALT="30", INR="1.1"),
    "a year beyond all": draw(taken_at="3 Mar 1025 08:30", ALT="30", INR="1.1"),
    "the future": draw(taken_at=f"{AHEAD} 08:30", ALT="30", INR="1.1"),
    "before birth": draw(taken_at="3 Mar 1901 08:30", ALT="30", INR="1.1"),
    "a day that is none": typed(DiagnosisForm, kind="cirrhosis", noted_on="2026-02-30"),
    "a day in another form": typed(DiagnosisForm, kind="cirrhosis", noted_on="3.3.2026"),
    "an event without its day": typed(EventForm, kind="plasma", started_at_clock="08:30"),
    "an event on no day": typed(EventForm, kind="plasma", started_at_day="3.3.2026"),
    "a clock that is none": typed(
        EventForm, kind="plasma", started_at_day="2026-03-03", started_at_clock="8 Uhr"
    ),
}
VALUES = {
    "no result": draw(),
    "ALT without INR": draw(ALT="30", pair="ask"),
    "INR without ALT": draw(INR="1.1", pair="ask"),
    "a comma": draw(ALT="44,5", INR="1,7"),
    "a comma that may be thousands": draw(platelets="1,234"),
    "a word": draw(ALT="raised"),
    "a finding": draw(ALT="normal"),
    "a power of ten": draw(ALT="10E3"),
    "not finite": draw(ALT="nan"),
    "too large": draw(ALT="9" * 400),
    "a long text": draw(ALT="about " * 40),
    "no value": draw(ALT="pending"),
    "beyond": draw(PT="no clot"),
    "of the sample": draw(ALT="not haemolysed"),
    "another unit": draw(haemoglobin="11"),
    "refused, another unit": draw(albumin="3.5"),
    "impossible": draw(ALT="60000"),
    "a limit that is none": draw(ALT="30", ALT__upper="<40"),
    "limits turned round": draw(albumin="30", albumin__lower="50", albumin__upper="35"),
    "a limit left out": draw(
        bilirubin_total="2.0", bilirubin_total__unit="mg/dL", bilirubin_total__upper="21"
    ),
    "direct above total": draw(bilirubin_direct="30", bilirubin_total="20"),
}
PEOPLE = {
    "nothing": typed(DiagnosisForm),
    "person: nothing": person(mrn="", family_name="", birth_date="", sex=""),
    "person: dates": person(birth_date=AHEAD, died_on=AHEAD),
    "person: another form": person(birth_date="1.5.1970"),
    "person: dead before birth": person(died_on="1960-01-01"),
    "person: of which clinic": lambda bench: errors(
        PatientForm({}, zone=LONDON, clinics=[bench.clinic, Clinic(name="Other")])
    ),
    "diagnosis: future": typed(DiagnosisForm, kind="cirrhosis", noted_on=AHEAD),
    "diagnosis: resolved first": typed(
        DiagnosisForm, kind="cirrhosis", noted_on="2025-03-01", resolved_on="2024-01-01"
    ),
    "diagnosis: a long code": typed(DiagnosisForm, kind="cirrhosis", codes="K" * 30),
    "diagnosis: many codes": typed(
        DiagnosisForm, kind="cirrhosis", codes=" ".join(f"K{n}" for n in range(50))
    ),
    "event: nothing": typed(EventForm),
    "event: future, graded": typed(EventForm, kind="plasma", started_at_day=AHEAD, grade="2", route="iv"),
    "event: ends first": typed(
        EventForm, kind="plasma", started_at_day="2025-03-03", ended_at_day="2025-03-02"
    ),
    "event: stop without its day": typed(
        EventForm, kind="vka", started_at_day="2025-03-03", stop_confirmed="on"
    ),
    "event: stop in the future": typed(
        EventForm, kind="vka", started_at_day="2025-03-03", ended_at_day=AHEAD, stop_confirmed="on"
    ),
    "contact: nothing": contact(outcome="", made_on=""),
    "contact: a day in another form": contact(made_on="3.3.2026"),
    "contact: future, past": contact(made_on=AHEAD, next_on=AGO),
    "contact: too far": contact(next_on=FAR),
    "contact: whose": contact(next_on=AHEAD),
    "contact: when": lambda bench: contact(owner=str(bench.user.pk))(bench),
    "contact: a plan with an outcome": contact(kind="plan"),
    "contact: a plan without a day": contact(kind="plan", outcome=""),
    "contact: other": contact(outcome="other"),
    "left out: nothing": typed(LeftOutForm),
    "left out: future": typed(LeftOutForm, reason="moved", starts_on=AHEAD),
    "left out: ends first": typed(LeftOutForm, reason="moved", starts_on=AGO, ends_on="2020-01-01"),
    "left out: over already": typed(LeftOutForm, reason="moved", starts_on="2020-01-01", ends_on=AGO),
    "left out: dead": typed(LeftOutForm, reason="died", starts_on=AGO, ends_on=AHEAD, note="x"),
    "why": typed(LiftForm),
}
PASTED = {
    "nothing": report(" "),
    "too long": report("ALT 30\n" * 4000),
    "of somebody else": report("MRN: 999\nALT 30 U/L"),
    "two draws": report("Collected: 1 Mar 2025 08:00\nALT 30 U/L\nCollected: 2 Mar 2025 08:00\nINR 1.1"),
    "two rows": report("ALT\tINR\n30\t1.1\n31\t1.2"),
    "numbers without a test": report("30\t1.1\t40"),
    "no value": report("ALT\t\nAST\t\t7-40"),
    "no value, long": report("Test\tResult\nALT\t\n"),
    "a finding": report("ALT normal"),
    "two numbers": report("ALT 30 40"),
    "before it": report("7\tALT\t30"),
    "behind it": report("ALT 30 U/L seen by Dr X"),
    "behind it, long": report("Test\tResult\tRack\nALT\t30\tA7"),
    "two laboratories": report("Laboratory: North\nLaboratory: South\nALT 30 U/L"),
    "a day beside": report("3 Mar 2025\tALT\t30"),
    "an impossible day": report("Collected: 30 Feb 2025 08:00\nALT 30 U/L"),
    "thousands": report("Platelets 1,234"),
    "twice": report("ALT 30 U/L\nALT 31 U/L"),
    "indirect": report("Indirect bilirubin 9 umol/L"),
    "typed already": report(
        "Laboratory: South\nCollected: 1 Mar 2025 08:00\nALT 30 U/L",
        **{"taken_at": AT, "laboratory": "North", "ALT-value": "44"},
    ),
}


def keep(*, stale: bool = False, **fields: object) -> Typed:
    """A profile that is set; `stale`: somebody else has set one meanwhile."""

    def told(bench: Bench) -> list[str]:
        given = {"clinic": bench.clinic, "sender": "LIS", "by": bench.user, "version": 0}
        if stale:
            set_profile(**given, decimal=".")
        return refused(lambda: set_profile(**given | fields))

    return told


def refused(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as refusal, transaction.atomic():
        act()
    return [refusal.value.sentence]


def answered_otherwise(bench: Bench) -> list[str]:
    given = {"clinic": bench.clinic, "sender": "LIS", "by": bench.user, "field": "decimal"}
    learn(**given, value=".")
    return refused(lambda: learn(**given, value=","))


def no_such_version(bench: Bench) -> list[str]:
    found = set_profile(clinic=bench.clinic, sender="LIS", by=bench.user, version=0, decimal=".")
    return refused(lambda: go_back(profile=found, to=7, by=bench.user))


def after_death(bench: Bench) -> list[str]:
    dead = copy(bench.patient)
    dead.died_on = date(2025, 1, 1)
    return draw(ALT="30", INR="1.1")(replace(bench, patient=dead))


def far_from_yesterday(bench: Bench) -> list[str]:
    before = Draw.objects.create(patient=bench.patient, taken_at=datetime(2025, 3, 2, 9, tzinfo=UTC))
    Result.objects.create(draw=before, analyte="ALT", value=1200)
    return draw(ALT="30", INR="1.1")(bench)


OTHERS = {
    "meeting: nothing": of_clinic(MeetingForm),
    "meeting: time": of_clinic(MeetingForm, starts_at="3.3.2026", chair="0", every_weeks="0"),
    "meeting: weeks": of_clinic(MeetingForm, every_weeks="60"),
    "action: nothing": of_clinic(ActionForm),
    "action: another form": of_clinic(ActionForm, due_on="3.3.2026", owner="0"),
    "staff: unknown": member(kind="known", username="nobody"),
    "staff: taken": lambda bench: member(username=bench.user.username, family_name="")(bench),
    "password: the old one": password("liver-test", "liver-test"),
    "password: differ": password("a-long-passphrase-7", "a-long-passphrase-8"),
    "draw: after death": after_death,
    "draw: far from the day before": far_from_yesterday,
    "profile: changed meanwhile": keep(stale=True),
    "profile: changed again": keep(stale=True, version=7),
    "profile: another unit": keep(default_units={"ALT": "furlong"}),
    "profile: no name": keep(laboratory_names={"": "A"}),
    "profile: one name, two laboratories": keep(laboratory_names={"SDL": "A", "sdl": "B"}),
    "profile: a name of another": keep(laboratory_names={"A": "B", "C": "A"}),
    "profile: answered otherwise": answered_otherwise,
    "profile: no such version": no_such_version,
    "profile: a line": profile(laboratory_names="SDL"),
    "profile: two names": profile(laboratory_names="SDL = A\nSDL = B"),
    "profile: digits": profile(mrn_zeros="pad"),
}
GROUPS = {
    "form_dates": DATES,
    "form_values": VALUES,
    "form_people": PEOPLE,
    "form_pasted": PASTED,
    "form_others": OTHERS,
}
