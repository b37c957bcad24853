"""What people decide of errors: resolved, open again, ignored. Each decision leaves an access event, and no more news."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction

from diagnostics.core import clock
from diagnostics.models import Environment, ErrorGroup
from diagnostics.privacy.audit import record_event

Actor = AbstractBaseUser | AnonymousUser
MOST: Final = 100  # errors decided of at once
FIELDS: Final = ("resolved_at", "ignored_at", "ignored_until", "awaits_release")


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to hold from now on. `verb` names it in the audit trail."""

    verb: str
    is_resolved: bool = False
    is_ignored: bool = False
    until: datetime | None = None
    awaits_release: bool = False


REOPEN: Final = Decision("reopen")


def resolve_until(*, awaits_release: bool = False) -> Decision:
    """It is over; what comes of it has come back. Where it waits, only what comes in a release that it was not seen with:
    the fix is under way, and what runs until then is known."""
    return Decision("resolve", is_resolved=True, awaits_release=awaits_release)


def ignore_until(until: datetime | None = None, *, awaits_release: bool = False) -> Decision:
    """Nobody is told of it until then, or until it comes in a release that it was not seen with; then it has come back."""
    if until is None and not awaits_release:
        raise ValueError("Say until when it is ignored: for some hours, or until it comes in another release.")
    return Decision("ignore", is_ignored=True, until=until, awaits_release=awaits_release)


def decide(actor: Actor, environment: Environment, fingerprints: Collection[str], decision: Decision) -> int:
    """Decide of errors of one environment, which the caller has checked; of how many it was news. Locked in the order in
    which digests lock, so that neither stops the other."""
    if len(fingerprints) > MOST:
        raise ValueError(f"Choose at most {MOST} errors at once.")
    now = clock.now()
    with transaction.atomic():
        rows = ErrorGroup.objects.filter(environment=environment, fingerprint__in=fingerprints)
        found = list(rows.select_for_update().order_by("fingerprint"))
        return sum(apply(actor, environment, error, decision, now) for error in found)


def apply(actor: Actor, environment: Environment, error: ErrorGroup, decision: Decision, now: datetime) -> bool:
    """Write it down and do it; whether anything changed. What was seen without any release can wait for none."""
    if decision.is_resolved and not error.releases:
        decision = replace(decision, awaits_release=False)
    if stands_so(error, decision):
        return False
    before = values_of(error)
    error.resolved_at = now if decision.is_resolved else None
    error.ignored_at = now if decision.is_ignored else None
    error.ignored_until = decision.until
    error.awaits_release = decision.awaits_release
    error.decided_by_id = actor.pk if decision != REOPEN else None
    if decision != REOPEN:
        error.news = ErrorGroup.News.NONE
    # Its words are no part of the event: an event outlives them.
    record_event(
        actor, f"error.{decision.verb}", f"error {error.fingerprint}", environment, of=error,
        before=before, after=values_of(error),
    )  # fmt: skip
    error.save(update_fields=[*FIELDS, "decided_by", "news"])
    return True


def assign(actor: Actor, error: ErrorGroup, person: User | None) -> bool:
    """It is theirs now (None: nobody's), which says nothing of where it stands; whether that is news. The caller has checked that
    they may respond there."""
    with transaction.atomic():
        found = ErrorGroup.objects.select_for_update(of=("self",)).select_related("assigned_to").get(pk=error.pk)
        if found.assigned_to == person:
            return False
        before = {"assigned_to": found.assigned_to.get_username() if found.assigned_to else None}
        after = {"assigned_to": person.get_username() if person else None}
        subject = f"error {found.fingerprint}"
        record_event(actor, "error.assign", subject, found.environment, of=found, before=before, after=after)
        found.assigned_to = person
        found.save(update_fields=["assigned_to"])
        return True


def stands_so(error: ErrorGroup, decision: Decision) -> bool:
    """Whether it is decided already; a new time to ignore it for always counts."""
    return (
        (error.resolved_at is not None) == decision.is_resolved
        and (error.ignored_at is not None) == decision.is_ignored
        and error.awaits_release == decision.awaits_release
        and error.ignored_until == decision.until
    )


def values_of(error: ErrorGroup) -> dict[str, Any]:
    """What a decision changes, fit for JSON."""
    found = {name: getattr(error, name) for name in FIELDS}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in found.items()}
