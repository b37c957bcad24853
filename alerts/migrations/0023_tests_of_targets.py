"""A test of a target is about no incident. Earlier ones, which borrowed the environment's newest, let go of it."""

import django.db.models.deletion
from django.db import migrations, models


def let_go(apps, schema_editor):
    apps.get_model("alerts", "Notification").objects.filter(action="test").update(incident=None)


class Migration(migrations.Migration):

    dependencies = [
        ('alerts', '0022_words_of_a_reason'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notification',
            name='incident',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to='alerts.incident'),
        ),
        migrations.AlterField(
            model_name='receipt',
            name='incident',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='receipts', to='alerts.incident'),
        ),
        migrations.RunPython(let_go, migrations.RunPython.noop),
    ]
