"""Parts of journeys in batches, and what ends a journey well."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('diagnostics', '0016_events_that_are_sent'),
    ]

    operations = [
        migrations.AddField(
            model_name='ingestbatch',
            name='journeys',
            field=models.TextField(db_default='', default=''),
        ),
        migrations.AddField(
            model_name='privacypolicy',
            name='journey_ends',
            field=models.TextField(blank=True, db_default='', default='', help_text='What ends a journey well, one a line, as a search would find it: event:order.placed, route:"POST /checkout", service:mailer "confirmation sent". All of a line must fit; one line is enough; what failed ends nothing. Empty: nothing is said of completing. Holds for what comes in from now on.', max_length=8000, verbose_name='ends with'),
        ),
        migrations.AddField(
            model_name='privacypolicy',
            name='journey_minutes',
            field=models.PositiveIntegerField(db_default=30, default=30, help_text='A journey that has not ended and gave no sign for so long counts as abandoned, until it goes on.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(129600)], verbose_name='minutes until it is abandoned'),
        ),
    ]
