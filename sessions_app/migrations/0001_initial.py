import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('diagnostics', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='LogSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_id', models.CharField(max_length=200)),
                ('user_key', models.CharField(blank=True, max_length=64)),
                ('started_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('records', models.PositiveIntegerField(default=0)),
                ('spans', models.PositiveIntegerField(default=0)),
                ('warnings', models.PositiveIntegerField(default=0)),
                ('errors', models.PositiveIntegerField(default=0)),
                ('crashed', models.BooleanField(default=False)),
                ('services', models.JSONField(default=list)),
                ('release', models.CharField(blank=True, max_length=200)),
                ('geo_country', models.CharField(blank=True, max_length=2)),
                ('geo_region', models.CharField(blank=True, max_length=100)),
                ('device_type', models.CharField(blank=True, max_length=50)),
                ('browser', models.CharField(blank=True, max_length=100)),
                ('os', models.CharField(blank=True, max_length=100)),
                ('environment', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='log_sessions', to='diagnostics.environment')),
            ],
            options={
                'ordering': ['-last_seen_at'],
                'default_permissions': (),
                'indexes': [models.Index(fields=['environment', '-last_seen_at'], name='session_newest'), models.Index(fields=['environment', 'user_key', '-last_seen_at'], name='session_of_user')],
                'constraints': [models.UniqueConstraint(fields=('environment', 'session_id'), name='session_in_environment')],
            },
        ),
    ]
