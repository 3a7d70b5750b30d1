
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0009_clinic_settings'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='clinic',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='clinic',
            name='update_update',
        ),
        migrations.AddField(
            model_name='clinic',
            name='is_silent',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='clinic',
            name='silent_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name='clinichistory',
            name='is_silent',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='clinichistory',
            name='silent_why',
            field=models.CharField(blank=True, max_length=300),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clinic',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='INSERT INTO "accounts_clinichistory" ("chart_scale", "code", "display_units", "id", "is_demo", "is_silent", "name", "new_patients_from_files", "notice_email", "notice_hours", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "second_factor", "silent_why", "time_zone", "uuid", "version") VALUES (NEW."chart_scale", NEW."code", NEW."display_units", NEW."id", NEW."is_demo", NEW."is_silent", NEW."name", NEW."new_patients_from_files", NEW."notice_email", NEW."notice_hours", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."second_factor", NEW."silent_why", NEW."time_zone", NEW."uuid", NEW."version"); RETURN NULL;', hash='400996a3b3590e3298f217b298e18a80fbf62064', operation='INSERT', pgid='pgtrigger_insert_insert_e9c0c', table='accounts_clinic', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clinic',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "accounts_clinichistory" ("chart_scale", "code", "display_units", "id", "is_demo", "is_silent", "name", "new_patients_from_files", "notice_email", "notice_hours", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "second_factor", "silent_why", "time_zone", "uuid", "version") VALUES (NEW."chart_scale", NEW."code", NEW."display_units", NEW."id", NEW."is_demo", NEW."is_silent", NEW."name", NEW."new_patients_from_files", NEW."notice_email", NEW."notice_hours", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."second_factor", NEW."silent_why", NEW."time_zone", NEW."uuid", NEW."version"); RETURN NULL;', hash='9abd8c9deab9fd7b237ef7156465ddac2145aeba', operation='UPDATE', pgid='pgtrigger_update_update_d9a44', table='accounts_clinic', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='clinic',
            constraint=models.CheckConstraint(condition=models.Q(('is_silent', False), models.Q(('silent_why', ''), _negated=True), _connector='OR'), name='clinic_silent_why', violation_error_message='Say why the clinic is silent.'),
        ),
    ]
