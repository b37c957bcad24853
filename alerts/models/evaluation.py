"""What evaluation keeps beside the states of series: matches, and which older minutes have changed."""

from typing import ClassVar

from django.db import models

from alerts.models.rule import AlertRule
from diagnostics.models import Environment


class MatchCount(models.Model):
    """Records of one minute that matched a rule, by service, route and release."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    # Without a constraint of the database: a digest must not fail because a rule is deleted just now.
    rule = models.ForeignKey(
        AlertRule, on_delete=models.CASCADE, related_name="matches", db_index=False, db_constraint=False
    )
    minute = models.DateTimeField()
    service_name = models.TextField(default="")
    http_route = models.TextField(default="")
    release = models.TextField(default="")
    count = models.IntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "minute", "service_name", "http_route", "release"], name="match_count_minute"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["environment", "minute"], name="match_count_time")]


class LateMinute(models.Model):
    """A minute that was over when records for it came in: its windows are looked at again, once."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    minute = models.DateTimeField()
    service_name = models.TextField(default="")
    noted_at = models.DateTimeField()
    evaluated_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "minute", "service_name"], name="late_minute_once")
        ]
        indexes: ClassVar = [models.Index(fields=["environment", "noted_at"], name="late_minute_noted")]


class EvaluationMark(models.Model):
    """When an environment was looked at.

    rests_until: what comes before waits, however urgent, but for the sweep.
    resumed_at: the first evaluation after a time without any, when the product was down.
    """

    environment = models.OneToOneField(Environment, on_delete=models.CASCADE, primary_key=True)
    evaluated_at = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()


class BaselineState(models.Model):
    """What a baseline detector knows of one series, to go on after a restart. Compact: at most 8 KiB."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, db_index=False)
    group_by = models.CharField(max_length=10)
    column = models.CharField(max_length=40)  # the signal, or the matches of one rule
    service_name = models.TextField(default="")
    http_route = models.TextField(default="")
    release = models.TextField(default="")
    template = models.TextField(default="")
    state = models.BinaryField()
    through = models.IntegerField()  # the last minute since 1970 that it was fed
    updated_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["environment", "group_by", "column", "service_name", "http_route", "release", "template"],
                name="baseline_state_series",
            )
        ]
