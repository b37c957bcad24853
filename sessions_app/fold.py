"""Adds the per-session sums of batches to the sessions: a fold of the digest."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from diagnostics.models import Environment, IngestBatch
from diagnostics.pipeline import session_parts
from diagnostics.pipeline.parts import SERVICES_KEPT, Part
from diagnostics.pipeline.session_parts import FIELDS, add_part, releases_of
from diagnostics.storage.expiring import delete_some
from sessions_app.models import LogSession
from sessions_app.touched import MERGED, stored
from sessions_app.upsert import COUNTS, add_up, common_row, keep_known, upsert_statement, write_rows

LENGTHS: Final = {
    "user_key": 64,
    "release": 200,
    "geo_country": 2,
    "geo_region": 100,
    "device_type": 50,
    "browser": 100,
    "os": 100,
}
TEXTS: Final = [FIELDS[place] for place in session_parts.TEXTS]
COLUMNS: Final = {
    "environment_id": "int", "session_id": "text", "started_at": "timestamptz", "last_seen_at": "timestamptz",
    "crashed": "bool", "services": "jsonb", "releases": "jsonb", **dict.fromkeys(COUNTS, "int"), **dict.fromkeys(TEXTS, "text"),
}  # fmt: skip
SERVICES: Final = f"""CASE WHEN stored.services @> excluded.services THEN stored.services ELSE (
    SELECT coalesce(jsonb_agg(name), '[]') FROM (
        SELECT DISTINCT name FROM jsonb_array_elements_text(stored.services || excluded.services) AS name
        ORDER BY name LIMIT {SERVICES_KEPT}
    ) AS names
) END"""  # noqa: S608  a number of our own
UPSERT: Final = upsert_statement(
    "sessions_app_logsession",
    "session_id",
    COLUMNS,
    {"services": SERVICES, "releases": MERGED, **{name: keep_known(name) for name in TEXTS}},
)


def fold_sessions(batches: Sequence[IngestBatch]) -> None:
    """The second fold of a digest."""
    write_rows(UPSERT, add_up(batches, lambda batch: batch.sessions, add_part), row_of)


def row_of(environment_id: int, part: Part) -> dict[str, Any]:
    """A session's part as a row of the statement."""
    releases = releases_of(part)
    part = [*part[: session_parts.RELEASES], releases]
    row, known = common_row(environment_id, FIELDS, part), dict(zip(FIELDS, part, strict=True))
    return {**row, "releases": stored(releases), **{name: known[name][: LENGTHS[name]] for name in TEXTS}}


def expire_sessions(environment: Environment, before: datetime) -> bool:
    """Forget sessions whose last sign of life is older, so many at a time; whether there may be more."""
    return delete_some(LogSession.objects.filter(environment=environment, last_seen_at__lt=before))
