"""Rows under a number that was a patient's before: whom they mean now."""

from dataclasses import replace

from patients.models import Merge, OtherNumber
from uploads.importers.records import Item, PatientRow, RowProblem
from uploads.matching.people import near_miss
from uploads.models import Upload


def as_survivor(item: Item, numbers: dict[str, OtherNumber]) -> Item:
    """The row under the number of today. Who had the number may be who the sender names still: that was decided
    when the two became one."""
    if isinstance(item, RowProblem):
        return item
    item = _with_one(item, numbers)
    number = numbers.get(item.mrn)
    if number is None:
        return item
    item = replace(item, mrn=number.patient.mrn)
    identity = getattr(item, "identity", None)
    if number.merge is None or identity is None or identity.number_alone or identity.numbers:
        return item
    before = {name: getattr(number.merge.merged, name) for name in ("family_name", "birth_date")}
    return item if near_miss(identity, before) else replace(item, identity=None)


def _with_one(item: Item, numbers: dict[str, OtherNumber]) -> Item:
    """Where the sender gives the number of today beside one from before, that of today counts."""
    identity = getattr(item, "identity", None)
    several = item.numbers if isinstance(item, PatientRow) else identity and identity.numbers
    if not several:
        return item
    now = {numbers[mrn].patient.mrn if mrn in numbers else mrn for mrn in several.all}
    if len(now) > 1:
        return item
    if isinstance(item, PatientRow):
        return replace(item, mrn=now.pop(), numbers=None)
    return replace(item, mrn=now.pop(), identity=replace(identity, numbers=None))


def came_since(merge: Merge) -> set[int]:
    """The uploads since a merge of which every row bears a number of the merged one."""
    moved = OtherNumber.objects.filter(pk__in=merge.moved["patients.OtherNumber"])
    numbers = {merge.merged.mrn, *moved.values_list("mrn", flat=True)}
    stored = Upload.objects.filter(
        clinic=merge.survivor.clinic_id, stored_at__gte=merge.at, state=Upload.State.STORED
    )
    under = stored.filter(rows__mrn__in=numbers).distinct()
    others = under.filter(rows__mrn=merge.survivor.mrn).values("pk")
    return set(under.exclude(pk__in=others).values_list("pk", flat=True))
