"""Notes on the things to do: appended, never changed. Nothing is sent from here."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from interpretation.knowledge import load
from patients.models import NotedOrder, Patient

from .errors import Refused
from .writing import writing

load("orders").read_by(__name__, "order item")
# What can be noted of an order, by its `note`.
CAN_BE = {"asked": ("asked", "done", "open"), "done": ("done", "open"), "meeting": ("done", "open")}


@transaction.atomic
def note_order(
    *, patient: Patient, by: User, order: str, said: str, item: str = "", until: datetime | None = None
) -> NotedOrder:
    """Adds a note. `until` only of what was asked for. Said again by the same person it adds nothing.

    Raises Refused where nothing of the kind can be noted of this order.
    """
    _check(order, said, item)
    with writing(by=by, patient=patient):
        latest = patient.noted_orders.filter(order=order, item=item).last()
        if latest is not None and (latest.by_id, latest.said, latest.until) == (by.pk, said, until):
            return latest
        return NotedOrder.objects.create(
            patient=patient, order=order, item=item, said=said, until=until, by=by
        )


def _check(order: str, said: str, item: str) -> None:
    row = load("orders")["order"].get(order)
    if row is None or said not in CAN_BE.get(row["note"], ()):
        raise Refused("Nothing of this kind can be noted here. Load the page again.", "said")
    if item and (order != "precipitant" or item not in load("orders")["item"]):
        raise Refused("This is not on the list. Load the page again.", "item")
