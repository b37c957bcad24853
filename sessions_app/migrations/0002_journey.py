import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('diagnostics', '0001_initial'),
        ('sessions_app', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Journey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('journey_id', models.CharField(max_length=200)),
                ('started_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('completed_at', models.DateTimeField(null=True)),
                ('records', models.PositiveIntegerField(default=0)),
                ('spans', models.PositiveIntegerField(default=0)),
                ('warnings', models.PositiveIntegerField(default=0)),
                ('errors', models.PositiveIntegerField(default=0)),
                ('failed', models.BooleanField(default=False)),
                ('crashed', models.BooleanField(default=False)),
                ('services', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('session_ids', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('user_keys', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('steps', models.JSONField(default=dict)),
                ('last_step', models.JSONField(default=list)),
                ('release', models.CharField(blank=True, max_length=200)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='journeys', to='diagnostics.environment')),
            ],
            options={
                'ordering': ['-last_seen_at'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['environment', '-last_seen_at'], name='journey_newest'), django.contrib.postgres.indexes.GinIndex(fields=['user_keys', 'session_ids'], name='journey_of_people')],
                'constraints': [models.UniqueConstraint(fields=('environment', 'journey_id'), name='journey_in_environment')],
            },
        ),
    ]
