"""Sessions: what one user did in one sitting, folded from the batches of records and spans."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from django.db import models

from diagnostics.models import Environment

STILL_ON: Final = timedelta(minutes=5)  # a sign of life within this: more may come


class LogSession(models.Model):
    """The sums of one session id in one environment; its records are found by that id."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="log_sessions", db_index=False)
    session_id = models.CharField(max_length=200)
    user_key = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    records = models.PositiveIntegerField(default=0)
    spans = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    crashed = models.BooleanField(default=False)  # a fatal record was seen
    services = models.JSONField(default=list)
    release = models.CharField(max_length=200, blank=True)  # the last that a record named
    releases = models.JSONField(default=dict, db_default={})  # that it touched, see sessions_app.touched
    geo_country = models.CharField(max_length=2, blank=True)
    geo_region = models.CharField(max_length=100, blank=True)
    device_type = models.CharField(max_length=50, blank=True)
    browser = models.CharField(max_length=100, blank=True)
    os = models.CharField(max_length=100, blank=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-last_seen_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "session_id"], name="session_in_environment")
        ]
        indexes: ClassVar = [
            models.Index(fields=["environment", "-last_seen_at"], name="session_newest"),
            models.Index(fields=["environment", "user_key", "-last_seen_at"], name="session_of_user"),
        ]

    def __str__(self) -> str:
        return self.session_id

    @property
    def lasted(self) -> timedelta:
        """From its first to its last sign of life."""
        return self.last_seen_at - self.started_at

    def is_on(self, now: datetime) -> bool:
        """Whether more of it may come."""
        return self.last_seen_at > now - STILL_ON

    @property
    def state(self) -> str:
        """crashed, errors or ok."""
        if self.crashed:
            return "crashed"
        return "errors" if self.errors else "ok"

    @property
    def named_releases(self) -> list[dict[str, Any]]:
        """Those that it touched: service, release, and `errors` and `crashed` where it met them in it."""
        return [
            {"service": service, "release": release, **state}
            for service, releases in self.releases.items()
            for release, state in releases.items()
            if release
        ]

    @property
    def place(self) -> str:
        """Where it came from, as far as that is kept."""
        return " ".join(filter(None, (self.geo_country, self.geo_region)))

    @property
    def client(self) -> str:
        """Device, browser and system."""
        return " · ".join(filter(None, (self.device_type, self.browser, self.os)))
