from django.db import migrations, models
from django.db.models import F


def note_first_seen(apps, schema_editor):
    """What is known already was news when it was first seen, as far as anybody can tell."""
    apps.get_model("diagnostics", "ErrorGroup").objects.update(noticed_at=F("first_seen"))


class Migration(migrations.Migration):

    dependencies = [
        ('diagnostics', '0012_template_news'),
    ]

    operations = [
        migrations.AddField(
            model_name='errorgroup',
            name='noticed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='errorgroup',
            name='came_back_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(note_first_seen, migrations.RunPython.noop),
    ]
