"""The daily report: what came, was marked, waits or is late; from the record alone, naming no patient."""

import os
import re
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from patients.models import Result
from tests.uploads.files import PEOPLE, labs
from tests.uploads.oru import obx, oru
from uploads import actions
from uploads.interfaces import messages, senders
from uploads.interfaces.clinic_day import ClinicDay
from uploads.interfaces.daily_report import bare, report_of
from uploads.interfaces.report_folder import write_reports
from uploads.models import Message, Upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def text(clinic):
    """text() -> today's report, on one line each however long it is."""

    def text(day: date | None = None) -> str:
        now = timezone.now()
        found = report_of(ClinicDay(clinic, day or now.astimezone(clinic.zone).date(), now))
        return re.sub(r"\n {2,}(?=\S)", " ", found)

    return text


def store(put, *rows: str, name: str = "") -> Upload:
    (upload,) = put(labs(*rows))
    if name:
        Upload.objects.filter(pk=upload.pk).update(file=name)
    return upload


def test_a_day_on_which_nothing_came_says_so(text):
    found = text()
    assert "FOR A PERSON\nNothing of this day." in found and "WHAT CAME\nNothing." in found
    assert "WAITS NOW, WHENEVER IT CAME\nNothing." in found and "Late means: of the last 7 pauses" in found


def test_a_file_is_counted_with_what_was_marked_and_what_waits(people, put, text):
    rows = ["N-1,2025-01-01,INR,1.5,,,", "N-1,2025-01-13,INR,5.1,,,", "N-1,2025-01-01,Zonulin,3,U/L,,"]
    upload = store(put, *rows, "N-9,2025-01-01,ALT,40,U/L,,", "N-1,31/02/2025,ALT,40,U/L,,")
    found = text()
    assert "- 1 result is stored and marked unconfirmed: look, then confirm or correct" in found
    assert "- 2 rows wait for a decision and are not stored." in found
    assert "- 1 row was refused: correct and send again." in found
    assert f"/uploads/{upload.batch}/#file-{upload.pk}" in found
    counts = "2 new, 1 refused, 2 waiting for a person and 1 marked unconfirmed"
    assert f"5 rows read: {counts}" in found
    assert "marked unconfirmed, not looked at yet: INR 1" in found
    assert "marked unconfirmed: row 3: Unconfirmed: … on …, now …." in found
    assert "waits: row 4, test: Test “…” is not known." in found
    assert "waits: row 5, mrn: No patient with this MRN" in found
    assert "refused: row 6, collected_at: “…” is an impossible date" in found
    assert "1 name that nobody has explained: /uploads/waiting/" in found


def test_no_patient_and_no_value_stands_in_it(people, put, text):
    store(put, "N-1,2025-01-01,INR,1.5,,,", "N-1,2025-01-13,INR,5.1,,,", "N-9,2025-01-13,INR,5.1,,,")
    store(put, "N-1,2025-01-02,ALT,4711,furlongs,,", name="berg_n-1.csv")
    found = text()
    assert "a file whose name is not repeated here" in found
    for said in ("N-1", "N-9", "Ito", "Berg", "berg", "5.1", "1 Jan 2025", "4711", "furlongs", "1970"):
        assert said not in found


def test_what_a_person_confirmed_is_no_longer_to_be_looked_at(people, put, text, data_manager):
    store(put, "N-1,2025-01-01,INR,1.5,,,", "N-1,2025-01-13,INR,5.1,,,")
    marked = Result.objects.exclude(unconfirmed="")
    marked.update(confirmed_at=timezone.now(), confirmed_by=data_manager)
    found = text()
    assert "FOR A PERSON\nNothing of this day." in found and "1 marked unconfirmed" in found


def test_what_differs_from_the_record_is_told(people, put, text):
    store(put, "N-1,2025-01-01T08:00,ALT,40,U/L,,")
    store(put, "N-1,2025-01-01T08:00,ALT,44,U/L,,")
    assert "- 1 row gives another value than the record, which was left as it is: compare." in text()


def test_a_file_refused_whole_or_asking_is_told(put, text):
    put(b"\x00\x01\x02 no text")
    put(PEOPLE.replace("1970-05-01", "01/05/1970").replace("1980-01-31", "02/03/1980").encode())
    found = text()
    assert "- 1 file asks a question before it can be read." in found
    assert "- 1 file or message was refused whole." in found and "not read: " in found


def test_messages_are_counted_by_sender(people, clinic, text):
    system = senders.add_sender(clinic=clinic, name="cobas")[0]
    for raw in (oru(), oru(obx("XX^Xyz^L"), id="2"), b"hello"):
        messages.receive(sender=system, raw=raw)
    found = text()
    assert "cobas, 3 messages (1 stored, 1 needs a person and 1 refused)" in found
    assert "a message of cobas" in found and "waits: message 1, OBX 1, OBX-3: Test “…” is not known" in found
    assert "not read: this is no HL7 v2 message: it does not begin with MSH." in found
    Message.objects.filter(control_id="2").update(
        state="closed", closed_at=timezone.now(), closed_by=people.by
    )
    assert "waits:" not in text()


def test_undone_and_discarded_files_ask_for_nothing(people, put, clinic, text, data_manager):
    upload = store(put, "N-1,2025-01-01,INR,1.5,,,", "N-1,2025-01-13,INR,5.1,,,", "N-9,2025-01-13,INR,5,,,")
    actions.undo(uploads=[upload], by=data_manager)
    batch = actions.preview(
        contents=[("other.csv", labs("N-9,2025-01-13,INR,5,,,"))], clinic=clinic, by=data_manager
    )
    actions.discard(batch=batch, by=data_manager)
    found = text()
    assert "FOR A PERSON\nNothing of this day." in found and "file1.csv (undone)" in found
    assert "other.csv" not in found


def test_a_late_sender_is_told_with_its_last_delivery(people, put, text):
    at = datetime.combine(timezone.now().date(), datetime.min.time(), UTC) + timedelta(hours=12)
    for back in range(4, 11):
        Upload.objects.filter(pk=store(put).pk).update(sender="North Lab", at=at - timedelta(days=back))
    assert "North Lab is late: nothing since" in text() and "where it usually comes each day." in text()


def test_the_day_is_the_clinics(people, clinic, text):
    clinic.time_zone = "Pacific/Auckland"
    clinic.save()
    Upload.objects.update(at=datetime(2025, 3, 1, 11, 30, tzinfo=UTC))
    assert "00:30  file1.csv" in text(date(2025, 3, 2)) and "Nothing." in text(date(2025, 3, 1))


def test_the_command_prints_a_day(people, clinic):
    out = StringIO()
    call_command("daily_report", clinic="north", stdout=out)
    call_command("daily_report", clinic="north", day=date(2025, 1, 1), stdout=out)
    assert "file1.csv" in out.getvalue() and "what came in on Wed 1 Jan 2025" in out.getvalue()
    with pytest.raises(CommandError, match="No clinic has the code “west”"):
        call_command("daily_report", clinic="west")
    with pytest.raises(CommandError, match="2199-01-01 is yet to come"):
        call_command("daily_report", clinic="north", day=date(2199, 1, 1))


def test_watch_writes_the_report_whole(clinic, tmp_path):
    feed, reports = tmp_path / "feed", tmp_path / "reports"
    feed.mkdir()
    (feed / "people.csv").write_text(PEOPLE)
    call_command("watch", str(feed), clinic="north", once=True, settle=0, report=reports, stdout=StringIO())
    (path,) = reports.iterdir()
    today = timezone.now().astimezone(clinic.zone).date()
    assert path.name == f"north-{today}.txt" and "2 rows read: 2 new" in path.read_text()


def test_a_report_that_cannot_be_written_holds_up_no_file(clinic, tmp_path):
    feed, taken, err = tmp_path / "feed", tmp_path / "taken", StringIO()
    feed.mkdir()
    taken.write_text("")
    (feed / "people.csv").write_text(PEOPLE)
    given = {"once": True, "settle": 0, "report": taken, "stdout": StringIO(), "stderr": err}
    call_command("watch", str(feed), clinic="north", **given)
    assert (feed / "done/people.csv").exists()
    assert "The daily report cannot be written" in err.getvalue()


def test_days_that_a_stop_has_missed_are_written_once(clinic, tmp_path):
    first = datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert [path.name for path in write_reports(tmp_path, clinic, first)] == ["north-2025-03-03.txt"]
    before = first.timestamp()
    os.utime(tmp_path / "north-2025-03-03.txt", (before, before))
    later = write_reports(tmp_path, clinic, first + timedelta(days=2))
    assert [path.name[-6:-4] for path in later] == ["03", "04", "05"]
    again = write_reports(tmp_path, clinic, first + timedelta(days=2))
    assert [path.name[-6:-4] for path in again] == ["05"]


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Unconfirmed: 1.5 on 1 Jan 2025, now 5.1.", "Unconfirmed: … on …, now …."),
        ("“Ito, Mai” is no sex.", "“…” is no sex."),
        ("unit 'ukat' is not known", "unit “…” is not known"),
        ("Message 1, OBX 2 gives 88 U/L, row 3 too.", "Message 1, OBX 2 gives … U/L, row 3 too."),
        ("the patient's file, OBX-3 equals OBR-4", "the patient's file, OBX-3 equals OBR-4"),
        ("Stored <40 U/L, file >=44.5 U/L.", "Stored … U/L, file … U/L."),
    ],
)
def test_reasons_are_told_without_what_may_be_a_patients(reason, said):
    assert bare(reason) == said
