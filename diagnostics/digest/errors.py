"""Folds the errors of batches into what is known of them, and marks what is new or has come back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction

from diagnostics.core import clock
from diagnostics.models import Environment, ErrorGroup, IngestBatch
from diagnostics.storage.expiring import AT_ONCE, delete_some

KNOWN: Final = 20_000  # errors told apart in an environment; beyond, only those that are known are counted
FORGOTTEN: Final = timedelta(days=90)  # not seen for so long: it would be news
NEWS_WITHIN: Final = timedelta(hours=6)  # what is older is history that somebody imports
BACK_AFTER: Final = timedelta(days=14)  # not seen for so long, it has come back

Errors = dict[tuple[int, str], list[Any]]

# A person resolved it, or it was away for long: it has come back.
COMES_BACK: Final = f"""excluded.last_seen > %s AND (
    excluded.last_seen > stored.resolved_at
    OR excluded.first_seen > stored.last_seen + interval '{BACK_AFTER.days} days'
)"""
UPSERT: Final = f"""
INSERT INTO diagnostics_error_group AS stored
    (environment_id, fingerprint, service_name, error_type, title, release, first_release, records, first_seen, last_seen,
     news, noticed_at)
SELECT environment_id, fingerprint, service_name, error_type, title, release, release, records, first_seen, last_seen,
    CASE WHEN last_seen > %s THEN 'new' ELSE '' END, CASE WHEN last_seen > %s THEN %s::timestamptz END
FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[],
            %s::timestamptz[])
    AS given (environment_id, fingerprint, service_name, error_type, title, release, records, first_seen, last_seen)
WHERE environment_id <> ALL (%s::int[]) OR EXISTS (
    SELECT 1 FROM diagnostics_error_group AS known
    WHERE known.environment_id = given.environment_id AND known.fingerprint = given.fingerprint
)
ON CONFLICT (environment_id, fingerprint) DO UPDATE SET
    records = stored.records + excluded.records,
    release = CASE WHEN excluded.last_seen >= stored.last_seen AND excluded.release <> '' THEN excluded.release
                   ELSE stored.release END,
    first_seen = LEAST(stored.first_seen, excluded.first_seen),
    last_seen = GREATEST(stored.last_seen, excluded.last_seen),
    title = CASE WHEN stored.title = '' THEN excluded.title ELSE stored.title END,
    news = CASE WHEN {COMES_BACK} THEN 'regression' ELSE stored.news END,
    came_back_at = CASE WHEN {COMES_BACK} THEN %s ELSE stored.came_back_at END,
    resolved_at = CASE WHEN excluded.last_seen > stored.resolved_at THEN NULL ELSE stored.resolved_at END
"""  # noqa: S608  words of ours


def fold_errors(batches: Sequence[IngestBatch]) -> None:
    """A fold of the digest."""
    found = add_up(batches)
    if not found:
        return
    ordered = sorted(found.items())
    full = [number for number in sorted({key[0] for key, _ in ordered}) if is_full(number)]
    columns: list[list[Any]] = [
        [key[0] for key, _ in ordered],
        [key[1] for key, _ in ordered],
        *([row[part] for _, row in ordered] for part in range(1, 6)),
        [moment_of(row[6]) for _, row in ordered],
        [moment_of(row[7]) for _, row in ordered],
    ]
    with connection.cursor() as cursor:
        now = clock.now()
        recent = now - NEWS_WITHIN
        cursor.execute(UPSERT, [recent, recent, now, *columns, full, recent, recent, now])


def add_up(batches: Sequence[IngestBatch]) -> Errors:
    """The errors of all batches, each once."""
    found: Errors = {}
    for batch in batches:
        for row in batch.findings.get("errors", ()):
            known = found.get((batch.environment_id, row[0]))
            if known is None:
                found[batch.environment_id, row[0]] = list(row)
                continue
            known[5] += row[5]
            known[4] = row[4] or known[4]
            known[6], known[7] = min(known[6], row[6]), max(known[7], row[7])
    return found


def is_full(environment_id: int) -> bool:
    """Whether no further error is told apart."""
    return ErrorGroup.objects.filter(environment_id=environment_id).count() >= KNOWN


def moment_of(microseconds: int) -> datetime:
    """A moment of a batch's sums."""
    return clock.from_ns(microseconds * 1000)


def expire_errors(environment: Environment, before: datetime) -> bool:
    """Their words go with the records; that they are known stays for longer, for what is known is no news. Whether there
    may be more."""
    rows = ErrorGroup.objects.filter(environment=environment)
    said = rows.filter(last_seen__lt=before).exclude(title="")
    more = unsay([group.pk for group in said[:AT_ONCE]]) == AT_ONCE
    return delete_some(rows.filter(last_seen__lt=min(before, clock.now() - FORGOTTEN))) or more


def unsay(groups: Sequence[int]) -> int:
    """Take their words away; how many. Locked in the order in which digests lock, so that neither stops the other."""
    rows = ErrorGroup.objects.filter(pk__in=groups)
    with transaction.atomic():
        list(rows.select_for_update().order_by("fingerprint").values_list("pk"))
        return rows.update(title="")
