from django.db import migrations

# The rows of the worklist hold what the page asks for only once they are written anew: by the workers, the others
# stay as they are until then.
MARK = """
INSERT INTO patients_assessmentmark (patient_id, clinic_id, changed)
SELECT id, clinic_id, false FROM patients_patient ON CONFLICT (patient_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("patients", "0013_record_versions")]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]
