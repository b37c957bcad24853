"""The fold of check-ins that came with records: Sentry's SDKs send them in their envelopes. What they say was committed
with the batch; here it is taken, at the time when it came in."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from alerts.models import Monitor, Outcome
from alerts.monitors.making import find_or_make
from alerts.monitors.telling import Report, TooOftenError, take_check_in
from diagnostics.models import IngestBatch

logger = logging.getLogger(__name__)

Told = tuple[int, str, datetime, dict[str, Any]]  # environment, slug, when, what


def fold_check_ins(batches: Sequence[IngestBatch]) -> None:
    """Each in its order; by monitor, so that two digests lock them in one order."""
    for environment_id, slug, at, said in sorted(told_by(batches), key=lambda one: one[:2]):
        try:
            with transaction.atomic():
                take(environment_id, slug, at, said)
        except (TooOftenError, ValidationError, Monitor.DoesNotExist) as error:
            logger.info("a check-in of environment %d was left out: %s", environment_id, type(error).__name__)


def told_by(batches: Iterable[IngestBatch]) -> Iterable[Told]:
    """All of them."""
    for batch in batches:
        for said in batch.findings.get("check_ins", ()):
            yield batch.environment_id, said["slug"], batch.received_at, said


def take(environment_id: int, slug: str, at: datetime, said: dict[str, Any]) -> None:
    """Into its monitor; into a new one where it says when it is due. Without either it is of no use to anybody."""
    monitor = find_or_make(environment_id, slug, {name: value for name, value in said.items() if name != "name"})
    if monitor is not None:
        report = Report(Outcome(said["outcome"]), duration_ms=said.get("duration_ms"), run=said.get("run", ""))
        take_check_in(monitor.pk, report, at)
