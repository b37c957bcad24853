"""Journeys: what the operator calls one undertaking (an order, a checkout, a job), over sessions, services and users."""

from datetime import timedelta
from typing import ClassVar, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from diagnostics.models import Environment
from diagnostics.pipeline.journey_parts import NAMED, SESSIONS_KEPT

PATH_SHOWN: Final = 6  # steps of a path in a list; the others are counted


class Journey(models.Model):
    """The sums of one journey id in one environment; its records are found by that id."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="journeys", db_index=False)
    journey_id = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)  # when it first came to what the operator says ends one well
    records = models.PositiveIntegerField(default=0)
    spans = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    failed = models.BooleanField(default=False)  # an error was seen, or a request that came to nothing
    crashed = models.BooleanField(default=False)  # a fatal record was seen
    services = ArrayField(models.TextField(), default=list)
    session_ids = ArrayField(models.TextField(), default=list)  # the last of them
    user_keys = ArrayField(models.TextField(), default=list)  # likewise
    steps = models.JSONField(default=dict)  # {name: [rank, first microsecond]}
    last_step = models.JSONField(default=list)  # [1 where it has a name, microsecond, name]
    release = models.CharField(max_length=200, blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-last_seen_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "journey_id"], name="journey_in_environment")
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "-last_seen_at"], name="journey_newest"),
            GinIndex(fields=["user_keys", "session_ids"], name="journey_of_people"),
        ]

    def __str__(self) -> str:
        return self.journey_id

    @property
    def lasted(self) -> timedelta:
        """From its first to its last sign of life."""
        return self.last_seen_at - self.started_at

    @property
    def took(self) -> timedelta | None:
        """Until it ended well, where it did."""
        return None if self.completed_at is None else max(self.completed_at - self.started_at, timedelta(0))

    @property
    def has_more_sessions(self) -> bool:
        """Whether earlier ones may have been let go."""
        return len(self.session_ids) == SESSIONS_KEPT

    @property
    def state(self) -> str:
        """crashed, errors or ok."""
        if self.crashed:
            return "crashed"
        return "errors" if self.failed else "ok"

    @property
    def user_key(self) -> str:
        """The one who was on it; empty where nobody is known, or several are."""
        return self.user_keys[0] if len(self.user_keys) == 1 else ""

    @property
    def path(self) -> list[str]:
        """The names of its steps, in the order in which they first came; what texts say only where nothing has a name."""
        named = [name for name, (rank, _) in self.steps.items() if rank == NAMED] or list(self.steps)
        return sorted(named, key=lambda name: self.steps[name][1])

    @property
    def first_step(self) -> str:
        """Where it began, as far as steps say."""
        return next(iter(self.path), "")

    @property
    def ended_with(self) -> str:
        """The last step's name."""
        return str(self.last_step[2]) if self.last_step else ""

    @property
    def short_path(self) -> list[str]:
        """The path as a list has room for it: its beginning, how many are left out, where it is now."""
        path, last = self.path, self.ended_with
        if last and last not in path:
            path = [*path, "…", last]
        if len(path) <= PATH_SHOWN:
            return path
        return [*path[: PATH_SHOWN - 2], f"… {len(path) - PATH_SHOWN + 1} more", path[-1]]
