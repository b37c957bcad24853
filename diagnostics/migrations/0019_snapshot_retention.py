import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('diagnostics', '0018_records_of_a_journey'),
    ]

    operations = [
        migrations.AddField(
            model_name='environment',
            name='snapshot_retention_days',
            field=models.PositiveSmallIntegerField(default=90, help_text='Days that snapshots are kept: what led to an error or crash, frozen. They may outlive their records.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3650)]),
        ),
        migrations.AlterField(
            model_name='environment',
            name='snapshots_enabled',
            field=models.BooleanField(default=True, help_text='Off: none is taken; those that were taken stay until their days are over.', verbose_name='snapshots'),
        ),
    ]
