"""A small environment with one of everything, made through the product's own ways."""

import uuid
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.contrib.auth.models import Permission
from django.db import transaction

from alerts.as_code.export import RULE_FIELDS
from alerts.as_code.fields import all_values_of
from alerts.backtest.jobs import work_on
from alerts.changes import save_rule
from alerts.evaluation.history import number_of
from alerts.incidents.transitions import Opening, open_incident
from alerts.models import (
    AlertRule,
    Backtest,
    InboxMessage,
    Incident,
    Monitor,
    Notification,
    Outcome,
    Silence,
    Suggestion,
    Target,
)
from alerts.monitors.telling import Report, take_check_in
from alerts.suggestions.decide import limits_of
from alerts.suggestions.found import WEEK
from alerts.suggestions.noise import Noise
from diagnostics.core import clock
from diagnostics.core.permissions import ROLES
from diagnostics.environments import create_environment, grant_role, withdraw_role
from diagnostics.ingest.keys import issue_key
from diagnostics.models import (
    AccessEvent,
    Environment,
    EnvironmentUserGrant,
    ErrorGroup,
    ErrorHour,
    Event,
    IngestKey,
    LogRecord,
    PrivacyJob,
    RestrictedFields,
    SavedView,
    Span,
    Template,
    TemplateHour,
)
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.jobs import request_job
from diagnostics.privacy.subject import Subject
from diagnostics.storage.restricted import seal
from sessions_app.models import Journey, LogSession, Snapshot
from sessions_app.snapshots.freeze import freeze
from tests.factories import NUMBERS, make_user


class World:
    """What most tests want stands at once; the rest is made when it is asked for, as making all of it takes longer than
    most tests. Where nothing may be missing, `make_world` makes everything."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.record, self.span = make_record(environment), make_span(environment)
        self.session = make_session(environment)
        self.journey = make_journey(environment)
        self.rule = AlertRule.objects.create(
            environment=environment, slug="own", name="Own rule", signal=AlertRule.Signal.ERRORS, threshold=10
        )
        self.target = Target.objects.get(environment=environment, kind="inbox")

    @property
    def slug(self) -> str:
        return self.environment.slug

    def furnish(self) -> "World":
        """Everything, and an entry of the audit trail."""
        record_event(None, "test", f"event of {self.slug}", self.environment)
        for name, part in vars(World).items():
            if isinstance(part, cached_property):
                getattr(self, name)
        return self

    @cached_property
    def incident(self) -> Incident:
        title = f"Error spike: shop of {self.slug}"
        return open_incident(Opening(self.rule, "shop", "shop", "", title, "15 errors.", 15, clock.now()))

    @cached_property
    def notification(self) -> Notification:
        """In the product itself, and there it was delivered."""
        notification = Notification.objects.get(incident=self.incident, target=self.target)
        InboxMessage.write(str(notification.pk), f"Inbox title of {self.slug}", "text")
        return notification

    @cached_property
    def silence(self) -> Silence:
        return make_silence(self.environment)

    @cached_property
    def privacy_job(self) -> PrivacyJob:
        return request_job("export", Subject.from_typed(self.environment, "somebody"), None, {})

    @cached_property
    def issued(self) -> tuple[IngestKey, str]:
        return issue_key(self.environment, "first")

    @property
    def key(self) -> IngestKey:
        return self.issued[0]

    @property
    def key_text(self) -> str:
        return self.issued[1]

    @cached_property
    def change(self) -> AccessEvent:
        return make_change(self.rule)

    @cached_property
    def grant(self) -> EnvironmentUserGrant:
        return make_grant(self.environment)

    @cached_property
    def template(self) -> Template:
        return make_template(self.environment)

    @cached_property
    def event(self) -> Event:
        return Event.objects.create(
            environment=self.environment, timestamp=clock.now(), kind=Event.Kind.FLAG, title="new-checkout on"
        )

    @cached_property
    def snapshot(self) -> Snapshot:
        return make_snapshot(self.record)

    @cached_property
    def error(self) -> ErrorGroup:
        return make_error(self.environment, f"{SECRET_TEXT} ({self.slug})")

    @cached_property
    def view(self) -> SavedView:
        """Shared, and without an owner."""
        params = {"q": f"words of {self.slug}"}
        return SavedView.objects.create(
            environment=self.environment, page="logs", name=f"View of {self.slug}", params=params, is_shared=True
        )

    @cached_property
    def monitor(self) -> Monitor:
        return make_monitor(self.environment)

    @cached_property
    def backtest(self) -> Backtest:
        return make_backtest(self.rule)

    @cached_property
    def suggestion(self) -> Suggestion:
        _ = self.incident
        return make_suggestion(self.rule)

    @cached_property
    def accepted(self) -> Suggestion:
        return make_accepted(self.rule)


SECRET_TEXT = "the body that only some may read"


def begin_world(slug: str, kind: str = Environment.Kind.PRODUCTION) -> World:
    """One to which more is added as it is asked for."""
    return World(create_environment(slug, kind=kind))


def make_world(slug: str, kind: str = Environment.Kind.PRODUCTION) -> World:
    """One with one of everything, to look for what must not be found."""
    return begin_world(slug, kind).furnish()


def make_monitor(environment: Environment) -> Monitor:
    """A job that has failed, and said something."""
    monitor = Monitor.objects.create(
        environment=environment, slug="nightly-backup", name=f"Backup of {environment.slug}", schedule="1d"
    )
    take_check_in(monitor.pk, Report(Outcome.FAILED, 1, f"{SECRET_TEXT} ({environment.slug})"))
    monitor.refresh_from_db()
    return monitor


def make_backtest(rule: AlertRule) -> Backtest:
    """A trial over ten minutes in which nothing happened, finished."""
    until = number_of(clock.now())
    backtest = Backtest.objects.create(
        environment=rule.environment, rule=rule, values={"slug": rule.slug, **all_values_of(rule, RULE_FIELDS)}, days=7,
        since=until - 10, reached=until - 10, until=until, requested_at=clock.now(),
    )  # fmt: skip
    work_on(str(backtest.pk))
    backtest.refresh_from_db()
    return backtest


def make_suggestion(rule: AlertRule) -> Suggestion:
    """Muting the rule, as a look at its week would propose it."""
    now = clock.now()
    noise = Noise(rule, number_of(now) - WEEK, list(rule.incidents.all()))
    return Suggestion.objects.create(
        environment=rule.environment, kind=Suggestion.Kind.MUTE, rule=rule, fingerprint="f" * 64, change={"span": "week"},
        evidence=noise.tell(), weight=1, created_at=now, seen_at=now,
    )  # fmt: skip


def make_accepted(rule: AlertRule) -> Suggestion:
    """Another limit that somebody accepted, and that can be undone."""
    now, limits = clock.now(), limits_of(rule)
    return Suggestion.objects.create(
        environment=rule.environment, kind=Suggestion.Kind.RETUNE, rule=rule, fingerprint="e" * 64, outcome=rule,
        state=Suggestion.State.ACCEPTED, change={"before": limits, "after": limits}, created_at=now, seen_at=now,
        decided_at=now,
    )  # fmt: skip


def make_change(rule: AlertRule) -> AccessEvent:
    """A change of the rule, that can be put back."""
    rule.keep_firing_seconds = 180
    save_rule(None, rule)
    return AccessEvent.objects.filter(action="rule.change", environment=rule.environment).latest("id")


def make_grant(environment: Environment) -> EnvironmentUserGrant:
    """A single permission of somebody whom the matrix does not ask about."""
    permission = Permission.objects.get(codename="view_logs", content_type__model="environment")
    return EnvironmentUserGrant.objects.create(user=make_user(), permission=permission, content_object=environment)


def make_record(environment: Environment, **fields: Any) -> LogRecord:
    now = clock.now()
    values = {
        "id": next(NUMBERS) + 10**12, "environment_id": environment.pk, "timestamp": now, "observed_timestamp": now,
        "severity_number": 17, "service_name": "shop", "body": f"{SECRET_TEXT} ({environment.slug})",
        "session_id": "s-1", "trace_id": uuid.uuid4(), "has_restricted": True, "batch_id": 1,
    }  # fmt: skip
    record = LogRecord.objects.create(**{**values, **fields})
    if record.has_restricted:
        sealed = seal(
            {"exception.stacktrace": "Traceback: secret frame", "form.iban": "restricted value"}, environment.pk
        )
        RestrictedFields.objects.create(
            id=record.pk, environment_id=environment.pk, timestamp=record.timestamp, ciphertext=sealed
        )
    return record


def make_span(environment: Environment, **fields: Any) -> Span:
    values = {
        "id": next(NUMBERS) + 10**12, "environment_id": environment.pk, "timestamp": clock.now(), "trace_id": uuid.uuid4(),
        "span_id": "1" * 16, "name": f"GET /span-of-{environment.slug}", "kind": 2, "duration_ns": 5_000_000,
        "service_name": "shop", "session_id": "s-1", "batch_id": 1,
    }  # fmt: skip
    return Span.objects.create(**{**values, **fields})


def make_session(environment: Environment, **fields: Any) -> LogSession:
    now = clock.now()
    values = {
        "session_id": "s-1", "started_at": now - timedelta(minutes=5), "last_seen_at": now, "records": 1, "errors": 1,
        "services": ["shop"],
    }  # fmt: skip
    return LogSession.objects.create(environment=environment, **{**values, **fields})


def make_journey(environment: Environment, **fields: Any) -> Journey:
    """Of one session, two steps long."""
    now = clock.now()
    began, now_us = now - timedelta(minutes=5), clock.to_ns(now) // 1000
    values = {
        "journey_id": "j-1", "started_at": began, "last_seen_at": now, "records": 1, "errors": 1, "failed": True,
        "services": ["shop"], "session_ids": ["s-1"],
        "steps": {"POST /cart": [0, clock.to_ns(began) // 1000], "POST /pay": [0, now_us]},
        "last_step": [1, now_us, "POST /pay"],
    }  # fmt: skip
    return Journey.objects.create(environment=environment, **{**values, **fields})


def make_snapshot(record: LogRecord, reason: Snapshot.Reason = Snapshot.Reason.CRASH, **how: Any) -> Snapshot:
    """Of a record, as the product takes it by itself."""
    with transaction.atomic():
        return freeze(Environment.objects.get(pk=record.environment_id), record, reason, **how)


def make_template(environment: Environment, text: str = "", records: int = 1, **fields: Any) -> Template:
    """A pattern, with its records in the present minute."""
    minute = clock.floor_minute(clock.now())
    hour = minute.replace(minute=0)
    values = {
        "template_id": next(NUMBERS) + 10**15, "text": text or f"{SECRET_TEXT} <*> ({environment.slug})",
        "service_name": "shop", "severity_number": 17, "records": records, "first_seen": minute, "last_seen": minute,
        "created_at": minute, "changed_at": minute,
    }  # fmt: skip
    template = Template.objects.create(environment=environment, **{**values, **fields})
    minutes = [0] * 60
    minutes[minute.minute] = records
    TemplateHour.objects.create(
        environment=environment, template_id=template.template_id, hour=hour, minutes=minutes, total=records
    )
    return template


def make_error(
    environment: Environment, title: str = "payment * failed", records: int = 1, **fields: Any
) -> ErrorGroup:
    """An error, with its records in the minute in which it was last seen."""
    now = clock.now()
    values = {
        "fingerprint": f"{next(NUMBERS):016x}", "service_name": "shop", "error_type": "", "records": records, "first_seen": now,
        "last_seen": now, "noticed_at": now, "release": "1.0", "first_release": "1.0", "releases": ["1.0"],
    }  # fmt: skip
    error = ErrorGroup.objects.create(environment=environment, title=title, **{**values, **fields})
    if records:
        count_error(error, error.last_seen, records)
    return error


def count_error(error: ErrorGroup, at: datetime, records: int = 1) -> None:
    """Records of an error in a minute of an hour that has none yet."""
    minutes = [0] * 60
    minutes[at.minute] = records
    hour = at.replace(minute=0, second=0, microsecond=0)
    ErrorHour.objects.create(environment=error.environment, error=error, hour=hour, minutes=minutes, total=records)


def make_silence(environment: Environment) -> Silence:
    now = clock.now()
    return Silence.objects.create(
        environment=environment, starts_at=now - timedelta(hours=2), ends_at=now - timedelta(hours=1), reason="over"
    )


def make_people(world: World, other: World) -> dict[str, Any]:
    """Everybody whom the matrix asks about."""
    people: dict[str, Any] = {"anonymous": None, "stranger": make_user()}
    for role in ROLES:
        people[role] = make_user()
        grant_role(people[role], world.environment, role)
    people["neighbour"] = make_user()
    for role in ROLES:
        grant_role(people["neighbour"], other.environment, role)
    people["expired"] = make_user()
    people["revoked"] = make_user()
    for role in ROLES:
        grant_role(people["expired"], world.environment, role, clock.now() + timedelta(minutes=1))
        grant_role(people["revoked"], world.environment, role)
        withdraw_role(people["revoked"], world.environment, role)
    expired = EnvironmentUserGrant.objects.filter(user=people["expired"])
    expired.update(expires_at=clock.now() - timedelta(seconds=1))  # and not swept away yet
    people["inactive"] = make_user()
    grant_role(people["inactive"], world.environment, "environment-admin")
    people["inactive"].is_active = False
    people["inactive"].save()
    people["superuser"] = make_user(is_superuser=True)
    return people
