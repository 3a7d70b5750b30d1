"""HL7 v2 times without a zone: midnight, and the zone that the message names for them (MSH-7)."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from patients.models import Draw
from tests.uploads.oru import oru
from uploads.importers.dates import DateAlone
from uploads.importers.hl7v2 import read
from uploads.importers.hl7v2.message import read_time
from uploads.importers.main import read_part
from uploads.importers.records import FilePart
from uploads.mappings import meanings_of

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
SENT = b"|20250301120000||ORU"
SIX = datetime(2025, 3, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "with_zone"),
    [("20250301", DateAlone), ("202503010000", datetime), ("20250301000000", datetime)],
)
def test_midnight_without_a_zone_stands_for_a_date_alone(text, with_zone):
    assert type(read_time(text)) is DateAlone
    assert type(read_time(f"{text}+0000")) is with_zone


@pytest.mark.parametrize(
    ("sent", "zone", "hour"),
    [
        # No zone in MSH-7, or what the clinic's clock shows: the time stays the clinic's, summer and winter.
        ("20250301120000", BERLIN, None),
        ("20250301120000+0100", BERLIN, None),
        ("20250701120000+0200", BERLIN, None),
        ("20250301120000+0100", NEW_YORK, 7),
        ("20250301120000+0000", BERLIN, 8),
        ("20250301120000Z", BERLIN, 8),
        # A person has said in which zone the sender writes; MSH-7 cannot be read.
        ("20250301120000+0000", None, None),
        ("yesterday+0000", BERLIN, None),
    ],
)
def test_the_zone_of_the_message_is_that_of_its_times(sent, zone, hour):
    found = read(oru().replace(SENT, f"|{sent}||ORU".encode()), zone=zone)
    (item,) = found.items
    expected = datetime(2025, 3, 1, 8) if hour is None else datetime(2025, 3, 1, hour, tzinfo=UTC)
    assert item.taken_at == expected
    assert ("in that of their message (MSH-7)" in " ".join(found.notes)) == (hour is not None)


def test_a_date_alone_and_a_time_with_its_zone_are_not_moved_by_the_message():
    for taken, expected in (("20250301", datetime(2025, 3, 1)), ("20250301080000+0200", SIX)):
        content = oru(taken=taken, reported="").replace(SENT, b"|20250301120000-0500||ORU")
        assert read(content, zone=BERLIN).items[0].taken_at == expected


@pytest.mark.django_db
def test_the_clinics_zone_is_asked_and_the_senders_profile_goes_before(people, put, clinic):
    content = oru().replace(SENT, b"|20250301120000+0100||ORU")
    put(content)
    assert Draw.objects.get().taken_at == datetime(2025, 3, 1, 7, tzinfo=UTC)
    meanings = meanings_of(clinic, "")
    said = replace(meanings, profile=replace(meanings.profile, time_zone="Europe/London"))
    (item,) = read_part(FilePart(content), (), said).items
    assert item.taken_at == datetime(2025, 3, 1, 8, tzinfo=UTC)
