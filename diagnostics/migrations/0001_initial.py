import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Environment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(help_text='Stands in addresses; cannot be changed later without breaking links.', unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9]([a-z0-9-]*[a-z0-9])?$', 'Use small letters, digits and inner dashes.')])),
                ('name', models.CharField(max_length=100)),
                ('kind', models.CharField(choices=[('production', 'Production'), ('staging', 'Staging'), ('testing', 'Testing'), ('development', 'Development')], default='development', max_length=20)),
                ('streaming_enabled', models.BooleanField(default=True, verbose_name='live stream')),
                ('snapshots_enabled', models.BooleanField(default=True, verbose_name='snapshots')),
                ('tracing_enabled', models.BooleanField(default=True, help_text='Off: spans are refused and said so.', verbose_name='traces')),
                ('retention_days', models.PositiveSmallIntegerField(default=30, help_text='Days that records, spans and sessions are kept.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)])),
                ('restricted_retention_days', models.PositiveSmallIntegerField(default=14, help_text='Days that stack traces and other restricted fields are kept.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)])),
                ('ingest_quota_per_second', models.PositiveIntegerField(blank=True, help_text='Records a second; empty: no limit.', null=True)),
                ('pseudonym_key', models.BinaryField(help_text='Keys the hash that user ids become; destroying it severs the link.', max_length=64)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ['name'],
                'permissions': [('view_logs', 'See logs and the overview'), ('stream_logs', 'Watch logs live'), ('view_sessions', 'See sessions and journeys'), ('view_traces', 'See traces'), ('view_restricted', 'Reveal restricted fields'), ('view_stack_traces', 'Reveal stack traces'), ('take_snapshots', 'Take snapshots'), ('view_incidents', 'See incidents'), ('respond_incidents', 'Acknowledge and resolve incidents'), ('manage_rules', 'Change alert rules'), ('manage_targets', 'Change alert targets'), ('manage_environment', 'Change the environment and its ingest keys'), ('manage_access', 'Grant and withdraw access'), ('export_data', 'Export data'), ('erase_data', "Erase a person's data")],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=50, primary_key=True, serialize=False)),
                ('beat_at', models.DateTimeField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        # Partitioned: the table itself is made by 0002.
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.CreateModel(
                name='LogRecord',
                fields=[
                    ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                    ('environment_id', models.IntegerField()),
                    ('timestamp', models.DateTimeField()),
                    ('timestamp_ns', models.SmallIntegerField(default=0)),
                    ('sequence', models.IntegerField(default=0)),
                    ('observed_timestamp', models.DateTimeField()),
                    ('severity_number', models.SmallIntegerField(default=9)),
                    ('service_name', models.TextField(blank=True, default='')),
                    ('logger', models.TextField(blank=True, default='')),
                    ('release', models.TextField(blank=True, default='')),
                    ('body', models.TextField(blank=True, default='')),
                    ('event_name', models.TextField(blank=True, default='')),
                    ('trace_id', models.UUIDField(null=True)),
                    ('span_id', models.TextField(blank=True, default='')),
                    ('session_id', models.TextField(blank=True, default='')),
                    ('user_key', models.TextField(blank=True, default='')),
                    ('journey_id', models.TextField(blank=True, default='')),
                    ('request_id', models.TextField(blank=True, default='')),
                    ('http_method', models.TextField(blank=True, default='')),
                    ('http_route', models.TextField(blank=True, default='')),
                    ('http_status', models.SmallIntegerField(null=True)),
                    ('duration_ms', models.FloatField(null=True)),
                    ('error_type', models.TextField(blank=True, default='')),
                    ('fingerprint', models.TextField(blank=True, default='')),
                    ('template_id', models.BigIntegerField(null=True)),
                    ('client_network', models.TextField(blank=True, default='')),
                    ('geo_country', models.TextField(blank=True, default='')),
                    ('geo_region', models.TextField(blank=True, default='')),
                    ('device_type', models.TextField(blank=True, default='')),
                    ('browser', models.TextField(blank=True, default='')),
                    ('os', models.TextField(blank=True, default='')),
                    ('is_bot', models.BooleanField(default=False)),
                    ('has_restricted', models.BooleanField(default=False)),
                    ('attributes', models.JSONField(blank=True, default=dict)),
                    ('batch_id', models.BigIntegerField()),
                ],
                options={
                    'db_table': 'diagnostics_log',
                    'default_permissions': (),
                },
            ),
        ]),
        # Partitioned: the table itself is made by 0002.
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.CreateModel(
                name='RestrictedFields',
                fields=[
                    ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                    ('environment_id', models.IntegerField()),
                    ('timestamp', models.DateTimeField()),
                    ('ciphertext', models.BinaryField()),
                ],
                options={
                    'db_table': 'diagnostics_restricted',
                    'default_permissions': (),
                },
            ),
        ]),
        # Partitioned: the table itself is made by 0002.
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.CreateModel(
                name='Span',
                fields=[
                    ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                    ('environment_id', models.IntegerField()),
                    ('timestamp', models.DateTimeField()),
                    ('timestamp_ns', models.SmallIntegerField(default=0)),
                    ('duration_ns', models.BigIntegerField(default=0)),
                    ('trace_id', models.UUIDField()),
                    ('span_id', models.TextField()),
                    ('parent_span_id', models.TextField(blank=True, default='')),
                    ('name', models.TextField(blank=True, default='')),
                    ('kind', models.SmallIntegerField(default=1)),
                    ('status_code', models.SmallIntegerField(default=0)),
                    ('status_message', models.TextField(blank=True, default='')),
                    ('service_name', models.TextField(blank=True, default='')),
                    ('release', models.TextField(blank=True, default='')),
                    ('session_id', models.TextField(blank=True, default='')),
                    ('user_key', models.TextField(blank=True, default='')),
                    ('journey_id', models.TextField(blank=True, default='')),
                    ('request_id', models.TextField(blank=True, default='')),
                    ('http_method', models.TextField(blank=True, default='')),
                    ('http_route', models.TextField(blank=True, default='')),
                    ('http_status', models.SmallIntegerField(null=True)),
                    ('error_type', models.TextField(blank=True, default='')),
                    ('attributes', models.JSONField(blank=True, default=dict)),
                    ('events', models.JSONField(blank=True, default=list)),
                    ('batch_id', models.BigIntegerField()),
                ],
                options={
                    'db_table': 'diagnostics_span',
                    'ordering': ['timestamp', 'timestamp_ns', 'id'],
                    'default_permissions': (),
                },
            ),
        ]),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=100)),
                ('prefix', models.CharField(editable=False, max_length=16)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(editable=False, null=True)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-created_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='IngestKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text="Who sends with it: 'checkout service', say.", max_length=100)),
                ('prefix', models.CharField(editable=False, max_length=16)),
                ('digest', models.BinaryField(max_length=32, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('last_used_at', models.DateTimeField(editable=False, null=True)),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('environment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='ingest_keys', to='diagnostics.environment')),
            ],
            options={
                'ordering': ['-created_at'],
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='AccessEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('actor_name', models.CharField(max_length=150)),
                ('environment_slug', models.CharField(blank=True, max_length=50)),
                ('action', models.CharField(max_length=40)),
                ('subject', models.CharField(blank=True, max_length=200)),
                ('detail', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('environment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='diagnostics.environment')),
            ],
            options={
                'ordering': ['-id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['environment', '-id'], name='access_event_environment')],
            },
        ),
        migrations.CreateModel(
            name='EnvironmentGroupGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='diagnostics.environment')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.group')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'unique_together': {('group', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='EnvironmentUserGrant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content_object', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='diagnostics.environment')),
                ('permission', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='auth.permission')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'abstract': False,
                'default_permissions': (),
                'unique_together': {('user', 'permission', 'content_object')},
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('timestamp', models.DateTimeField()),
                ('kind', models.CharField(choices=[('deploy', 'Deploy'), ('flag', 'Feature flag'), ('config', 'Configuration')], max_length=10)),
                ('service_name', models.CharField(blank=True, max_length=200)),
                ('release', models.CharField(blank=True, max_length=200)),
                ('title', models.CharField(max_length=300)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='diagnostics.environment')),
            ],
            options={
                'ordering': ['-timestamp'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['environment', 'timestamp'], name='event_time')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('kind', 'deploy')), fields=('environment', 'kind', 'service_name', 'release'), name='event_deploy_once')],
            },
        ),
        migrations.CreateModel(
            name='IngestBatch',
            fields=[
                ('id', models.BigIntegerField(primary_key=True, serialize=False)),
                ('ingest_key_id', models.BigIntegerField(null=True)),
                ('received_at', models.DateTimeField()),
                ('wire_format', models.CharField(max_length=20)),
                ('records', models.IntegerField(default=0)),
                ('spans', models.IntegerField(default=0)),
                ('rejected', models.IntegerField(default=0)),
                ('bytes', models.BigIntegerField(default=0)),
                ('idempotency_key', models.CharField(max_length=128, null=True)),
                ('answer', models.JSONField(default=dict)),
                ('sums', models.JSONField(default=list)),
                ('sessions', models.JSONField(default=list)),
                ('digested_at', models.DateTimeField(null=True)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='diagnostics.environment')),
            ],
            options={
                'db_table': 'diagnostics_ingest_batch',
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('digested_at__isnull', True)), fields=['id'], name='batch_undigested'), models.Index(fields=['received_at'], name='batch_received')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('idempotency_key__isnull', False)), fields=('environment', 'idempotency_key'), name='batch_idempotency')],
            },
        ),
        migrations.CreateModel(
            name='MinuteRollup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minute', models.DateTimeField()),
                ('source', models.CharField(choices=[('log', 'records'), ('span', 'spans')], max_length=4)),
                ('service_name', models.TextField(default='')),
                ('http_route', models.TextField(default='')),
                ('release', models.TextField(default='')),
                ('records', models.IntegerField(default=0)),
                ('warnings', models.IntegerField(default=0)),
                ('errors', models.IntegerField(default=0)),
                ('fatals', models.IntegerField(default=0)),
                ('requests', models.IntegerField(default=0)),
                ('failures', models.IntegerField(default=0)),
                ('timeouts', models.IntegerField(default=0)),
                ('status_4xx', models.IntegerField(default=0)),
                ('status_5xx', models.IntegerField(default=0)),
                ('latency', models.JSONField(default=dict)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='diagnostics.environment')),
            ],
            options={
                'db_table': 'diagnostics_minute_rollup',
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('environment', 'minute', 'source', 'service_name', 'http_route', 'release'), name='rollup_series_minute')],
            },
        ),
    ]
