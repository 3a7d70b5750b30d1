
import django.db.models.deletion
import django.db.models.functions.datetime
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_silent'),
        ('patients', '0018_chart_review'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SilentRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('first', models.DateField(null=True)),
                ('last', models.DateField(null=True)),
                ('state', models.CharField(choices=[('queued', 'Waiting for its turn'), ('running', 'Under way'), ('done', 'Done'), ('failed', 'Stopped')], default='queued', max_length=8)),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('beat_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('ended_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, max_length=300)),
                ('knowledge_version', models.CharField(blank=True, max_length=20)),
                ('found', models.JSONField(null=True)),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clinic', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.clinic')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['clinic', '-id'], name='silent_run_latest')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['queued', 'running'])), fields=('clinic',), name='silent_run_one_at_a_time', violation_error_message='A silent run of this clinic is under way already.'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('found__isnull', False), ('state', 'done')), models.Q(('ended_at__isnull', False), ('found__isnull', True), ('state', 'failed'), models.Q(('outcome', ''), _negated=True)), models.Q(('ended_at__isnull', True), ('found__isnull', True), ('state__in', ['queued', 'running'])), _connector='OR'), name='silent_run_ends', violation_error_message='A silent run ends with what it found, or with why it stopped.'), models.CheckConstraint(condition=models.Q(('first__isnull', True), ('last__isnull', True), ('last__gte', models.F('first')), _connector='OR'), name='silent_run_days_in_order', violation_error_message='The last day lies before the first.')],
            },
        ),
    ]
