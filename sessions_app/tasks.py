"""What django-q2 runs for sessions. Without arguments: the rows say what is to be done."""

from sessions_app.snapshots.take import take_due


def snapshots_task() -> None:
    """Snapshots are due."""
    take_due()


def sweep() -> None:
    """Each minute: what no bell announced."""
    take_due()
