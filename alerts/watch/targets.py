"""Targets that died: told to the other targets of their environment, whose owners are the ones to mend it."""

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from alerts.models import Target
from alerts.watch.finding import Finding

FAILING_FOR: Final = timedelta(minutes=5)
NAMED: Final = 5


def find_dead_targets(now: datetime) -> list[Finding]:
    """One each, and one for the operators who look after all."""
    failing = Q(enabled=True, failing_since__lt=now - FAILING_FOR)
    dead = Q(enabled=False) & ~Q(disabled_reason="")
    rows = list(Target.objects.filter(failing | dead).select_related("environment").order_by("pk"))
    found = [finding_of(target) for target in rows]
    if rows:
        names = ", ".join(f"{row.name} ({row.environment.slug})" for row in rows[:NAMED])
        more = f" and {len(rows) - NAMED} more" if len(rows) > NAMED else ""
        found.append(Finding("targets", "Targets cannot be reached", f"{len(rows)} of them: {names}{more}."))
    return found


def finding_of(target: Target) -> Finding:
    """In words."""
    if target.enabled:
        summary = f"Nothing could be delivered to {target.name} since {target.failing_since:%Y-%m-%d %H:%M} UTC."
    else:
        summary = f"{target.name} was switched off: {target.disabled_reason}. Mend it and switch it on again."
    return Finding(
        f"target {target.pk}",
        f"Target {target.name} cannot be reached",
        summary,
        environment_id=target.environment_id,
        about_target=target.pk,
    )
