"""The fold that wakes evaluation: a digest brought new sums to these environments."""

from collections.abc import Sequence

from django.db import transaction
from django_q.tasks import async_task

from diagnostics.models import IngestBatch


def fold_alerts(batches: Sequence[IngestBatch]) -> None:
    """After the digest's commit, one task an environment. Losing one costs at most a minute: the sweep evaluates all."""
    for environment_id in sorted({batch.environment_id for batch in batches}):
        transaction.on_commit(lambda pk=environment_id: ring(pk))  # type: ignore[misc]


def ring(environment_id: int) -> None:
    """Queue an evaluation."""
    async_task("alerts.tasks.evaluate_task", environment_id)
