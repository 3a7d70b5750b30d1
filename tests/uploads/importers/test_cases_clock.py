"""Times that the clocks of the clinic show never or twice: asked, whatever they came in."""

import pytest

from patients.models import Draw, Event, Result
from tests.uploads.files import labs, outcomes, reasons
from tests.uploads.message_cases import case, kestrel
from tests.uploads.oru import obx, oru
from uploads.interfaces import messages, senders

pytestmark = pytest.mark.django_db


@pytest.fixture
def berlin(clinic):
    """The clinic, where the clocks of the cases hang."""
    clinic.time_zone = "Europe/Berlin"
    clinic.save()
    return clinic


def test_the_case_asks(berlin, put):
    kestrel(berlin, "HXG14")
    (upload,) = put(case("G14_dst_gap.hl7"))
    assert (outcomes(upload), Result.objects.count()) == (["waiting"], 0)
    assert "02:30 does not exist on 2026-03-29" in reasons(upload)[0]
    assert upload.rows.get().column == "OBR-7"


@pytest.mark.parametrize(
    ("taken", "outcome", "words", "hour"),
    [
        ("202603290230", "waiting", "does not exist on 2026-03-29", None),
        ("20260329023000.123456789", "waiting", "does not exist on 2026-03-29", None),
        ("202510260230", "waiting", "02:30+02:00 or 02:30+01:00", None),
        # What the sentence says to do.
        ("202510260230+0200", "new", "", 0),
        ("202510260230+01:00", "new", "", 1),
        ("202603290330", "new", "", 1),
        ("20260329", "new", "", 23),
    ],
)
def test_messages_with_such_a_time_ask(berlin, people, put, taken, outcome, words, hour):
    (upload,) = put(oru(taken=taken))
    assert outcomes(upload) == [outcome] and words in reasons(upload)[0]
    assert [draw.taken_at.hour for draw in Draw.objects.all()] == ([] if hour is None else [hour])


def test_a_withdrawal_at_such_a_time_takes_nothing_back(berlin, people, put):
    put(oru(taken="20251026023000+0200"))
    (upload,) = put(oru(obx(status="D"), taken="20251026023000", id="2"))
    assert outcomes(upload) == ["waiting"] and Result.objects.get().status == "final"


def test_the_sender_is_told_and_the_message_waits(berlin, people):
    sender, _ = senders.add_sender(clinic=berlin, name="LIS")
    code, answer = messages.receive(sender=sender, raw=oru(taken="202603290230"))
    assert code == "AA" and b"02:30 does not exist" in answer and b"ERR||OBR^1^7|204" in answer
    assert sender.messages.get().state == "waiting"


@pytest.mark.parametrize(
    ("taken", "outcome"),
    [
        ("2026-03-29 02:30", "waiting"),
        ("2025-10-26 02:30", "waiting"),
        ("2025-10-26 02:30+02:00", "new"),
        ("2026-03-29", "new"),
    ],
)
def test_tables_ask_too(berlin, people, put, taken, outcome):
    (upload,) = put(labs(f"N-1,{taken},ALT,200,U/L,7,40"))
    assert outcomes(upload) == [outcome]


def test_events_ask_too(berlin, people, put):
    rows = b"mrn,kind,label,started_at,ended_at\nN-1,vitamin_k,K,2026-03-29 02:30,\n"
    rows += b"N-1,vitamin_k,K,2026-03-01 02:30,2026-03-29 02:30\nN-1,vitamin_k,K,2026-03-29,\n"
    (upload,) = put(rows)
    assert outcomes(upload) == ["waiting", "waiting", "new"] and Event.objects.count() == 1
