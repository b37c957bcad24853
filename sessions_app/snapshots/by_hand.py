"""Snapshots that people keep, and take away: acts that are written down."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final

from django.db import transaction

from diagnostics.core import clock, severity
from diagnostics.core.access import Person, held_perms
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.audit import record_event
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.record import record_at
from diagnostics.storage.turns import Turn, take_turn
from sessions_app.models import LogSession, Snapshot
from sessions_app.scope import scope_of_session
from sessions_app.snapshots.due import HOUR
from sessions_app.snapshots.freeze import ErasureUnderWayError, freeze
from sessions_app.timeline import find_here

MOST_AN_HOUR: Final = 60  # of an environment
AGAIN: Final = timedelta(minutes=1)  # the same record by the same person within this is a button pressed twice


class NotPossibleError(Exception):
    """Why nothing was kept, in words."""


def find_chosen(environment: Environment, held: Collection[Perm], named: Mapping[str, str]) -> LogRecord | None:
    """The record of which something is kept: `record`, a reference, or where one is (`at`) in `session`. None where it is gone,
    or not for who holds these permissions: a record of no session is a matter of logs."""
    if named.get("session"):
        record = find_in_session(environment, named["session"], named.get("at", ""))
    else:
        record = record_at(LogRecord.objects.filter(environment_id=environment.pk), named.get("record", ""))
    if record is None or Perm.VIEW_SESSIONS not in held:
        return None
    return record if record.session_id or Perm.VIEW_LOGS in held else None


def find_in_session(environment: Environment, session_id: str, at: str = "") -> LogRecord | None:
    """Where one is in a session; else its last error, else its last record."""
    session = LogSession.objects.filter(environment=environment, session_id=session_id).first()
    if session is None:
        return None
    scope = scope_of_session(session)
    newest = LogRecord.objects.filter(scope.rows).order_by(*LogRecord.NEWEST_FIRST)
    return find_here(scope, at) or newest.filter(severity_number__gte=severity.ERROR).first() or newest.first()


def keep_snapshot(person: Person, environment: Environment, record: LogRecord, note: str = "") -> Snapshot:
    """Freeze what led to the record, now. NotPossibleError says why not."""
    if not environment.snapshots_enabled:
        raise NotPossibleError(f"Snapshots are switched off in {environment.name}: Admin, Environments.")
    try:
        with search_limits():
            take_turn(Turn.SNAPSHOTS, environment.pk)  # so that a button pressed twice keeps one
            return kept_just_now(person, environment, record) or keep_new(person, environment, record, note)
    except ErasureUnderWayError:
        raise NotPossibleError("A person's records are being erased here: try again in a minute.") from None
    except SearchTooSlowError:
        raise NotPossibleError("Reading what led to it took too long: try again in a moment.") from None


def kept_just_now(person: Person, environment: Environment, record: LogRecord) -> Snapshot | None:
    """The same one, by the same person."""
    rows = Snapshot.objects.filter(environment=environment, reason=Snapshot.Reason.BY_HAND, record=record.reference)
    return rows.filter(taken_by_id=person.pk, taken_at__gt=clock.now() - AGAIN).first()


def keep_new(person: Person, environment: Environment, record: LogRecord, note: str) -> Snapshot:
    """One more, unless there are too many."""
    kept = Snapshot.objects.filter(environment=environment, reason=Snapshot.Reason.BY_HAND)
    if kept.filter(taken_at__gt=clock.now() - HOUR).count() >= MOST_AN_HOUR:
        raise NotPossibleError(f"{MOST_AN_HOUR} snapshots were kept here within the hour: that is the most. Try later.")
    snapshot = freeze(environment, record, Snapshot.Reason.BY_HAND, note=note, person=person)
    tell(person, "snapshot.take", snapshot, digest=snapshot.digest)
    return snapshot


def may_delete(person: Person, snapshot: Snapshot) -> bool:
    """Who runs the environment deletes any; who kept one themselves deletes that."""
    held = held_perms(person, snapshot.environment)
    is_own = snapshot.taken_by_id is not None and snapshot.taken_by_id == person.pk
    return Perm.MANAGE_ENVIRONMENT in held or (is_own and Perm.TAKE_SNAPSHOTS in held)


@transaction.atomic
def delete_snapshot(person: Person, snapshot: Snapshot) -> None:
    """For good; that it was there stays written down."""
    tell(person, "snapshot.delete", snapshot, digest=snapshot.digest, taken_at=snapshot.taken_at.isoformat())
    snapshot.delete()


def tell(person: Person, action: str, snapshot: Snapshot, **detail: str) -> None:
    """The access event: it names the snapshot and its record, no person and no words of theirs."""
    record_event(
        person,
        action,
        f"snapshot {snapshot.pk} of record {snapshot.record}",
        snapshot.environment,
        of=snapshot,
        **detail,
    )
