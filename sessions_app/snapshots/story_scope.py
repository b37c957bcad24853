"""What belongs to the story of a record: its session; without one its trace, else its request, else itself alone."""

from dataclasses import dataclass

from django.db.models import Q

from diagnostics.models import LogRecord
from sessions_app.models import Snapshot

Kind = Snapshot.Scope


@dataclass(frozen=True, slots=True)
class StoryScope:
    """By what its records are found."""

    kind: Snapshot.Scope
    id: str
    where: Q


def scope_of(record: LogRecord) -> StoryScope:
    """The widest that is one person's way or one request's."""
    if record.session_id:
        return StoryScope(Kind.SESSION, record.session_id, Q(session_id=record.session_id))
    if record.trace_id:
        return StoryScope(Kind.TRACE, record.trace_hex, Q(trace_id=record.trace_id))
    if record.request_id:
        return StoryScope(Kind.REQUEST, record.request_id, Q(request_id=record.request_id))
    return StoryScope(Kind.RECORD, record.reference, Q(pk=record.pk))
