"""Alert rules: what is watched, when it is wrong, and who is told."""

from functools import lru_cache
from typing import ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from alerts.models.private import find_private
from alerts.models.sense import find_problems
from diagnostics.models import Environment


class Severity(models.TextChoices):
    """How bad it is, in PagerDuty's words; from worst to mildest."""

    CRITICAL = "critical", "Critical"
    ERROR = "error", "Error"
    WARNING = "warning", "Warning"
    INFO = "info", "Info"


RANKS: Final = {severity: rank for rank, severity in enumerate(reversed(Severity.values))}  # the worst is the highest


@lru_cache(maxsize=1_000)
def split_names(text: str) -> frozenset[str]:
    """Names with commas between them."""
    return frozenset(filter(None, (name.strip() for name in text.split(","))))


class AlertRule(models.Model):
    """One rule of one environment, read from minute sums; each service (or route, or release) is a series of its own."""

    class Signal(models.TextChoices):
        ERRORS = "errors", "Error records"
        FATALS = "fatals", "Fatal records"
        RECORDS = "records", "Records of any level"
        WARNINGS = "warnings", "Records of level warn and worse"
        MATCHES = "matches", "Records that match"
        TEMPLATE_RECORDS = "template_records", "Records of a message pattern"
        FAILURES = "failures", "Failed requests"
        TIMEOUTS = "timeouts", "Timeouts"
        STATUS_5XX = "status_5xx", "5xx responses"
        STATUS_4XX = "status_4xx", "4xx responses"
        REQUESTS = "requests", "Requests"
        LATENCY_P50 = "latency_p50", "Response time, median (ms)"
        LATENCY_P95 = "latency_p95", "Response time, p95 (ms)"
        LATENCY_P99 = "latency_p99", "Response time, p99 (ms)"
        NEW_ERRORS = "new_errors", "Errors never seen before"
        REGRESSIONS = "regressions", "Errors that came back"
        NEW_TEMPLATES = "new_templates", "Message patterns never seen before"
        CHECK_INS = "check_ins", "Check-ins of monitors"

    class Condition(models.TextChoices):
        THRESHOLD = "threshold", "is at least a fixed value"
        BELOW = "below", "is below a fixed value"
        SHARE = "share", "is at least a share"
        CHANGE = "change", "is at least so many times what it was (below 1: at most)"
        BASELINE = "baseline", "is unlike what this series usually does"
        ABSENCE = "absence", "has stopped, though it used to come"
        FIRST_SEEN = "first_seen", "is seen"
        MISSED = "missed", "fail, or do not come on time"

    class GroupBy(models.TextChoices):
        SERVICE = "service", "each service"
        ROUTE = "route", "each service and route"
        RELEASE = "release", "each service and release"
        NOTHING = "nothing", "the environment as a whole"

    class Compare(models.TextChoices):
        USUAL = "usual", "the median of the last two hours"
        PREVIOUS = "previous", "the window before"
        YESTERDAY = "yesterday", "the same time yesterday"
        LAST_WEEK = "last_week", "the same time a week ago"

    class Level(models.TextChoices):
        """Bands of severity, as records have them."""

        TRACE = "trace", "any level"
        DEBUG = "debug", "debug and worse"
        INFO = "info", "info and worse"
        WARN = "warn", "warn and worse"
        ERROR = "error", "error and worse"
        FATAL = "fatal", "fatal"

    class Health(models.TextChoices):
        OK = "ok", "Evaluated"
        NO_DATA = "no_data", "No data"
        ERROR = "error", "Cannot be evaluated"

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="alert_rules")
    slug = models.SlugField(max_length=60, help_text="Stable name, used in addresses and exports.")
    name = models.CharField(max_length=120)
    enabled = models.BooleanField(default=True)
    builtin = models.BooleanField(default=False, editable=False)
    signal = models.CharField(max_length=20, choices=Signal)
    query = models.CharField(
        max_length=1000,
        blank=True,
        help_text='For "records that match": a query line, such as: payment failed level:error service:checkout',
    )
    pattern = models.CharField(
        max_length=500,
        blank=True,
        help_text='For "records that match": a regular expression (RE2) that the text must contain.',
    )
    template = models.CharField(
        max_length=16,
        blank=True,
        help_text='For "records of a message pattern": its id, from its page under Patterns; empty: every pattern by itself.',
    )
    level = models.CharField(
        max_length=5,
        choices=Level,
        blank=True,
        help_text="For message patterns: only those whose worst record is of this level; empty: any level, "
        "and of patterns never seen before warn and worse.",
    )
    condition = models.CharField(max_length=12, choices=Condition, default=Condition.THRESHOLD)
    compare_to = models.CharField(
        max_length=10, choices=Compare, default=Compare.USUAL, help_text="For a change: what it is compared with."
    )
    group_by = models.CharField(max_length=10, choices=GroupBy, default=GroupBy.SERVICE)
    service_name = models.CharField(max_length=200, blank=True, help_text="Only this service; empty: all.")
    except_services = models.CharField(
        max_length=2000,
        blank=True,
        help_text="Not these services, with commas between them: those that have a rule of their own, say.",
    )
    window_minutes = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(1440)], help_text="Minutes looked at."
    )
    threshold = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(0)],
        help_text=(
            "Count or milliseconds; for a share, a fraction (0.05 is 5%); for a change, a factor; for a baseline, "
            "the score from 0 to 1 (0.5 shows much, 0.6 only what is plain)."
        ),
    )
    recover_threshold = models.FloatField(
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Recovers on the other side of this; empty: the threshold.",
    )
    minimum_count = models.PositiveIntegerField(
        default=1, help_text="Never fires on fewer of the signal's events than this (low traffic lies)."
    )
    minimum_sample = models.PositiveIntegerField(
        default=0, help_text="For a share: never fires on fewer requests (or records) than this."
    )
    for_seconds = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(86_400)],
        help_text="Seconds that it must last before it fires: 0 at once, 300 ignores what is over within 5 minutes.",
    )
    keep_firing_seconds = models.PositiveIntegerField(
        default=120,
        validators=[MaxValueValidator(86_400)],
        help_text="Seconds that it must look well before it is over, so that one incident does not become ten.",
    )
    minimum_firing_seconds = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(86_400)],
        help_text="Seconds that it fires at least, however soon it looks well.",
    )
    cooldown_seconds = models.PositiveIntegerField(
        default=0,
        validators=[MaxValueValidator(86_400)],
        help_text="After it told a target, it does not tell it of another incident for this long, but of a worse one.",
    )
    severity = models.CharField(max_length=10, choices=Severity, default=Severity.ERROR)
    targets = models.ManyToManyField(
        "alerts.Target",
        blank=True,
        related_name="rules",
        help_text="Empty: all enabled targets of the environment.",
    )
    runbook_url = models.URLField(blank=True)
    muted_until = models.DateTimeField(null=True, blank=True)
    mute_reason = models.CharField(max_length=200, blank=True)
    health = models.CharField(max_length=8, choices=Health, default=Health.OK, editable=False)
    health_note = models.CharField(max_length=200, blank=True, editable=False)
    health_since = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["environment", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["environment", "slug"], name="rule_slug"),
        ]

    def __str__(self) -> str:
        return self.name

    def leaves_out(self, service_name: str) -> bool:
        """Whether the rule does not look at this service."""
        if self.service_name:
            return service_name != self.service_name
        return bool(self.except_services) and service_name in split_names(self.except_services)

    def clean(self) -> None:
        """A rule that makes no sense is refused, with the way out, and one that is given private words."""
        if problems := find_problems(self) or self.find_new_private():
            raise ValidationError(problems)

    def find_new_private(self) -> dict[str, str]:
        """Private words that are new: what stands in a rule already stays until it is changed."""
        found = find_private(self)
        stored = AlertRule.objects.filter(pk=self.pk).first() if found and self.pk else None
        return {name: text for name, text in found.items() if getattr(stored, name, None) != getattr(self, name)}


class RuleState(models.Model):
    """Where one series of a rule stands."""

    class State(models.TextChoices):
        OK = "ok", "OK"
        PENDING = "pending", "Pending"
        FIRING = "firing", "Firing"
        RESOLVED = "resolved", "Resolved"
        NO_DATA = "no_data", "No data"

    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="states")
    series = models.CharField(max_length=610)  # "service", "service route" ...; empty: the whole environment
    state = models.CharField(max_length=10, choices=State, default=State.OK)
    since = models.DateTimeField()
    healthy_since = models.DateTimeField(null=True)  # first moment of looking well while firing
    value = models.FloatField(null=True)
    usual = models.FloatField(null=True)  # what it fired against: it stays that while it fires
    incident = models.ForeignKey("alerts.Incident", null=True, on_delete=models.SET_NULL, related_name="+")
    evaluated_at = models.DateTimeField()
    # The last windows that it fired for, as [first, last] minute since 1970: late records never fire for them again.
    fired = models.JSONField(default=list)

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.UniqueConstraint(fields=["rule", "series"], name="rule_state_series")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.series}: {self.state}"
