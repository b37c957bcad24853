"""Deploys, flags and changes of configuration that somebody tells of: what explains a change of the charts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from diagnostics.core import clock
from diagnostics.core.record import Parsed, Record
from diagnostics.models import Environment, Event, MinuteRollup
from diagnostics.pipeline.context import NO_CLIENT, EnvironmentContext
from diagnostics.pipeline.run import process

AGAIN: Final = timedelta(minutes=5)  # the same told again within this is the same
SEEN_EARLIER: Final = timedelta(hours=1)  # a deploy may be seen in records before the script that deploys tells of it
EXPIRED_AT_ONCE: Final = 1_000
IN_USE: Final = timedelta(days=7)  # a release that records named within this


@dataclass(frozen=True, slots=True)
class Told:
    """What was sent. A deploy names its release; the others have a title."""

    kind: str
    title: str
    service: str
    release: str
    timestamp: datetime


def note_event(context: EnvironmentContext, told: Told) -> tuple[Event, bool]:
    """Store it, redacted as a record is; (event, whether it is a new one)."""
    clean = cleaned(context, told)
    title = clean.title or f"{clean.service or 'service'} deployed {clean.release}"
    fields = {"kind": clean.kind, "service_name": clean.service[:200], "release": clean.release[:200]}
    with transaction.atomic():
        Environment.objects.select_for_update(no_key=True).get(pk=context.id)  # one at a time, so that 'again' is seen
        rows = Event.objects.filter(environment_id=context.id, **fields)
        again = rows.filter(is_sent=True, title=title[:300], timestamp__range=around(clean.timestamp, AGAIN)).first()
        if again is not None:
            return again, False
        seen = rows.filter(
            is_sent=False, kind=Event.Kind.DEPLOY, timestamp__range=around(clean.timestamp, SEEN_EARLIER)
        )
        event = seen.changes().first() or Event(environment_id=context.id, **fields)
        event.title, event.timestamp, event.is_sent = title[:300], clean.timestamp, True
        event.save()
    return event, True


def cleaned(context: EnvironmentContext, told: Told) -> Told:
    """By the way of every record: a title may hold what is private."""
    at_ns = clock.to_ns(told.timestamp)
    record = Record(at_ns, at_ns, body=told.title, service_name=told.service, release=told.release)
    found = process(Parsed(records=[record]), context, NO_CLIENT).records[0]
    return Told(told.kind, found.body, found.service_name, found.release, told.timestamp)


def around(moment: datetime, span: timedelta) -> tuple[datetime, datetime]:
    """Before and after."""
    return moment - span, moment + span


def expire_events(environment: Environment, before: datetime) -> bool:
    """Forget what was told before then, so many at a time; whether there may be more. Deploys that were derived stay, and
    those of releases in use become such: a release that is still in use would be taken for a new one."""
    rows = Event.objects.filter(environment=environment, is_sent=True, timestamp__lt=before)
    old = list(rows[:EXPIRED_AT_ONCE])
    Event.objects.filter(pk__in=[event.pk for event in old]).delete()
    keep_known(environment, [event for event in old if event.kind == Event.Kind.DEPLOY])
    return len(old) == EXPIRED_AT_ONCE


def keep_known(environment: Environment, deploys: Sequence[Event]) -> None:
    """Of deploys that were told of and are forgotten, what the digest would have derived; nothing of their words."""
    if not deploys:
        return
    told = {(event.service_name, event.release): event.timestamp for event in deploys}
    services, releases = ({key[part] for key in told} for part in (0, 1))
    seen = MinuteRollup.objects.filter(
        environment=environment, minute__gte=clock.now() - IN_USE, service_name__in=services, release__in=releases
    )
    found = [
        Event(
            environment=environment,
            kind=Event.Kind.DEPLOY,
            service_name=service,
            release=release,
            timestamp=told[service, release],
            title=f"{service or 'service'} deployed {release}"[:300],
        )
        for service, release in seen.order_by().values_list("service_name", "release").distinct()
        if (service, release) in told
    ]
    Event.objects.bulk_create(found, ignore_conflicts=True)
