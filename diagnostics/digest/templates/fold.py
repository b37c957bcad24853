"""The fold itself: one lock an environment, then news, then counts."""

from collections.abc import Sequence

from django.db.models import F, Func, Value
from django.db.models.fields.json import JSONField

from diagnostics.digest.templates.counts import add_counts
from diagnostics.digest.templates.news import take_in
from diagnostics.models import IngestBatch
from diagnostics.pipeline.templates import read_news
from diagnostics.storage.turns import Turn, take_turn


def fold_templates(batches: Sequence[IngestBatch]) -> None:
    """A fold of the digest. The text of a template leaves the batch when it has its row."""
    told = [batch for batch in batches if batch.templates.get("news")]
    lock({batch.environment_id for batch in batches}, {batch.environment_id for batch in told})
    for environment_id in sorted({batch.environment_id for batch in told}):
        rows = [row for batch in told if batch.environment_id == environment_id for row in batch.templates["news"]]
        take_in(environment_id, [read_news(row) for row in rows])
    for environment_id in sorted({batch.environment_id for batch in batches}):
        rows = [
            row
            for batch in batches
            if batch.environment_id == environment_id
            for row in batch.templates.get("counts", ())
        ]
        if rows:
            add_counts(environment_id, rows)
    if told:
        without = Func(F("templates"), Value("news"), template="%(expressions)s", arg_joiner=" - ")
        without.output_field = JSONField()
        IngestBatch.objects.filter(pk__in=[batch.pk for batch in told]).update(templates=without)


def lock(environments: set[int], told: set[int]) -> None:
    """Who learns is alone; who only counts shares. In one order, so that two digests cannot dead-lock."""
    for environment_id in sorted(environments):
        take_turn(Turn.TEMPLATES, environment_id, shared=environment_id not in told)
