"""Adds the parts of journeys that batches brought to the journeys: a fold of the digest, beside that of sessions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from diagnostics.core import clock
from diagnostics.models import Environment, IngestBatch
from diagnostics.pipeline.journey_parts import FIELDS, SESSIONS_KEPT, STEPS_KEPT, USERS_KEPT, add_part
from diagnostics.pipeline.parts import SERVICES_KEPT, Part
from diagnostics.storage.expiring import delete_some
from sessions_app.models import Journey
from sessions_app.upsert import COUNTS, add_up, common_row, keep_known, upsert_statement, write_rows

COLUMNS: Final = {
    "environment_id": "int", "journey_id": "text", "started_at": "timestamptz", "last_seen_at": "timestamptz",
    "completed_at": "timestamptz", "crashed": "bool", "failed": "bool", "services": "text[]", "session_ids": "text[]",
    "user_keys": "text[]", "steps": "jsonb", "last_step": "jsonb", "release": "text", **dict.fromkeys(COUNTS, "int"),
}  # fmt: skip
SERVICES: Final = f"""CASE WHEN stored.services @> excluded.services THEN stored.services ELSE ARRAY(
    SELECT DISTINCT name FROM unnest(stored.services || excluded.services) AS name ORDER BY name LIMIT {SERVICES_KEPT}
) END"""  # noqa: S608  a number of our own
# Of each name the better mark, then the names with the best marks: [rank, microsecond], compared part by part.
STEPS: Final = f"""CASE WHEN excluded.steps = '{{}}' THEN stored.steps ELSE (
    SELECT jsonb_object_agg(name, mark) FROM (
        SELECT name, mark FROM (
            SELECT DISTINCT ON (name) name, mark FROM (
                SELECT * FROM jsonb_each(stored.steps) UNION ALL SELECT * FROM jsonb_each(excluded.steps)
            ) AS each_one (name, mark) ORDER BY name, mark
        ) AS named ORDER BY mark, name LIMIT {STEPS_KEPT}
    ) AS kept
) END"""  # noqa: S608  likewise


def newest_of(name: str, most: int) -> str:
    """The stored ones and the new ones, each once, as many as are kept from the end."""
    return f"""CASE WHEN stored.{name} @> excluded.{name} THEN stored.{name} ELSE (
    SELECT everyone[greatest(cardinality(everyone) - {most - 1}, 1):] FROM (
        SELECT ARRAY(
            SELECT one FROM unnest(stored.{name}) WITH ORDINALITY AS known (one, place)
            WHERE one <> ALL (excluded.{name}) ORDER BY place
        ) || excluded.{name} AS everyone
    ) AS joined
) END"""  # noqa: S608  column names of our own


UPSERT: Final = upsert_statement(
    "sessions_app_journey",
    "journey_id",
    COLUMNS,
    {
        "completed_at": "LEAST(stored.completed_at, excluded.completed_at)",  # passes over the one that is not known
        "failed": "stored.failed OR excluded.failed",
        "services": SERVICES,
        "session_ids": newest_of("session_ids", SESSIONS_KEPT),
        "user_keys": newest_of("user_keys", USERS_KEPT),
        "steps": STEPS,
        "last_step": "GREATEST(stored.last_step, excluded.last_step)",
        "release": keep_known("release"),
    },
)


def fold_journeys(batches: Sequence[IngestBatch]) -> None:
    """The third fold of a digest."""
    write_rows(UPSERT, add_up(batches, lambda batch: batch.journeys, add_part), row_of)


def row_of(environment_id: int, part: Part) -> dict[str, Any]:
    """A journey's part as a row of the statement."""
    row, known = common_row(environment_id, FIELDS, part), dict(zip(FIELDS, part, strict=True))
    completed = known["completed_us"]
    return {
        **row,
        "completed_at": clock.from_ns(completed * 1000) if completed else None,
        **{name: known[name] for name in ("failed", "session_ids", "user_keys", "steps", "last_step")},
    }


def expire_journeys(environment: Environment, before: datetime) -> bool:
    """Forget those whose last sign of life is older, so many at a time; whether there may be more."""
    return delete_some(Journey.objects.filter(environment=environment, last_seen_at__lt=before))
