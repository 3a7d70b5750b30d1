from collections.abc import Iterable

import django.db.models.deletion
from django.db import migrations, models

# What a patient's page rests on, and whose the rows of a table are; `changed` are those of one statement.
# tests/patients/record/test_record_versions.py names what is left out, and why.
PATIENTS = {
    "patients_patient": "SELECT id FROM changed",
    "patients_result": "SELECT patient_id FROM patients_draw WHERE id IN (SELECT draw_id FROM changed)",
    **dict.fromkeys(
        (
            "patients_assessmentmark",
            "patients_causereview",
            "patients_contact",
            "patients_diagnosis",
            "patients_draw",
            "patients_event",
            "patients_leftout",
            "patients_notedorder",
            "patients_otherresult",
            "patients_overrule",
            "patients_signoff",
        ),
        "SELECT patient_id FROM changed",
    ),
}
# Sorted, so that two statements over the same patients never wait for each other crosswise.
FUNCTIONS = """
CREATE FUNCTION patients_raise_version() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    whose text := TG_ARGV[0];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        whose := whose || ' UNION ' || replace(whose, 'changed', 'before');
    END IF;
    EXECUTE 'INSERT INTO patients_recordversion (patient_id, version)
        SELECT id, gen_random_uuid()
        FROM (SELECT DISTINCT id FROM (' || whose || ') AS these (id) ORDER BY id) AS each
        ON CONFLICT (patient_id) DO UPDATE SET version = EXCLUDED.version';
    RETURN NULL;
END $$;
CREATE FUNCTION patients_raise_staff_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE patients_recordversion SET version = gen_random_uuid() WHERE patient_id IS NULL;
    IF NOT FOUND THEN
        INSERT INTO patients_recordversion (version) VALUES (gen_random_uuid());
    END IF;
    RETURN NULL;
END $$;
-- Of a summary only what writes it anew: what a meeting notes on it is told elsewhere.
CREATE FUNCTION patients_raise_version_of_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO patients_recordversion (patient_id, version) VALUES (NEW.patient_id, gen_random_uuid())
    ON CONFLICT (patient_id) DO UPDATE SET version = EXCLUDED.version;
    RETURN NULL;
END $$;
CREATE TRIGGER record_version_update AFTER UPDATE OF assessed_at ON patients_assessment
FOR EACH ROW EXECUTE FUNCTION patients_raise_version_of_row();
CREATE TRIGGER record_version_names AFTER UPDATE OF username, first_name, last_name ON accounts_user
FOR EACH STATEMENT EXECUTE FUNCTION patients_raise_staff_version();
"""
ROWS = {
    "insert": "NEW TABLE AS changed",
    "update": "OLD TABLE AS before NEW TABLE AS changed",
    "delete": "OLD TABLE AS changed",
}


def _attach(table: str, whose: str, events: Iterable[str] = ROWS) -> str:
    return "".join(
        f"CREATE TRIGGER record_version_{event} AFTER {event} ON {table} REFERENCING {ROWS[event]} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION patients_raise_version('{whose}');\n"
        for event in events
    )


MAKE = (
    FUNCTIONS
    + "".join(_attach(table, whose) for table, whose in PATIENTS.items())
    + _attach("patients_assessment", "SELECT patient_id FROM changed", ("insert", "delete"))
)
DROP = """
DROP FUNCTION patients_raise_version() CASCADE;
DROP FUNCTION patients_raise_version_of_row() CASCADE;
DROP FUNCTION patients_raise_staff_version() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_notice_email"),
        ("patients", "0012_assessment_marks"),
    ]

    operations = [
        migrations.CreateModel(
            name="RecordVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "patient",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="record_version",
                        to="patients.patient",
                    ),
                ),
                ("version", models.UUIDField()),
            ],
        ),
        migrations.RunSQL(MAKE, DROP),
    ]
