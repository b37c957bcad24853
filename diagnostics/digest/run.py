"""The digest: claims batches that nobody has folded yet, runs every fold on them, and marks them, in one transaction.

Two digests at once claim different batches. A fold that fails takes the transaction with it: nothing is half done, and
the batch is tried alone; one that fails alone steps aside with its error, so that it cannot hold up the others.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from django.db import OperationalError, transaction

from diagnostics.core import clock
from diagnostics.core.options import plugins
from diagnostics.models import IngestBatch
from diagnostics.storage.timeouts import was_stopped

logger = logging.getLogger(__name__)

Fold = Callable[[Sequence[IngestBatch]], None]
CLAIMED: Final = 500  # batches in one transaction
SECONDS: Final = 30.0  # of one task, which the queue ends after 60; the rest is the next one's


def digest(limit: int = CLAIMED) -> int:
    """Fold up to `limit` waiting batches; returns how many. Call again while it returns `limit`."""
    folds = plugins("DIGESTERS")
    try:
        return digest_claimed(folds, limit)
    except Exception:  # any fold's fault; found by folding one by one
        logger.exception("a digest of up to %d batches failed; trying them one by one", limit)
    return sum(digest_alone(folds) for _ in range(limit))


def digest_claimed(folds: Sequence[Fold], limit: int) -> int:
    """Claim, fold, mark; all or nothing. What it told of sessions, journeys and errors is forgotten with it: their rows
    know."""
    with transaction.atomic():
        waiting = IngestBatch.objects.filter(digested_at=None).defer("answer")  # long, and no fold's business
        batches = list(waiting.select_for_update(skip_locked=True).order_by("id")[:limit])
        if batches:
            for fold in folds:
                fold(batches)
            IngestBatch.objects.filter(pk__in=[batch.pk for batch in batches]).update(
                digested_at=clock.now(), sessions="", journeys="", findings={}
            )
        return len(batches)


def digest_alone(folds: Sequence[Fold]) -> int:
    """One batch by itself; one that cannot be folded is marked with the kind of its error and kept for a look.

    OperationalError for what is nobody's fault and over soon (a deadlock, a lock that did not come, a database that goes
    away): the batch waits.
    """
    with transaction.atomic():
        batch = IngestBatch.objects.filter(digested_at=None).select_for_update(skip_locked=True).order_by("id").first()
        if batch is None:
            return 0
        try:
            with transaction.atomic():
                for fold in folds:
                    fold([batch])
        except Exception as error:
            if isinstance(error, OperationalError) and not was_stopped(
                error
            ):  # too slow is its own fault, and stays so
                raise
            logger.exception("batch %d cannot be digested; it steps aside", batch.pk)
            batch.answer = {**batch.answer, "digest_error": type(error).__name__}
        batch.digested_at, batch.sessions, batch.journeys, batch.findings = clock.now(), "", "", {}
        batch.templates.pop("news", None)
        batch.save(update_fields=["answer", "digested_at", "sessions", "journeys", "findings", "templates"])
        return 1


def digest_all(seconds: float = SECONDS) -> bool:
    """Fold what waits, for so long; whether all is done."""
    deadline = time.monotonic() + seconds
    while digest() == CLAIMED:
        if time.monotonic() > deadline:
            return False
    return True
