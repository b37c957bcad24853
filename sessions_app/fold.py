"""Adds the per-session sums of batches to the sessions: a fold of the digest."""

from collections.abc import Sequence
from typing import Any, Final

import orjson
from django.db import connection

from diagnostics.core import clock
from diagnostics.models import IngestBatch

TEXTS: Final = ("user_key", "release", "geo_country", "geo_region", "device_type", "browser", "os")
LENGTHS: Final = {
    "user_key": 64,
    "release": 200,
    "geo_country": 2,
    "geo_region": 100,
    "device_type": 50,
    "browser": 100,
    "os": 100,
}
COUNTS: Final = ("records", "spans", "warnings", "errors")
SERVICES_KEPT: Final = 20

# What a later batch does not know (a device, say) keeps what an earlier one did.
UPSERT: Final = f"""
INSERT INTO sessions_app_logsession AS stored
    (environment_id, session_id, started_at, last_seen_at, crashed, services, {", ".join(COUNTS)}, {", ".join(TEXTS)})
SELECT * FROM unnest(
    %s::int[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::bool[], %s::jsonb[],
    {", ".join(["%s::int[]"] * len(COUNTS))}, {", ".join(["%s::text[]"] * len(TEXTS))}
)
ON CONFLICT (environment_id, session_id) DO UPDATE SET
    started_at = LEAST(stored.started_at, excluded.started_at),
    last_seen_at = GREATEST(stored.last_seen_at, excluded.last_seen_at),
    crashed = stored.crashed OR excluded.crashed,
    services = (
        SELECT coalesce(jsonb_agg(name), '[]') FROM (
            SELECT DISTINCT name FROM jsonb_array_elements_text(stored.services || excluded.services) AS name
            ORDER BY name LIMIT {SERVICES_KEPT}
        ) AS names
    ),
    {", ".join(f"{name} = stored.{name} + excluded.{name}" for name in COUNTS)},
    {", ".join(f"{name} = CASE WHEN excluded.{name} = '' THEN stored.{name} ELSE excluded.{name} END" for name in TEXTS)}
"""  # noqa: S608  column names of this module


def fold_sessions(batches: Sequence[IngestBatch]) -> None:
    """The second fold of a digest."""
    total: dict[tuple[int, str], dict[str, Any]] = {}
    for batch in batches:
        for session in batch.sessions:
            key = (batch.environment_id, session["session_id"])
            total[key] = add(total[key], session) if key in total else session
    if total:
        upsert(total)


def add(left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """The sum of two parts of one session; `right` is the later one."""
    return {
        "session_id": left["session_id"],
        "first_us": min(left["first_us"], right["first_us"]),
        "last_us": max(left["last_us"], right["last_us"]),
        "crashed": left["crashed"] or right["crashed"],
        "services": sorted({*left["services"], *right["services"]})[:SERVICES_KEPT],
        **{name: left[name] + right[name] for name in COUNTS},
        **{name: right[name] or left[name] for name in TEXTS},
    }


def upsert(total: dict[tuple[int, str], dict[str, Any]]) -> None:
    """One statement for all, in key order so that concurrent digests do not dead-lock."""
    ordered = [(key, total[key]) for key in sorted(total)]
    columns: list[list[Any]] = [
        [key[0] for key, _ in ordered],
        [key[1][:200] for key, _ in ordered],
        [clock.from_ns(session["first_us"] * 1000) for _, session in ordered],
        [clock.from_ns(session["last_us"] * 1000) for _, session in ordered],
        [session["crashed"] for _, session in ordered],
        [orjson.dumps(session["services"]).decode() for _, session in ordered],
        *([session[name] for _, session in ordered] for name in COUNTS),
        *([session[name][: LENGTHS[name]] for _, session in ordered] for name in TEXTS),
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, columns)
