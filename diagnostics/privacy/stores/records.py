"""Records and their restricted fields."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import F, Q, QuerySet

from diagnostics.models import Environment, LogRecord, RestrictedFields
from diagnostics.privacy.reveal import perm_for
from diagnostics.privacy.stores.registry import Counts, Page, Store
from diagnostics.privacy.subject import MOST_SESSIONS, Subject
from diagnostics.storage.restricted import unseal

# Of one statement: the records that name the person, and those of their sessions that name nobody. That neither is
# empty goes without saying, but not to the planner, whose indexes leave the empty ones out.
THEIRS: Final = (
    "environment_id = %s AND ((user_key <> '' AND user_key = ANY(%s)) "
    "OR (session_id <> '' AND session_id = ANY(%s) AND user_key = ''))"
)
ERASE: Final = f"""
WITH found AS (
    SELECT environment_id, "timestamp", id FROM diagnostics_log
    WHERE {THEIRS} AND (%s::timestamptz IS NULL OR observed_timestamp <= %s) LIMIT %s
), gone AS (
    DELETE FROM diagnostics_log AS log USING found
    WHERE log.environment_id = found.environment_id AND log."timestamp" = found."timestamp" AND log.id = found.id
    RETURNING log.environment_id, log."timestamp", log.id
), unsealed AS (
    DELETE FROM diagnostics_restricted AS sealed USING gone
    WHERE sealed.environment_id = gone.environment_id AND sealed."timestamp" = gone."timestamp" AND sealed.id = gone.id
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM unsealed)
"""  # noqa: S608  a constant of this module
COLUMNS: Final = tuple(
    field.name for field in LogRecord._meta.fields if field.name not in ("environment_id", "batch_id", "template_id")
)


def is_theirs(subject: Subject, session_ids: Sequence[str]) -> Q:
    """The same for a query set: of the person, or of nobody and in one of the sessions."""
    named = Q(user_key__gt="", user_key__in=subject.user_keys)
    return named | Q(user_key="", session_id__gt="", session_id__in=session_ids) if session_ids else named


def theirs(subject: Subject) -> "QuerySet[LogRecord]":
    """All records to erase."""
    rows = LogRecord.objects.filter(environment_id=subject.environment.pk)
    if subject.until is not None:
        rows = rows.filter(observed_timestamp__lte=subject.until)
    return rows.filter(is_theirs(subject, subject.session_ids))


def count(subject: Subject) -> Counts:
    """How many there are."""
    rows = theirs(subject)
    return {"records": rows.count(), "restricted fields": rows.filter(has_restricted=True).count()}


def erase(subject: Subject, limit: int) -> Counts:
    """Records go together with their restricted fields."""
    keys, sessions = list(subject.user_keys), list(subject.session_ids)
    with connection.cursor() as cursor:
        cursor.execute(ERASE, [subject.environment.pk, keys, sessions, subject.until, subject.until, limit])
        records, restricted = cursor.fetchone()
    return {"records": records, "restricted fields": restricted}


def export(subject: Subject, cursor: str, limit: int) -> Page:
    """In order of time, without records that may be about others; restricted fields as far as the asker may see them."""
    rows = LogRecord.objects.filter(environment_id=subject.environment.pk)
    rows = after(rows.filter(is_theirs(subject, subject.own_sessions)), cursor).order_by("timestamp", "id")
    found = list(rows[:limit])
    sealed = sealed_of(subject, found)
    exported = [{**row_of(record), **restricted_of(subject, sealed.get(record.pk))} for record in found]
    return Page(exported, f"{found[-1].timestamp.isoformat()} {found[-1].pk}" if len(found) == limit else "")


def after(rows: "QuerySet[Any]", cursor: str) -> "QuerySet[Any]":
    """Rows behind a cursor 'time id'."""
    if not cursor:
        return rows
    moment, pk = cursor.split(" ")
    return rows.filter(Q(timestamp__gt=moment) | Q(timestamp=moment, pk__gt=int(pk)))


def row_of(record: LogRecord) -> dict[str, Any]:
    """The record as it is stored."""
    row = {name: getattr(record, name) for name in COLUMNS}
    return {name: value for name, value in row.items() if value not in (None, "", {})}


def sealed_of(subject: Subject, records: list[LogRecord]) -> dict[int, bytes]:
    """Record id -> its restricted fields, still encrypted."""
    wanted = [record for record in records if record.has_restricted]
    if not wanted:
        return {}
    times = {record.timestamp for record in wanted}
    rows = RestrictedFields.objects.filter(
        environment_id=subject.environment.pk,
        timestamp__gte=min(times),
        timestamp__lte=max(times),
        pk__in=[record.pk for record in wanted],
    )
    return {row.pk: bytes(row.ciphertext) for row in rows}


def restricted_of(subject: Subject, ciphertext: bytes | None) -> dict[str, Any]:
    """The fields that the asking person may see; of the others only the names."""
    if ciphertext is None:
        return {}
    fields = unseal(ciphertext, subject.environment.pk)
    shown = {name: value for name, value in fields.items() if subject.perms is None or perm_for(name) in subject.perms}
    withheld = sorted(set(fields) - set(shown))
    return {"restricted": shown, **({"restricted_withheld": withheld} if withheld else {})}


def sessions(subject: Subject) -> Iterable[str]:
    """Session ids that the person's records carry."""
    rows = LogRecord.objects.filter(environment_id=subject.environment.pk, user_key__in=subject.user_keys)
    return rows.exclude(session_id="").values_list("session_id", flat=True).distinct()[:MOST_SESSIONS]


def shared_sessions(subject: Subject, session_ids: Iterable[str]) -> list[str]:
    """Those of them in which somebody else was known, too."""
    rows = LogRecord.objects.filter(environment_id=subject.environment.pk, session_id__in=session_ids)
    return list(
        rows.exclude(user_key="")
        .exclude(user_key__in=subject.user_keys)
        .values_list("session_id", flat=True)
        .distinct()
    )


def people(environment: Environment) -> Iterable[str]:
    """Every pseudonym there is: read when erasures are done again, never otherwise."""
    rows = LogRecord.objects.filter(environment_id=environment.pk).exclude(user_key="")
    return rows.order_by(F("user_key")).values_list("user_key", flat=True).distinct().iterator()


STORE: Final = Store("records", count, erase, export, sessions, people)
