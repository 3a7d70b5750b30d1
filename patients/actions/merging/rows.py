"""The rows of a patient that go over with a merge, and back."""

from django.apps import apps
from django.db.models import F, Model, Q, QuerySet

from patients.models import Draw, Merge, Result

from . import others
from .others import Moving

CURRENT = Q(withdrawn_at=None)
RECORD = (
    Moving("patients.Diagnosis", CURRENT, ("kind", "noted_on")),
    Moving("patients.Event", CURRENT, ("kind", "label", "started_at", "ended_at")),
    Moving(
        "patients.OtherResult",
        Q(status__in=Result.COUNTING),
        ("taken_at", "laboratory", "hour_known", "ordinal", "test", "method"),
    ),
    Moving("patients.Contact"),
    Moving("patients.LeftOut", Q(lifted_at=None), ()),
    Moving("patients.Concern", Q(closed_at=None), ("reason",)),
    Moving("patients.Note"),
    Moving("patients.Overrule", Q(ended_at=None), ()),
)
# What carries the version that its editors saw.
VERSIONED = ("patients.Patient", "patients.Diagnosis", "patients.Event", "patients.Draw")


def move(merge: Merge) -> dict[str, list[int]]:
    """By model, the rows that went over; those of draws, which `draws` has judged, among them."""
    moved = {"patients.Draw": _over(Draw.objects.filter(patient=merge.merged_id), merge, "patients.Draw")}
    for kind in (*RECORD, *others.moves):
        rows = kind.model.objects.filter(kind.only, patient=merge.merged_id)
        moved[kind.label] = _over(rows.exclude(pk__in=_there_already(kind, merge)), merge, kind.label)
    return moved


def move_back(merge: Merge) -> None:
    """The same rows, and what came in since under a number of the merged one."""
    since = set().union(*(uploads(merge) for uploads in others.came_since))
    for label, pks in merge.moved.items():
        model = apps.get_model(label)
        if label == "patients.OtherNumber":
            continue
        rows = model.objects.filter(pk__in=pks, patient=merge.survivor_id)
        rows.update(patient=merge.merged_id, **_version(label))
        if since and label in ("patients.Diagnosis", "patients.Event", "patients.OtherResult"):
            later = model.objects.filter(upload__in=since, patient=merge.survivor_id)
            later.update(patient=merge.merged_id, **_version(label))
    if since:
        _draws_back(merge, since)


def change(row: Model, **fields) -> dict:
    """Writes the fields of a row; how they were and became, for `give_back`."""
    before = {name: getattr(row, name) for name in fields}
    type(row).objects.filter(pk=row.pk).update(**fields, **_version(row._meta.label))
    return {"model": row._meta.label, "pk": row.pk, "fields": _plain(before), "became": _plain(fields)}


def give_back(merge: Merge) -> None:
    """What the merge changed, as it was; what somebody has changed again since stays so."""
    for item in reversed(merge.before):
        model = apps.get_model(item["model"])
        rows = model.objects.filter(pk=item["pk"])
        row = rows.get()
        fields = {name: model._meta.get_field(name) for name in item["became"]}
        if all(getattr(row, name) == field.to_python(item["became"][name]) for name, field in fields.items()):
            rows.update(**item["fields"], **_version(item["model"]))


def _plain(fields: dict) -> dict:
    """As JSON holds it, to the microsecond."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in fields.items()
    }


def _over(rows: QuerySet, merge: Merge, label: str) -> list[int]:
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    rows.model._default_manager.filter(pk__in=pks).update(patient=merge.survivor_id, **_version(label))
    return pks


def _there_already(kind: Moving, merge: Merge) -> list[int]:
    if kind.keys is None:
        return []
    rows = kind.model.objects.filter(kind.standing, kind.only)
    there = set(rows.filter(patient=merge.survivor_id).values_list("patient", *kind.keys))
    own = rows.filter(patient=merge.merged_id).values_list("pk", *kind.keys)
    return [pk for pk, *key in own if (merge.survivor_id, *key) in there]


def _draws_back(merge: Merge, since: set[int]) -> None:
    """Draws of which every result came so; one that others share stays with the survivor."""
    rows = Draw.objects.filter(upload__in=since, patient=merge.survivor_id)
    mixed = Result.objects.filter(draw__in=rows).exclude(upload__in=since).values("draw")
    rows.exclude(pk__in=mixed).update(patient=merge.merged_id, **_version("patients.Draw"))


def _version(label: str) -> dict:
    return {"version": F("version") + 1} if label in VERSIONED else {}
