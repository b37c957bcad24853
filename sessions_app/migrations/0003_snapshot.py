import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('diagnostics', '0019_snapshot_retention'),
        ('sessions_app', '0002_journey'),
    ]

    operations = [
        migrations.CreateModel(
            name='DueSnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('crash', 'Crash'), ('new_error', 'New error'), ('came_back', 'Error that came back'), ('by_hand', 'Kept by hand')], max_length=12)),
                ('subject', models.CharField(max_length=200)),
                ('period', models.DateTimeField()),
                ('since', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('leased_until', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('outcome', models.CharField(blank=True, choices=[('', 'Waiting'), ('taken', 'Taken'), ('same', 'The record is frozen already'), ('left_out', 'Enough of this error are kept'), ('off', 'Snapshots are switched off'), ('gone', 'Its records are gone'), ('failed', 'Failed again and again')], default='', max_length=10)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='diagnostics.environment')),
            ],
            options={
                'default_permissions': (),
                'indexes': [models.Index(condition=models.Q(('outcome', '')), fields=['due_at'], name='due_snapshot_waiting'), models.Index(fields=['environment', 'reason', 'created_at'], name='due_snapshot_budget')],
                'constraints': [models.UniqueConstraint(fields=('environment', 'reason', 'subject', 'period'), name='due_snapshot_once')],
            },
        ),
        migrations.CreateModel(
            name='LeftOut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('crash', 'Crash'), ('new_error', 'New error'), ('came_back', 'Error that came back'), ('by_hand', 'Kept by hand')], max_length=12)),
                ('hour', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, to='diagnostics.environment')),
            ],
            options={
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(fields=('environment', 'reason', 'hour'), name='left_out_hour')],
            },
        ),
        migrations.CreateModel(
            name='Snapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(choices=[('crash', 'Crash'), ('new_error', 'New error'), ('came_back', 'Error that came back'), ('by_hand', 'Kept by hand')], max_length=12)),
                ('is_news', models.BooleanField(default=False)),
                ('scope', models.CharField(choices=[('session', 'session'), ('trace', 'trace'), ('request', 'request'), ('record', 'record')], max_length=10)),
                ('taken_at', models.DateTimeField()),
                ('happened_at', models.DateTimeField()),
                ('record', models.CharField(max_length=40)),
                ('has_restricted', models.BooleanField(default=False)),
                ('service_name', models.TextField(blank=True, default='')),
                ('release', models.TextField(blank=True, default='')),
                ('error_type', models.TextField(blank=True, default='')),
                ('title', models.CharField(blank=True, default='', max_length=200)),
                ('fingerprint', models.CharField(blank=True, default='', max_length=32)),
                ('session_id', models.TextField(blank=True, default='')),
                ('trace_id', models.CharField(blank=True, default='', max_length=32)),
                ('user_key', models.TextField(blank=True, default='')),
                ('user_keys', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('session_ids', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('records', models.PositiveIntegerField(default=0)),
                ('spans', models.PositiveIntegerField(default=0)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('taken_by_id', models.BigIntegerField(null=True)),
                ('taken_by_name', models.CharField(blank=True, default='', max_length=150)),
                ('content', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('cut_at', models.DateTimeField(null=True)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='snapshots', to='diagnostics.environment')),
            ],
            options={
                'ordering': ['-taken_at', '-id'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['environment', '-taken_at'], name='snapshot_newest'), models.Index(fields=['environment', 'fingerprint', '-taken_at'], name='snapshot_of_error'), models.Index(condition=models.Q(('session_id', ''), _negated=True), fields=['environment', 'session_id'], name='snapshot_of_session'), django.contrib.postgres.indexes.GinIndex(fields=['user_keys'], name='snapshot_people'), django.contrib.postgres.indexes.GinIndex(fields=['session_ids'], name='snapshot_sessions')],
            },
        ),
    ]
