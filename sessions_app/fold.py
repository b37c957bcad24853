"""Adds the per-session sums of batches to the sessions: a fold of the digest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from django.db import connection

from diagnostics.core import clock
from diagnostics.models import Environment, IngestBatch
from diagnostics.pipeline import session_parts
from diagnostics.pipeline.session_parts import FIELDS, SERVICES_KEPT, SESSION_ID, Part, add_part, read_parts
from sessions_app.models import LogSession

LENGTHS: Final = {
    "user_key": 64,
    "release": 200,
    "geo_country": 2,
    "geo_region": 100,
    "device_type": 50,
    "browser": 100,
    "os": 100,
}
EXPIRED_AT_ONCE: Final = 5_000
COUNTS: Final = [FIELDS[place] for place in session_parts.COUNTS]
TEXTS: Final = [FIELDS[place] for place in session_parts.TEXTS]
COLUMNS: Final = {
    "environment_id": "int", "session_id": "text", "started_at": "timestamptz", "last_seen_at": "timestamptz",
    "crashed": "bool", "services": "jsonb", **dict.fromkeys(COUNTS, "int"), **dict.fromkeys(TEXTS, "text"),
}  # fmt: skip

# What a later batch does not know (a device, say) keeps what an earlier one did. The rows come as one JSON text: the
# driver builds arrays value by value in Python, which costs more than all else here.
UPSERT: Final = f"""
INSERT INTO sessions_app_logsession AS stored ({", ".join(COLUMNS)})
SELECT {", ".join(COLUMNS)}
FROM json_to_recordset(%s::json) AS rows ({", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())})
ON CONFLICT (environment_id, session_id) DO UPDATE SET
    started_at = LEAST(stored.started_at, excluded.started_at),
    last_seen_at = GREATEST(stored.last_seen_at, excluded.last_seen_at),
    crashed = stored.crashed OR excluded.crashed,
    services = CASE WHEN stored.services @> excluded.services THEN stored.services ELSE (
        SELECT coalesce(jsonb_agg(name), '[]') FROM (
            SELECT DISTINCT name FROM jsonb_array_elements_text(stored.services || excluded.services) AS name
            ORDER BY name LIMIT {SERVICES_KEPT}
        ) AS names
    ) END,
    {", ".join(f"{name} = stored.{name} + excluded.{name}" for name in COUNTS)},
    {", ".join(f"{name} = CASE WHEN excluded.{name} = '' THEN stored.{name} ELSE excluded.{name} END" for name in TEXTS)}
"""  # noqa: S608  column names of this module


def fold_sessions(batches: Sequence[IngestBatch]) -> None:
    """The second fold of a digest."""
    total: dict[tuple[int, str], Part] = {}
    for batch in batches:
        for part in read_parts(batch.sessions):
            known = total.setdefault((batch.environment_id, part[SESSION_ID]), part)
            if known is not part:
                add_part(known, part)
    if total:
        upsert(total)


def upsert(total: dict[tuple[int, str], Part]) -> None:
    """One statement for all, in key order so that concurrent digests do not dead-lock."""
    rows = [row_of(environment_id, part) for (environment_id, _), part in sorted(total.items())]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, [orjson.dumps(rows).decode()])


def row_of(environment_id: int, part: Part) -> dict[str, Any]:
    """A session's part as a row of the statement."""
    known = dict(zip(FIELDS, part, strict=True))
    return {
        "environment_id": environment_id,
        "session_id": known["session_id"][:200],
        "started_at": clock.from_ns(known["first_us"] * 1000),
        "last_seen_at": clock.from_ns(known["last_us"] * 1000),
        "crashed": known["crashed"],
        "services": known["services"],
        **{name: known[name] for name in COUNTS},
        **{name: known[name][: LENGTHS[name]] for name in TEXTS},
    }


def expire_sessions(environment: Environment, before: datetime) -> bool:
    """Forget sessions whose last sign of life is older, so many at a time; whether there may be more."""
    rows = LogSession.objects.filter(environment=environment, last_seen_at__lt=before)
    old = list(rows.values_list("pk", flat=True)[:EXPIRED_AT_ONCE])
    LogSession.objects.filter(pk__in=old).delete()
    return len(old) == EXPIRED_AT_ONCE
