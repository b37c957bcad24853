"""Adds what batches counted of matches to the counts of each rule and minute."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection

from alerts.models import MatchCount
from diagnostics.digest.rollups import moment_of
from diagnostics.models import Environment, IngestBatch
from diagnostics.storage.expiring import delete_some

# A rule that was deleted while its matches were under way counts nothing.
UPSERT: Final = """
INSERT INTO alerts_matchcount AS stored (environment_id, rule_id, minute, service_name, http_route, release, count)
SELECT given.* FROM unnest(%s::int[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::int[])
    AS given (environment_id, rule_id, minute, service_name, http_route, release, count)
WHERE EXISTS (SELECT 1 FROM alerts_alertrule AS rule
              WHERE rule.id = given.rule_id AND rule.environment_id = given.environment_id)
ON CONFLICT (rule_id, minute, service_name, http_route, release) DO UPDATE SET count = stored.count + excluded.count
"""


def fold_matches(batches: Sequence[IngestBatch]) -> None:
    """A fold of the digest."""
    found: dict[tuple[Any, ...], int] = {}
    for batch in batches:
        for *key, count in batch.findings.get("matches", ()):
            whole = (batch.environment_id, *key)
            found[whole] = found.get(whole, 0) + count
    if not found:
        return
    ordered = sorted(found.items())
    columns: list[list[Any]] = [[key[part] for key, _ in ordered] for part in range(6)]
    columns[2] = [moment_of(minute) for minute in columns[2]]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [*columns, [count for _, count in ordered]])


def expire_matches(environment: Environment, before: datetime) -> bool:
    """Forget older minutes; whether there may be more."""
    return delete_some(MatchCount.objects.filter(environment=environment, minute__lt=before))
