"""How far an environment has come: what was received is in the sums, and when they were looked at last."""

from datetime import datetime, timedelta
from typing import Final

from alerts.models import EvaluationMark, LateMinute

NOTES_KEPT: Final = timedelta(days=1)
DOWN_AFTER: Final = timedelta(seconds=90)  # without an evaluation, which the sweep brings each minute


def advance_watermark(environment_id: int, received_at: datetime) -> None:
    """Everything received until then is in the sums."""
    mark, is_new = EvaluationMark.objects.get_or_create(
        environment_id=environment_id, defaults={"watermark": received_at}
    )
    if not is_new and (mark.watermark is None or mark.watermark < received_at):
        EvaluationMark.objects.filter(pk=environment_id).update(watermark=received_at)


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
