from django.db import migrations, models

# The worklist's row of a patient holds its place when it was last discussed, and whether it is to be again: so
# whoever is worse is found by an index, whatever the number of discussions. Both ways in keep it: a discussion
# (at the close of a meeting), and a row that is written anew (each time the record changes).
MAKE = """
CREATE FUNCTION meetings_discussed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT d.grade_rank, CASE WHEN d.decision = 'again' THEN (d.as_of AT TIME ZONE 'UTC')::date END
    INTO NEW.discussed_rank, NEW.discuss_again
    FROM meetings_discussion d WHERE d.clinic_id = NEW.clinic_id AND d.patient_id = NEW.patient_id
    ORDER BY d.as_of DESC, d.id DESC LIMIT 1;
    RETURN NEW;
END $$;
CREATE TRIGGER discussed BEFORE INSERT ON patients_assessment
FOR EACH ROW EXECUTE FUNCTION meetings_discussed();
CREATE FUNCTION meetings_note_discussed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE patients_assessment a
    SET discussed_rank = d.grade_rank,
        discuss_again = CASE WHEN d.decision = 'again' THEN (d.as_of AT TIME ZONE 'UTC')::date END
    FROM (SELECT grade_rank, decision, as_of FROM meetings_discussion
          WHERE clinic_id = NEW.clinic_id AND patient_id = NEW.patient_id
          ORDER BY as_of DESC, id DESC LIMIT 1) AS d
    WHERE a.patient_id = NEW.patient_id AND a.clinic_id = NEW.clinic_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_discussed AFTER INSERT ON meetings_discussion
FOR EACH ROW EXECUTE FUNCTION meetings_note_discussed();
UPDATE patients_assessment a
SET discussed_rank = d.grade_rank,
    discuss_again = CASE WHEN d.decision = 'again' THEN (d.as_of AT TIME ZONE 'UTC')::date END
FROM (SELECT DISTINCT ON (clinic_id, patient_id) clinic_id, patient_id, grade_rank, decision, as_of
      FROM meetings_discussion ORDER BY clinic_id, patient_id, as_of DESC, id DESC) AS d
WHERE a.patient_id = d.patient_id AND a.clinic_id = d.clinic_id;
"""
DROP = """
DROP TRIGGER note_discussed ON meetings_discussion;
DROP FUNCTION meetings_note_discussed();
DROP TRIGGER discussed ON patients_assessment;
DROP FUNCTION meetings_discussed();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("meetings", "0003_attendance"),
        ("patients", "0011_worklist_strata"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="action",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", True)),
                fields=["clinic", "due_on", "patient", "id"],
                name="action_due",
            ),
        ),
        migrations.RunSQL(MAKE, DROP),
    ]
