"""What runs by the clock. Schedules are rows of django-q2; this list is their only source."""

from typing import Final

from django_q.models import Schedule

# (name, task, kind): those of the minute find for themselves what there is to do.
SCHEDULES: Final = (
    ("Sweep: digest, partitions, retention", "diagnostics.tasks.sweep", Schedule.MINUTES),
    ("Sweep: evaluation and delivery", "alerts.tasks.sweep", Schedule.MINUTES),
    ("Sweep: snapshots", "sessions_app.tasks.sweep", Schedule.MINUTES),
    ("Suggestions: what the last week says about rules", "alerts.tasks.suggest", Schedule.DAILY),
)


def ensure_schedules() -> None:
    """Make the rows say what the list says."""
    for name, task, kind in SCHEDULES:
        Schedule.objects.update_or_create(
            name=name, defaults={"func": task, "schedule_type": kind, "minutes": 1, "repeats": -1}
        )
    Schedule.objects.exclude(name__in=[name for name, _, _ in SCHEDULES]).delete()
