"""What the tests of contacts share: days of the clinic, the row of the worklist, addresses and their text."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone

from patients.models import Assessment
from patients.worklist import WorklistState, page

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
CORE = {"ALT": 30, "AST": 30, "ALP": 90, "GGT": 40, "bilirubin_direct": 4, "albumin": 40, "platelets": 150}


def today() -> date:
    return timezone.now().astimezone(LONDON).date()


def row(patient) -> Assessment:
    return Assessment.objects.get(patient=patient)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=LONDON)


def listed(clinic, on: date, me=None, **state) -> bool:
    """Whether the worklist of that day shows anybody."""
    return bool(page(WorklistState(me=me, **state), [clinic], noon(on)).rows)


def address(patient, name="detail", **more) -> str:
    return reverse(f"patients:{name}", kwargs={"uuid": patient.uuid, **more})


def text(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
