"""Freezing the story of one record. The caller has decided that it is worth it, and holds a transaction."""

from diagnostics.core import clock
from diagnostics.core.access import Person
from diagnostics.models import Environment, LogRecord, PrivacyJob
from diagnostics.privacy.jobs import UNFINISHED
from diagnostics.storage.turns import Turn, take_turn
from sessions_app.models import Snapshot
from sessions_app.snapshots.content import fill, write_document
from sessions_app.snapshots.read import read_story

NOTE_CHARS = 500
TITLE_CHARS = 200


class ErasureUnderWayError(Exception):
    """A person's records are being erased: freezing them now could keep what must go."""


def freeze(
    environment: Environment,
    record: LogRecord,
    reason: Snapshot.Reason,
    *,
    is_news: bool = False,
    note: str = "",
    person: Person | None = None,
) -> Snapshot:
    """Read, write. ErasureUnderWayError: wait until it is done. An erasure that begins later waits for our turn."""
    take_turn(Turn.SNAPSHOTS, environment.pk)
    if PrivacyJob.objects.filter(environment=environment, kind=PrivacyJob.Kind.ERASE, state__in=UNFINISHED).exists():
        raise ErasureUnderWayError
    now = clock.now()
    story = read_story(record)
    snapshot = Snapshot(
        environment=environment,
        reason=reason,
        is_news=is_news,
        scope=story.scope.kind,
        taken_at=now,
        happened_at=record.timestamp,
        record=record.reference,
        has_restricted=record.has_restricted,
        service_name=record.service_name,
        release=record.release,
        error_type=record.error_type,
        title=title_of(record),
        fingerprint=record.fingerprint,
        session_id=record.session_id,
        trace_id=record.trace_hex,
        user_key=record.user_key,
        note=note.strip()[:NOTE_CHARS],
        taken_by_id=person.pk if person is not None else None,
        taken_by_name=person.get_username()[:150] if person is not None else "",
    )
    fill(snapshot, write_document(story, str(reason), now))
    snapshot.save(force_insert=True)
    return snapshot


def title_of(record: LogRecord) -> str:
    """The first line of what it says."""
    lines = (record.body or record.event_name or record.error_type).strip().splitlines()
    return lines[0][:TITLE_CHARS] if lines else ""
