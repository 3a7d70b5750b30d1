"""What stands of concerns, in a few words for a list of patients."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from accounts.models import User
from patients.models import Concern

NAMES = ("username", "first_name", "last_name")


def standing_concerns() -> ArraySubquery:
    """For a query of patients; `in_short` reads it."""
    fields = {"reason": "reason"} | {name: f"owner__{name}" for name in NAMES}
    rows = Concern.objects.standing().filter(patient=OuterRef("pk")).order_by("-at", "-id")
    return ArraySubquery(rows.values_list(JSONObject(**fields)))


def in_short(found: list[dict[str, str]]) -> list[str]:
    """ "loses weight (A. Clinician)", the latest first."""
    return [f"{one['reason']} ({User(**{name: one[name] for name in NAMES})})" for one in found]
