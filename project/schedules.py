"""What runs by the clock. Schedules are rows of django-q2; this list is their only source."""

from typing import Final

from django_q.models import Schedule

# (name, task): each runs every minute and finds for itself what there is to do.
SCHEDULES: Final = (
    ("Sweep: digest, partitions, retention", "diagnostics.tasks.sweep"),
    ("Sweep: evaluation and delivery", "alerts.tasks.sweep"),
)


def ensure_schedules() -> None:
    """Make the rows say what the list says."""
    for name, task in SCHEDULES:
        Schedule.objects.update_or_create(
            name=name, defaults={"func": task, "schedule_type": Schedule.MINUTES, "minutes": 1, "repeats": -1}
        )
    Schedule.objects.exclude(name__in=[name for name, _ in SCHEDULES]).delete()
