"""Invented people and files for the journeys, stored the way the product stores them."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Clinic, User
from patients.models import Patient
from uploads import actions

PEOPLE = "mrn,family_name,given_name,sex,birth_date"
WIDE = "mrn,collected_at,ALT (U/L),AST (U/L),INR,laboratory"
# ALT falls while INR rises: established.
FALLING = ((400, "112,98,1.2"), (220, "74,70,1.3"), (100, "48,52,1.5"), (9, "34,41,1.7"))


def days_ago(days: int) -> str:
    return f"{timezone.now() - timedelta(days=days):%Y-%m-%d}T08:30"


def store(clinic: Clinic, *texts: str) -> None:
    files = [(f"file{place}.csv", text.encode()) for place, text in enumerate(texts, 1)]
    actions.store(contents=files, clinic=clinic, by=User.objects.get(username=f"{clinic.code}-data_manager"))


def people_file(*rows: str) -> str:
    return "\n".join((PEOPLE, *rows)) + "\n"


def draws_file(mrn: str, draws=FALLING) -> str:
    rows = (f"{mrn},{days_ago(days)},{results},North Laboratory" for days, results in draws)
    return "\n".join((WIDE, *rows)) + "\n"


def add_okafor(clinic: Clinic, draws=FALLING) -> Patient:
    """Ada Okafor with these draws."""
    files = [people_file("N-100,Okafor,Ada,F,1961-04-02")]
    store(clinic, *files, *([draws_file("N-100", draws)] if draws else []))
    return clinic.patients.get(mrn="N-100")
