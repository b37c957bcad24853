"""django-q2: the bell, never the record. Tasks carry ids only; the rows they claim are the truth."""

from project.settings.env import read_int

__all__ = ["Q_CLUSTER"]

Q_CLUSTER = {
    "name": "diagnostics",
    # The ORM broker: the task row survives a killed worker; the Redis broker would lose it.
    "orm": "default",
    "workers": read_int("QUEUE_WORKERS", 2, low=1, high=64),
    "recycle": 5000,
    "timeout": 60,
    # A task is offered again when its receipt is older than this: more than twice the timeout, so that a task
    # that only waited in a worker's memory is not run twice for that reason alone.
    "retry": 150,
    "max_attempts": 5,
    "ack_failures": True,
    # After an outage a schedule runs once, not once for each slot missed: the sweep finds all there is.
    "catch_up": False,
    "queue_limit": 20,
    "bulk": 1,
    "poll": 0.1,
    "save_limit": -1,  # successes are not kept: the rows they worked on say what happened
    "label": "Task queue",
    "scheduler": True,
}
