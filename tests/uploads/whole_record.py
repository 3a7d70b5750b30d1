"""All that a clinic's files have written, in every table, without the numbers that differ from one run to the next."""

from django.apps import apps
from django.db.models import ForeignKey, Model

from patients.models import Diagnosis, Draw, Event, OtherResult, Patient, RecordVersion, Result
from uploads.models import Upload, UploadRow

APPS = ("patients", "uploads")
# Of nothing but this database and its clock.
LEFT = {
    "id", "uuid", "batch", "pgh_id", "pgh_obj_id", "pgh_created_at", "at", "entered_at", "assessed_at", "raised_at",
}  # fmt: skip
_NAMES = {
    Patient: ("mrn",),
    Draw: ("patient__mrn", "taken_at", "laboratory", "hour_known", "ordinal"),
    Result: (
        "draw__patient__mrn",
        "draw__taken_at",
        "draw__ordinal",
        "analyte",
        "method",
        "value",
        "reported_value",
    ),
    Diagnosis: ("patient__mrn", "kind", "noted_on"),
    Event: ("patient__mrn", "kind", "started_at"),
    OtherResult: ("patient__mrn", "taken_at", "test", "value"),
    Upload: ("file", "sheet", "read", "new"),
}


def whole_record() -> dict[str, list[str]]:
    """By model, each row in words, sorted. Rows of files that were stored as they stand are not all kept."""
    names = {
        model: {row[0]: row[1:] for row in model.objects.values_list("pk", *fields)}
        for model, fields in _NAMES.items()
    }
    models = [
        model for app in APPS for model in apps.get_app_config(app).get_models() if model is not RecordVersion
    ]
    return {model.__name__: sorted(_rows(model, names)) for model in models}


def _rows(model: type[Model], names: dict) -> list[str]:
    rows = model.objects.all()
    if model is UploadRow:
        rows = rows.exclude(outcome="new", flagged=False, reason="")
    keys = {
        field.attname: names[field.related_model]
        for field in model._meta.concrete_fields
        if _is_named(field, names)
    }
    found = []
    for row in rows.values():
        contexts = row.pop("pgh_context_id", None)
        told = {name: keys[name].get(value, value) if name in keys else value for name, value in row.items()}
        told = {name: _plain(value, names) for name, value in told.items() if name not in LEFT}
        found.append(repr((told, contexts is None)))
    return found


def _is_named(field, names: dict) -> bool:
    return isinstance(field, ForeignKey) and field.related_model in names


def _plain(value, names: dict):
    """How to give back what a file corrected names rows by number."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "pk" in value[0]:
        models = {
            "patient": Patient,
            "draw": Draw,
            "result": Result,
            "diagnosis": Diagnosis,
            "event": Event,
            "other": OtherResult,
        }
        told = [one | {"pk": names[models.get(one["kind"], Patient)].get(one["pk"])} for one in value]
        return sorted(map(repr, told))
    return value
