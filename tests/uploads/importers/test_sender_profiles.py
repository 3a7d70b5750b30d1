"""How a sender writes: what its profile decides is not asked, whatever door a file comes through."""

import io
import json
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from patients.models import Draw, Patient, Result
from tests.uploads.files import labs, outcomes, reasons
from tests.uploads.oru import oru
from uploads import actions
from uploads.importers.dates import DAY_FIRST, MONTH_FIRST
from uploads.importers.main import parse
from uploads.importers.meanings import Meanings
from uploads.importers.profile import IGNORE, KEEP, PAD, STRIP, WritingProfile
from uploads.importers.records import Numbers, PatientRow, Place
from uploads.interfaces import messages
from uploads.interfaces.senders import add_sender
from uploads.models import Upload
from uploads.profiles import profile_of, set_profile

LONG = "mrn,collected_at,test,value,unit"
GERMAN = b"""Patientennummer;Entnahmedatum;Untersuchung;Ergebnis;Einheit;Labor
12345;05.03.2026 08:00;GPT;1.240;U/L;SDL
12345;05.03.2026 08:00;GOT;980;U/L;Sunnydale Lab
12345;05.03.2026 08:00;INR;2;;SDL
12345;05.03.2026 08:00;Albumin;31;;SDL
"""
AMERICAN = b"""MRN,Collected,ALT,Platelets (10*3/uL),INR,Lab
12345.0,03/05/2026 8:00 AM,"1,240",98,1.4,SDL
12345.0,03/06/2026 8:00 AM,"1,110",101,1.3,SDL
"""


@pytest.fixture
def said(clinic, data_manager):
    """said("Lab", date_order=DAY_FIRST ...) sets the first profile of a sender; of "" the clinic's."""

    def said(sender: str = "Lab", **fields):
        return set_profile(clinic=clinic, sender=sender, by=data_manager, version=0, **fields)

    return said


@pytest.fixture
def store(clinic, data_manager):
    def store(content: bytes, sender: str = "Lab") -> Upload:
        named = [("file.csv", content)]
        return actions.store(contents=named, clinic=clinic, by=data_manager, sender=sender)[0]

    return store


@pytest.fixture
def numbered(clinic) -> Patient:
    who = {"family_name": "Test", "sex": "F", "birth_date": "1961-04-03"}
    return Patient.objects.create(clinic=clinic, mrn="0012345", **who)


def values() -> list[tuple]:
    found = Result.objects.order_by("draw__taken_at", "analyte")
    return list(found.values_list("analyte", "value"))


def items(content: bytes, **profile) -> list:
    parsed = parse(content, meanings=Meanings(profile=WritingProfile(**profile)))
    assert not parsed.reason, parsed.reason
    return list(parsed.items)


# What is read


@pytest.mark.parametrize(
    ("zeros", "sent", "read"),
    [
        (PAD, "12345", "0012345"),
        (PAD, "12345.0", "0012345"),
        (PAD, "00012345", "0012345"),
        (PAD, "123456789", "123456789"),
        (PAD, "N-12", "N-12"),
        (PAD, "000", "000"),
        (STRIP, "0012345", "12345"),
        (STRIP, '"12345,0"', "12345"),
        (KEEP, "12345.0", "12345.0"),
        (IGNORE, "12345.0", "12345.0"),
        ("", "0012345", "0012345"),
    ],
)
def test_zeros_in_front_of_a_number_are_filled_in_or_left_out(zeros, sent, read):
    (item,) = items(labs(f"{sent},2026-03-02,ALT,31,U/L", header=LONG), mrn_zeros=zeros, mrn_width=7)
    assert item.mrn == read


def test_each_of_several_numbers_of_a_person_is_filled_in():
    numbers = Numbers(("12", "345"), retired=("6",))
    who = ("Ito", "Mai", "F", date(1970, 5, 1), None)
    person = PatientRow(Place(1, "", ()), numbers.words, *who, numbers=numbers)
    found = WritingProfile(mrn_zeros=PAD, mrn_width=4).applied(person)
    assert (found.numbers.all, found.mrn) == (("0012", "0345", "0006"), "0012 or 0345 or 0006")


@pytest.mark.parametrize(
    ("profile", "text", "marks"),
    [
        ({"decimal": ","}, "1.240", (",", ".")),
        ({"thousands": "."}, "1.240", (",", ".")),
        ({"thousands": ","}, '"1,240"', (".", ",")),
        ({"decimal": ",", "thousands": "space"}, "1 240", (",", "")),
        ({"decimal": ".", "thousands": "none"}, "1.240", (".", "")),
    ],
)
def test_the_marks_of_the_profile_are_the_marks_of_the_file(profile, text, marks):
    content = labs(f"7,2026-03-02,ALT,{text},U/L", header=LONG)
    parsed = parse(content, meanings=Meanings(profile=WritingProfile(**profile)))
    assert (parsed.decimal, parsed.thousands) == marks


def test_a_day_without_a_time_stays_the_clinics_and_midnight_is_the_senders():
    content = labs("7,2026-03-02,ALT,31,U/L", "7,2026-03-02 00:00,AST,31,U/L", header=LONG)
    day, midnight = items(content, time_zone="America/New_York")
    assert day.taken_at.tzinfo is None
    assert midnight.taken_at.astimezone(UTC) == datetime(2026, 3, 2, 5, tzinfo=UTC)


def test_events_are_in_the_senders_zone_too():
    content = labs("7,vka,2026-03-02 08:00", header="mrn,kind,started_at")
    (event,) = items(content, time_zone="Asia/Tokyo")
    assert event.started_at.astimezone(UTC) == datetime(2026, 3, 1, 23, tzinfo=UTC)


def observation(time: str) -> bytes:
    coding = {"system": "http://loinc.org", "code": "1742-6"}
    mrn = {"type": {"coding": [{"code": "MR"}]}, "value": "N-1"}
    resource = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}]}],
        "code": {"coding": [coding], "text": "ALT"},
        "subject": {"identifier": mrn},
        "effectiveDateTime": time,
        "valueQuantity": {"value": 40, "unit": "U/L"},
    }
    return json.dumps(resource).encode()


def test_a_fhir_time_without_a_zone_is_the_senders_where_that_is_known():
    content = observation("2026-03-02T08:00:00")
    (refused,) = parse(content).items
    assert refused.level == "refused" and "FHIR R4" in refused.text
    (item,) = items(content, time_zone="Europe/Berlin")
    assert item.taken_at.astimezone(UTC) == datetime(2026, 3, 2, 7, tzinfo=UTC)
    (zoned,) = items(observation("2026-03-02T08:00:00-05:00"), time_zone="Europe/Berlin")
    assert zoned.taken_at.astimezone(UTC) == datetime(2026, 3, 2, 13, tzinfo=UTC)


# Daily files


GERMAN_SAID = {
    "date_order": DAY_FIRST,
    "decimal": ",",
    "mrn_zeros": PAD,
    "mrn_width": 7,
    "laboratory_names": {"SDL": "Sunnydale Lab"},
    "default_units": {"albumin": "g/L"},
}
AMERICAN_SAID = {
    "date_order": MONTH_FIRST,
    "thousands": ",",
    "mrn_zeros": IGNORE,
    "default_units": {"ALT": "U/L"},
}


@pytest.mark.django_db
def test_a_german_daily_file_with_a_profile_asks_nothing(store, said, numbered):
    assert store(GERMAN).state == "unmapped"
    said(**GERMAN_SAID)
    upload = store(GERMAN)
    assert (upload.state, outcomes(upload), upload.unknown) == ("stored", ["new"] * 4, [])
    assert values() == [("ALT", 1240), ("AST", 980), ("INR", 2), ("albumin", 31)]
    assert Draw.objects.get().taken_at == datetime(2026, 3, 5, 8, tzinfo=UTC)


@pytest.mark.django_db
def test_an_american_daily_file_with_a_profile_asks_nothing(store, said, numbered):
    assert store(AMERICAN).state == "unmapped"
    said(**AMERICAN_SAID)
    upload = store(AMERICAN)
    assert (upload.state, outcomes(upload), upload.unknown) == ("stored", ["new"] * 6, [])
    assert [value for name, value in values() if name == "ALT"] == [1240, 1110]
    assert Draw.objects.order_by("taken_at").first().taken_at == datetime(2026, 3, 5, 8, tzinfo=UTC)


@pytest.mark.django_db
def test_one_laboratory_under_two_names_is_one_draw(people, store, said):
    rows = ("N-1,2026-03-02 08:00,ALT,31,U/L,SDL", "N-1,2026-03-02 08:00,AST,29,U/L,Sunnydale  LAB")
    content = labs(*rows, header=f"{LONG},laboratory")
    said(laboratory_names={"sdl": "Sunnydale Lab"})
    store(content)
    assert Draw.objects.get().laboratory == "Sunnydale Lab"
    store(content.replace(b"N-1", b"N-2"), sender="Other")
    assert Draw.objects.filter(patient__mrn="N-2").count() == 2


@pytest.mark.django_db
def test_numbers_are_filled_in_for_new_patients_and_in_what_is_shown_of_a_row(store, said):
    said(mrn_zeros=PAD, mrn_width=7)
    people = b"mrn,family_name,sex,birth_date\n12345,Ito,F,1970-05-01\n"
    store(people)
    assert Patient.objects.get().mrn == "0012345"
    upload = store(labs("12345,2026-03-02,ALT,much,U/L", header=LONG))
    assert upload.rows.get().mrn == "0012345"


# Senders and their clinic


@pytest.mark.django_db
def test_a_sender_stands_over_the_defaults_of_its_clinic(clinic, said):
    said("", date_order=DAY_FIRST, decimal=",", thousands=".", laboratory_names={"A": "One", "B": "Two"})
    said("lab", decimal=".", laboratory_names={"B": "Three"})
    own, other = profile_of(clinic, "LAB"), profile_of(clinic, "Other")
    assert (own.date_order, own.decimal, own.thousands) == (DAY_FIRST, ".", "")
    assert own.laboratory_names == {"A": "One", "B": "Three"}
    assert (other.decimal, other.thousands) == (",", ".")
    assert (own.version, own.defaults_version, other.version) == (1, 1, 0)


@pytest.mark.django_db
def test_another_clinics_profile_is_not_read(other_clinic, said):
    said("", date_order=DAY_FIRST)
    assert profile_of(other_clinic, "").date_order == ""


@pytest.mark.django_db
def test_the_units_of_a_sender_go_before_those_of_its_clinic(people, store, said):
    said("", default_units={"albumin": "g/dL"})
    said("Lab", default_units={"albumin": "g/L"})
    row = "N-1,2026-03-0{},Albumin,{},"
    store(labs(row.format(2, 31), header=LONG))
    store(labs(row.format(3, 3.2), header=LONG), sender="Other")
    assert [round(value) for _, value in values()] == [31, 32]


# Every door


@pytest.mark.django_db
def test_messages_are_read_with_the_profile_of_their_system(clinic, people, said):
    said("analyser", time_zone="America/New_York")
    system, _ = add_sender(clinic=clinic, name="Analyser")
    messages.receive(sender=system, raw=oru(id="1", taken="202503010800"))
    messages.receive(sender=system, raw=oru(id="2", taken="202503020800+0100", filler="A2"))
    assert list(Draw.objects.order_by("taken_at").values_list("taken_at", flat=True)) == [
        datetime(2025, 3, 1, 13, tzinfo=UTC),
        datetime(2025, 3, 2, 7, tzinfo=UTC),
    ]
    assert {upload.profile_version for upload in Upload.objects.exclude(system=None)} == {1}


@pytest.mark.django_db
def test_a_time_that_the_senders_clocks_skip_waits(clinic, people, said):
    said("Analyser", time_zone="America/New_York")
    system, _ = add_sender(clinic=clinic, name="Analyser")
    code, _ = messages.receive(sender=system, raw=oru(taken="202503090230"))
    assert not Draw.objects.exists()
    (reason,) = reasons(Upload.objects.exclude(system=None).get())
    assert "02:30 does not exist on 2025-03-09" in reason


@pytest.mark.django_db
def test_the_commands_read_with_the_profile_and_say_so(clinic, numbered, said, tmp_path):
    said(**GERMAN_SAID)
    file, printed = tmp_path / "daily.csv", io.StringIO()
    file.write_bytes(GERMAN)
    call_command("upload", str(file), clinic=clinic.code, sender="lab", dry_run=True, stdout=printed)
    assert "Read with the profile of Lab (version 1): dates day first, decimal comma" in printed.getvalue()
    assert not Result.objects.exists()
    call_command(
        "watch", str(tmp_path), clinic=clinic.code, sender="Lab", once=True, settle=0, stdout=printed
    )
    assert Result.objects.count() == 4 and not file.exists()
