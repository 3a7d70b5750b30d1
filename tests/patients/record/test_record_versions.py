"""The version of a record, which the database raises with each change of what a patient's page rests on."""

import pytest
from django.apps import apps
from django.db import connection, transaction

from accounts.actions import add_user
from accounts.models import User
from patients.models import Draw, NotedOrder, Patient, RecordVersion, Result

# No change of these rows raises the version of their patient.
EXEMPT = {
    "accounts.PatientAccess": "the log of looks: a look changes nothing",
    "patients.RecordVersion": "the version itself",
    "patients.ChartItem": "of a chart review, which has pages of its own",
    "patients.Notice": "shown in the bar and on a page of its own, which are made each time",
    "uploads.HookCard": "of whom a card was: shown nowhere",
    "uploads.IdentityDecision": "shown among the uploads alone",
    "uploads.PersonNews": "what waits of a person is shown among the uploads alone",
    **dict.fromkeys(
        ("meetings.AgendaItem", "meetings.Nomination", "meetings.Discussion", "meetings.Letter", "meetings.Action"),
        "shown in parts that are made each time, and in a column whose values stand beside the version",
    ),
}  # fmt: skip


def attached() -> dict[str, set[str]]:
    """The events that raise a version, by table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, array_agg(substr(tgname, 16)) FROM pg_trigger"
            " WHERE tgname LIKE 'record\\_version\\_%' GROUP BY 1"
        )
        return {table: set(events) for table, events in cursor.fetchall()}


def of_patients() -> list[type]:
    """Every model whose rows belong to a patient, by themselves or by their draw."""
    return [
        model
        for model in apps.get_models()
        if "history" not in model._meta.model_name
        and any(field.related_model in (Patient, Draw) for field in model._meta.concrete_fields)
    ]


def version(patient: Patient | None):
    return RecordVersion.objects.filter(patient=patient).values_list("version", flat=True).first()


def test_every_table_of_patients_raises_a_version_or_says_why_not(db):
    tables = attached()
    silent = {one._meta.label for one in of_patients() if one._meta.db_table not in tables}
    assert silent == set(EXEMPT)
    events = {"insert", "update", "delete"}
    assert {table for table, found in tables.items() if found == events} == set(tables) - {"accounts_user"}
    assert Patient._meta.db_table in tables and Result._meta.db_table in tables


def test_each_statement_raises_the_versions_of_its_patients_alone(patient, clinic, make_draw):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-101", family_name="Lund", birth_date=patient.birth_date
    )
    seen = {version(patient)}
    untouched = version(other)
    draw = make_draw(patient, "2026-01-01T08:00", ALT=112, INR=1.2)
    seen.add(version(patient))
    Result.objects.filter(draw=draw).update(comment="haemolysed")
    seen.add(version(patient))
    Draw.objects.filter(pk=draw.pk).update(note="fasting")
    seen.add(version(patient))
    assert len(seen) == 4 and None not in seen
    assert version(other) == untouched


def test_many_rows_of_many_patients_take_one_statement(clinic, make_draw):
    born = "1960-01-01"
    people = Patient.objects.bulk_create(
        Patient(clinic=clinic, mrn=f"M-{n}", family_name="Many", birth_date=born) for n in range(50)
    )
    assert RecordVersion.objects.filter(patient__in=people).count() == 50
    before = set(RecordVersion.objects.values_list("version", flat=True))
    Patient.objects.filter(pk__in=[one.pk for one in people]).update(given_name="A")
    assert not before & set(RecordVersion.objects.values_list("version", flat=True))


def test_a_row_that_moves_raises_both_versions(patient, clinic, make_draw):
    other = Patient.objects.create(
        clinic=clinic, mrn="N-101", family_name="Lund", birth_date=patient.birth_date
    )
    draw = make_draw(patient, "2026-01-01T08:00", ALT=112)
    before = version(patient), version(other)
    Draw.objects.filter(pk=draw.pk).update(patient=other)
    assert version(patient) != before[0] and version(other) != before[1]


def test_a_statement_that_is_taken_back_leaves_the_version(patient, clinician):
    before = version(patient)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        NotedOrder.objects.create(patient=patient, order="repeat", said="done", by=clinician)
        raise ZeroDivisionError
    assert version(patient) == before


def test_the_names_of_staff_have_a_version_of_their_own(db, clinician):
    User.objects.filter(pk=clinician.pk).update(first_name="Chidi")
    first = version(None)
    clinician.last_name = "Okafor"
    clinician.save()
    second = version(None)
    # Neither signing in nor a new colleague changes what is shown already.
    clinician.save(update_fields=["last_login"])
    add_user(username="new", password="liver-test-12")
    assert first and second and first != second and version(None) == second
    assert RecordVersion.objects.filter(patient=None).count() == 1
