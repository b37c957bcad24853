"""Changes that people make to monitors: each leaves an access event, none leaves an incident stuck, and how the monitor
stands is never put back by a form that was opened before a check-in came."""

import uuid
from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction

from alerts.changes import Actor
from alerts.models import Monitor
from alerts.models.monitor import MOST
from alerts.monitors import steps
from alerts.monitors.telling import wake_after_commit
from diagnostics.core import clock
from diagnostics.models import Environment
from diagnostics.privacy.changes import tracked_change

PATIENCE: Final = ("grace_minutes", "longest_minutes")
STANDING: Final = tuple(
    field.attname
    for field in Monitor._meta.concrete_fields
    if not field.editable and field.attname not in ("id", "created_at", "updated_at")
)


def save_monitor(actor: Actor, monitor: Monitor) -> None:
    """Save a new one, or a change; what it means for when it is due begins now."""
    with tracked_change(actor, monitor):
        stands = Monitor.objects.select_for_update().filter(pk=monitor.pk).first() if monitor.pk else None
        if stands is None:
            refuse_too_many(monitor.environment_id)
        else:
            for name in STANDING:
                setattr(monitor, name, getattr(stands, name))
            plan_anew(monitor, stands, clock.now())
        monitor.save()
        wake_after_commit(monitor.environment_id)


def refuse_too_many(environment_id: int) -> None:
    """The environment is held, so that two cannot both be the last."""
    Environment.objects.select_for_update(no_key=True).get(pk=environment_id)
    if Monitor.objects.filter(environment_id=environment_id).count() >= MOST:
        raise ValidationError(
            f"An environment has {MOST:,} monitors at most: delete those that are of no use any more."
        )


def plan_anew(monitor: Monitor, before: Monitor, now: datetime) -> None:
    """When it is due by what was changed. One that never checked in is expected when it first does."""
    if monitor.paused:
        if not before.paused:
            steps.expect_nothing(monitor)
        return
    if monitor.checked_at is None:
        return
    if before.paused or monitor.timing != before.timing:
        steps.expect_after(monitor, now)
    elif any(getattr(monitor, name) != getattr(before, name) for name in PATIENCE):
        steps.set_deadline(monitor)  # it is due when it was: what is late now is not let off


def delete_monitor(actor: Actor, monitor: Monitor) -> None:
    """Delete it with its check-ins; its incident is resolved by the next evaluation and stays as history."""
    with tracked_change(actor, monitor):
        monitor.delete()
        wake_after_commit(monitor.environment_id)


def pause_monitor(actor: Actor, monitor: Monitor) -> None:
    """Expect nothing."""
    monitor.paused = True
    save_monitor(actor, monitor)


def resume_monitor(actor: Actor, monitor: Monitor) -> None:
    """Expect it from now on."""
    monitor.paused = False
    save_monitor(actor, monitor)


def rotate_ping(actor: Actor, monitor: Monitor) -> None:
    """A new ping address; the one before works no more."""
    with transaction.atomic(), tracked_change(actor, monitor, verb="rotate", ping_address="new"):
        monitor.ping_id = uuid.uuid4()
        monitor.save(update_fields=["ping_id"])
