"""Folds the errors of batches into what is known of them, and marks what is new or has come back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from django.db import connection, transaction

from diagnostics.core import clock
from diagnostics.digest.rollups import moment_of as minute_at
from diagnostics.digest.templates.move import ADD
from diagnostics.models import Environment, ErrorGroup, ErrorHour, IngestBatch
from diagnostics.storage.expiring import AT_ONCE, delete_some

KNOWN: Final = 20_000  # errors told apart in an environment; beyond, only those that are known are counted
FORGOTTEN: Final = timedelta(days=90)  # not seen for so long: it would be news
NEWS_WITHIN: Final = timedelta(hours=6)  # what is older is history that somebody imports
BACK_AFTER: Final = timedelta(days=14)  # not seen for so long, it has come back
MINUTES: Final = 60  # of an hour
MINUTE: Final = 60_000_000  # microseconds

Key = tuple[int, str]  # environment, fingerprint

# What a person decided of it is over: it came again after it was resolved, or after the time for which it was ignored, or
# in a release that it was not seen with before, where they wait for that. What was away for long has come back anyhow,
# unless it is ignored.
IN_ANOTHER_RELEASE: Final = "(stored.awaits_release AND NOT excluded.releases <@ stored.releases)"
AFTER_LONG: Final = f"excluded.first_seen > stored.last_seen + interval '{BACK_AFTER.days} days'"
IS_OVER: Final = f"""(
    (excluded.last_seen > stored.resolved_at AND (NOT stored.awaits_release OR {IN_ANOTHER_RELEASE} OR {AFTER_LONG}))
    OR (excluded.last_seen > stored.ignored_at AND (excluded.last_seen > stored.ignored_until OR {IN_ANOTHER_RELEASE}))
)"""
COMES_BACK: Final = f"""excluded.last_seen > %(recent)s
    AND ({IS_OVER} OR (stored.ignored_at IS NULL AND {AFTER_LONG}))"""
# The rows come as JSON texts, as those of the rollups do. What is counted by the hour is so under the lock of its error.
UPSERT: Final = f"""
WITH kept AS (
    INSERT INTO diagnostics_error_group AS stored
        (environment_id, fingerprint, service_name, error_type, title, release, first_release, releases, records, is_fatal,
         first_seen, last_seen, news, noticed_at)
    SELECT environment_id, fingerprint, service_name, error_type, title, release, release, releases, records, is_fatal,
        first_seen, last_seen, CASE WHEN last_seen > %(recent)s THEN 'new' ELSE '' END,
        CASE WHEN last_seen > %(recent)s THEN %(now)s::timestamptz END
    FROM json_to_recordset(%(errors)s::json) AS given (
        environment_id int, fingerprint text, service_name text, error_type text, title text, release text, releases text[],
        records bigint, is_fatal bool, first_seen timestamptz, last_seen timestamptz
    )
    WHERE environment_id <> ALL (%(full)s::int[]) OR EXISTS (
        SELECT 1 FROM diagnostics_error_group AS known
        WHERE known.environment_id = given.environment_id AND known.fingerprint = given.fingerprint
    )
    ON CONFLICT (environment_id, fingerprint) DO UPDATE SET
        records = stored.records + excluded.records,
        is_fatal = stored.is_fatal OR excluded.is_fatal,
        release = CASE WHEN excluded.last_seen >= stored.last_seen AND excluded.release <> '' THEN excluded.release
                       ELSE stored.release END,
        releases = CASE WHEN excluded.releases <@ stored.releases THEN stored.releases ELSE ARRAY(
            SELECT name FROM unnest(excluded.releases || stored.releases) WITH ORDINALITY AS both_sides (name, place)
            GROUP BY name ORDER BY max(place) LIMIT {ErrorGroup.RELEASES_KEPT}
        ) END,
        first_seen = LEAST(stored.first_seen, excluded.first_seen),
        last_seen = GREATEST(stored.last_seen, excluded.last_seen),
        title = CASE WHEN stored.title = '' THEN excluded.title ELSE stored.title END,
        news = CASE WHEN {COMES_BACK} THEN 'regression' ELSE stored.news END,
        came_back_at = CASE WHEN {COMES_BACK} THEN %(now)s ELSE stored.came_back_at END,
        resolved_at = CASE WHEN {IS_OVER} THEN NULL ELSE stored.resolved_at END,
        ignored_at = CASE WHEN {IS_OVER} THEN NULL ELSE stored.ignored_at END,
        ignored_until = CASE WHEN {IS_OVER} THEN NULL ELSE stored.ignored_until END,
        awaits_release = stored.awaits_release AND {IS_OVER} IS NOT TRUE,
        decided_by_id = CASE WHEN {IS_OVER} THEN NULL ELSE stored.decided_by_id END
    RETURNING id, environment_id, fingerprint
)
INSERT INTO diagnostics_error_hour AS stored (environment_id, error_id, hour, minutes, total)
SELECT environment_id, kept.id, hour, minutes, total
FROM json_to_recordset(%(hours)s::json) AS given (
    environment_id int, fingerprint text, hour timestamptz, minutes int[], total int
)
JOIN kept USING (environment_id, fingerprint)
ON CONFLICT (error_id, hour) DO UPDATE SET {ADD}
"""  # noqa: S608  words of ours


@dataclass(slots=True)
class Tally:
    """What batches say of one error."""

    service: str
    kind: str
    title: str
    release: str
    records: int
    first: int  # microseconds since 1970
    last: int
    is_fatal: bool = False
    counts: dict[tuple[int, str], int] = field(default_factory=dict)  # records by minute and release

    def add(self, release: str, records: int, first: int, last: int) -> None:
        """What a further batch says."""
        self.records += records
        self.release = release or self.release
        self.first, self.last = min(self.first, first), max(self.last, last)


Tallies = dict[Key, Tally]


def fold_errors(batches: Sequence[IngestBatch]) -> None:
    """A fold of the digest."""
    found = add_up(batches)
    if not found:
        return
    ordered = sorted(found.items())  # in the order in which all digests lock
    now = clock.now()
    full = [number for number in sorted({key[0] for key, _ in ordered}) if is_full(number)]
    errors = [error_row(key, tally) for key, tally in ordered]
    hours = [row for key, tally in ordered for row in hour_rows(key, tally)]
    parameters: dict[str, Any] = {
        "errors": orjson.dumps(errors).decode(), "hours": orjson.dumps(hours).decode(), "full": full, "now": now,
        "recent": now - NEWS_WITHIN,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, parameters)


def add_up(batches: Sequence[IngestBatch]) -> Tallies:
    """The errors of all batches, each once."""
    found: Tallies = {}
    for batch in batches:
        for row in batch.findings.get("errors", ()):
            tally = found.get((batch.environment_id, row[0]))
            if tally is None:
                found[batch.environment_id, row[0]] = tally = Tally(*row[1:8])
            else:
                tally.add(row[4], *row[5:8])
            tally.is_fatal = tally.is_fatal or row[9:] == [True]  # a batch from before it was noted does not say
            counts = tally.counts
            for minute, release, records in counts_of(row):
                counts[minute, release] = counts.get((minute, release), 0) + records
    return found


def counts_of(row: list[Any]) -> list[list[Any]]:
    """An error's records by minute and release; a batch from before they were counted so tells when the last one came."""
    return row[8] if len(row) > 8 else [[row[7] // MINUTE, row[4], row[5]]]


def error_row(key: Key, tally: Tally) -> dict[str, Any]:
    """An error's part as a row of the statement."""
    return {
        "environment_id": key[0],
        "fingerprint": key[1],
        "service_name": tally.service,
        "error_type": tally.kind,
        "title": tally.title,
        "release": tally.release,
        "releases": releases_of(tally),
        "records": tally.records,
        "is_fatal": tally.is_fatal,
        "first_seen": moment_of(tally.first),
        "last_seen": moment_of(tally.last),
    }


def releases_of(tally: Tally) -> list[str]:
    """The releases that it was seen with, the last found first."""
    found = dict.fromkeys(release for _, release in reversed(tally.counts) if release)
    return list(found)[: ErrorGroup.RELEASES_KEPT]


def hour_rows(key: Key, tally: Tally) -> list[dict[str, Any]]:
    """An error's hours as rows of the statement."""
    hours: dict[int, list[int]] = {}
    for (minute, _), records in tally.counts.items():
        hour, place = divmod(minute, MINUTES)
        hours.setdefault(hour, [0] * MINUTES)[place] += records
    return [
        {
            "environment_id": key[0],
            "fingerprint": key[1],
            "hour": minute_at(hour * MINUTES),
            "minutes": minutes,
            "total": sum(minutes),
        }
        for hour, minutes in sorted(hours.items())
    ]


def is_full(environment_id: int) -> bool:
    """Whether no further error is told apart."""
    return ErrorGroup.objects.filter(environment_id=environment_id).count() >= KNOWN


def moment_of(microseconds: int) -> datetime:
    """A moment of a batch's sums."""
    return clock.from_ns(microseconds * 1000)


def expire_errors(environment: Environment, before: datetime) -> bool:
    """Their words and counts go with the records; that they are known stays for longer, for what is known is no news.
    Whether there may be more."""
    rows = ErrorGroup.objects.filter(environment=environment)
    counted = delete_some(ErrorHour.objects.filter(environment=environment, hour__lt=before))
    said = rows.filter(last_seen__lt=before).exclude(title="")
    more = unsay([group.pk for group in said[:AT_ONCE]]) == AT_ONCE
    return delete_some(rows.filter(last_seen__lt=min(before, clock.now() - FORGOTTEN))) or more or counted


def unsay(groups: Sequence[int]) -> int:
    """Take their words away; how many. Locked in the order in which digests lock, so that neither stops the other."""
    rows = ErrorGroup.objects.filter(pk__in=groups)
    with transaction.atomic():
        list(rows.select_for_update().order_by("fingerprint").values_list("pk"))
        return rows.update(title="")
