"""When an environment was looked at last."""

from datetime import datetime, timedelta
from typing import Final

from alerts.models import EvaluationMark, LateMinute

NOTES_KEPT: Final = timedelta(days=1)
DOWN_AFTER: Final = timedelta(seconds=90)  # without an evaluation, which the sweep brings each minute


def resumed_at(environment_id: int, now: datetime) -> datetime | None:
    """When evaluation began anew after the product was down; None where it never was."""
    mark = EvaluationMark.objects.filter(pk=environment_id).first()
    if mark is None or mark.evaluated_at is None:
        return None
    if now - mark.evaluated_at > DOWN_AFTER:
        mark.resumed_at = now
        mark.save(update_fields=["resumed_at"])
    return mark.resumed_at


def note_evaluated(environment_id: int, now: datetime) -> None:
    """An evaluation is done."""
    updated = EvaluationMark.objects.filter(pk=environment_id).update(evaluated_at=now)
    if not updated:
        EvaluationMark.objects.create(environment_id=environment_id, evaluated_at=now)


def forget_notes(now: datetime) -> None:
    """Notes of late minutes that nobody needs any more."""
    LateMinute.objects.filter(noted_at__lt=now - NOTES_KEPT).delete()
