import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='AlertRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Stable name, used in addresses and exports.', max_length=60)),
                ('name', models.CharField(max_length=120)),
                ('enabled', models.BooleanField(default=True)),
                ('builtin', models.BooleanField(default=False, editable=False)),
                ('signal', models.CharField(choices=[('errors', 'Error records'), ('fatals', 'Fatal records'), ('failures', 'Failed requests'), ('timeouts', 'Timeouts'), ('status_5xx', '5xx responses'), ('status_4xx', '4xx responses'), ('requests', 'Requests'), ('latency_p50', 'Response time, median (ms)'), ('latency_p95', 'Response time, p95 (ms)'), ('latency_p99', 'Response time, p99 (ms)')], max_length=20)),
                ('condition', models.CharField(choices=[('threshold', 'is at least a fixed value'), ('share', 'is at least a share of requests'), ('change', 'is at least so many times the usual')], default='threshold', max_length=12)),
                ('group_by', models.CharField(choices=[('service', 'each service'), ('route', 'each service and route'), ('nothing', 'the environment as a whole')], default='service', max_length=10)),
                ('service_name', models.CharField(blank=True, help_text='Only this service; empty: all.', max_length=200)),
                ('window_minutes', models.PositiveSmallIntegerField(default=5, help_text='Minutes looked at.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1440)])),
                ('threshold', models.FloatField(help_text='Count or milliseconds; for a share, a fraction (0.05 is 5%); for a change, a factor.', validators=[django.core.validators.MinValueValidator(0)])),
                ('recover_threshold', models.FloatField(blank=True, help_text='Recovers below this; empty: the threshold.', null=True, validators=[django.core.validators.MinValueValidator(0)])),
                ('minimum_count', models.PositiveIntegerField(default=1, help_text="Never fires on fewer of the signal's events than this (low traffic lies).")),
                ('minimum_sample', models.PositiveIntegerField(default=0, help_text='Never fires on fewer requests than this.')),
                ('for_seconds', models.PositiveIntegerField(default=0, help_text='Stays pending this long before it fires.', validators=[django.core.validators.MaxValueValidator(86400)])),
                ('keep_firing_seconds', models.PositiveIntegerField(default=120, help_text='Stays firing this long after it looks well.', validators=[django.core.validators.MaxValueValidator(86400)])),
                ('severity', models.CharField(choices=[('critical', 'Critical'), ('error', 'Error'), ('warning', 'Warning'), ('info', 'Info')], default='error', max_length=10)),
                ('runbook_url', models.URLField(blank=True)),
                ('muted_until', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'ordering': ['environment', 'name'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='DeliveryAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField()),
                ('outcome', models.CharField(choices=[('unknown', 'Unknown (interrupted)'), ('sent', 'Sent'), ('retry', 'Failed, will be tried again'), ('permanent', 'Refused for good')], default='unknown', max_length=10)),
                ('status_code', models.PositiveSmallIntegerField(null=True)),
                ('duration_ms', models.PositiveIntegerField(null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
            ],
            options={
                'ordering': ['started_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='InboxMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('title', models.CharField(max_length=300)),
                ('text', models.TextField(blank=True)),
            ],
            options={
                'ordering': ['-created_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule_name', models.CharField(max_length=120)),
                ('dedup_key', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('triggered', 'Triggered'), ('acknowledged', 'Acknowledged'), ('resolved', 'Resolved')], default='triggered', max_length=14)),
                ('severity', models.CharField(choices=[('critical', 'Critical'), ('error', 'Error'), ('warning', 'Warning'), ('info', 'Info')], max_length=10)),
                ('title', models.CharField(max_length=300)),
                ('summary', models.TextField()),
                ('service_name', models.CharField(blank=True, max_length=200)),
                ('http_route', models.CharField(blank=True, max_length=200)),
                ('release', models.CharField(blank=True, max_length=200)),
                ('started_at', models.DateTimeField()),
                ('opened_at', models.DateTimeField()),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('value', models.FloatField(null=True)),
                ('peak_value', models.FloatField(null=True)),
                ('trace_id', models.CharField(blank=True, max_length=32)),
                ('samples', models.JSONField(default=list)),
                ('context', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['-opened_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='IncidentEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('kind', models.CharField(choices=[('triggered', 'Triggered'), ('acknowledged', 'Acknowledged'), ('resolved', 'Resolved'), ('note', 'Note')], max_length=20)),
                ('text', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['at', 'id'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('action', models.CharField(choices=[('trigger', 'Trigger'), ('acknowledge', 'Acknowledge'), ('resolve', 'Resolve'), ('test', 'Test')], max_length=12)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('sent', 'Sent'), ('suppressed', 'Suppressed'), ('failed', 'Failed')], default='pending', max_length=10)),
                ('reason', models.CharField(blank=True, choices=[('', '—'), ('silenced', 'Silenced'), ('muted', 'Rule muted'), ('below_severity', "Below the target's minimum severity"), ('target_disabled', 'Target disabled'), ('no_resolve', 'Target does not want resolves'), ('never_triggered', 'The trigger was never sent'), ('overtaken', 'Overtaken by a resolve')], default='', max_length=20)),
                ('created_at', models.DateTimeField()),
                ('next_attempt_at', models.DateTimeField()),
                ('give_up_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('time_to_alert_ms', models.PositiveIntegerField(null=True)),
            ],
            options={
                'ordering': ['-created_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='RuleState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(max_length=410)),
                ('state', models.CharField(choices=[('ok', 'OK'), ('pending', 'Pending'), ('firing', 'Firing'), ('resolved', 'Resolved')], default='ok', max_length=10)),
                ('since', models.DateTimeField()),
                ('healthy_since', models.DateTimeField(null=True)),
                ('value', models.FloatField(null=True)),
                ('evaluated_at', models.DateTimeField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Silence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('service_name', models.CharField(blank=True, max_length=200)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField()),
                ('reason', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ['-ends_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Target',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('kind', models.CharField(max_length=20)),
                ('enabled', models.BooleanField(default=True)),
                ('minimum_severity', models.CharField(choices=[('critical', 'Critical'), ('error', 'Error'), ('warning', 'Warning'), ('info', 'Info')], default='info', max_length=10)),
                ('send_resolved', models.BooleanField(default=True, help_text='Tell when an incident is over, too.')),
                ('config', models.JSONField(blank=True, default=dict)),
                ('secrets', models.BinaryField(default=b'')),
                ('failing_since', models.DateTimeField(editable=False, null=True)),
                ('disabled_reason', models.CharField(blank=True, editable=False, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['environment', 'name'],
                'default_permissions': (),
            },
        ),
    ]
