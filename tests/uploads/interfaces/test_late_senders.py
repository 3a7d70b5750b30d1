"""Who is late: regular senders that are silent for more than twice their usual pause."""

from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from tests.uploads.files import PEOPLE
from tests.uploads.oru import oru
from uploads.interfaces import messages, senders
from uploads.interfaces.late_senders import is_late, punctuality_of, usual_pause
from uploads.models import Message, Upload

# A Monday.
FIRST = date(2026, 11, 2)


def days(*numbers: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in numbers]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (days(*range(8)), (1, False)),
        (days(*range(6)), (1, False)),
        # Five days are four pauses: too few.
        (days(*range(5)), (0, True)),
        (days(0, 1, 2, 3, 4, 7, 8, 9), (1, True)),
        (days(0, 7, 14, 21, 28, 35), (5, True)),
        # Two long pauses of seven are forgiven, three are not.
        (days(0, 1, 2, 3, 4, 5, 9, 14), (1, False)),
        (days(0, 1, 2, 3, 4, 8, 12, 16), (0, False)),
        (days(0, 1, 6, 8, 20, 21, 29, 40), (0, False)),
        ([], (0, True)),
    ],
)
def test_the_usual_pause_is_the_median_of_regular_ones(found, expected):
    assert usual_pause(found) == expected


@pytest.mark.parametrize(
    ("last", "at", "pause", "workdays", "late"),
    [
        ("2026-11-02T08:00", "2026-11-04T07:59", 1, False, False),
        ("2026-11-02T08:00", "2026-11-04T08:00", 1, False, False),
        ("2026-11-02T08:00", "2026-11-04T08:01", 1, False, True),
        # Friday to Tuesday, with and without the weekend.
        ("2026-11-06T08:00", "2026-11-10T08:00", 1, True, False),
        ("2026-11-06T08:00", "2026-11-10T08:01", 1, True, True),
        ("2026-11-06T08:00", "2026-11-08T08:01", 1, False, True),
        # Each Monday, five working days: late after two of them are missed.
        ("2026-11-02T08:00", "2026-11-16T08:00", 5, True, False),
        ("2026-11-02T08:00", "2026-11-16T08:01", 5, True, True),
    ],
)
def test_late_is_more_than_twice_the_usual_pause(last, at, pause, workdays, late):
    assert is_late(datetime.fromisoformat(last), datetime.fromisoformat(at), pause, workdays) == late


@pytest.mark.django_db
def test_files_and_messages_of_one_name_are_one_sender(clinic, put):
    system = senders.add_sender(clinic=clinic, name="cobas")[0]
    senders.add_sender(clinic=clinic, name="Never heard")
    now = timezone.now()
    for number in range(3, 9):
        messages.receive(sender=system, raw=oru(id=str(number)))
        Message.objects.filter(control_id=str(number)).update(at=now - timedelta(days=number))
        (upload,) = put(PEOPLE.encode())
        Upload.objects.filter(pk=upload.pk).update(at=now - timedelta(days=number - 2), sender="North")
    found = punctuality_of(clinic, now)
    assert ([one.name for one in found.late], found.punctual) == (["cobas"], ("North",))
    assert (found.late[0].pause, found.unjudged, found.silent) == (1, (), ("Never heard",))
    # What came later was not known then; a blocked sender is not waited for.
    assert punctuality_of(clinic, now - timedelta(days=3)).late == ()
    senders.block(sender=system)
    assert punctuality_of(clinic, now).late == ()
