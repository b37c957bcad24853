"""One statement that adds parts of batches to stored rows, however many there are; sessions and journeys are kept by it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import orjson
from django.db import connection

from diagnostics.core import clock
from diagnostics.models import IngestBatch
from diagnostics.pipeline import parts as common
from diagnostics.pipeline.parts import KEY, Part, read_parts

Total = dict[tuple[int, str], Part]

COUNTS: Final = [common.FIELDS[place - 1] for place in common.COUNTS]
EARLIER_AND_LATER: Final = {
    "started_at": "LEAST(stored.started_at, excluded.started_at)",
    "last_seen_at": "GREATEST(stored.last_seen_at, excluded.last_seen_at)",
    "crashed": "stored.crashed OR excluded.crashed",
    **{name: f"stored.{name} + excluded.{name}" for name in COUNTS},
}


def upsert_statement(table: str, key: str, columns: Mapping[str, str], merged: Mapping[str, str]) -> str:
    """`columns` with their types; `merged`: how what is stored and what comes in become one, beside what all have.

    The rows come as one JSON text: the driver builds arrays value by value in Python, which costs more than all else here.
    """
    names = ", ".join(columns)
    return f"""
INSERT INTO {table} AS stored ({names})
SELECT {names} FROM json_to_recordset(%s::json) AS rows ({", ".join(f"{name} {kind}" for name, kind in columns.items())})
ON CONFLICT (environment_id, {key}) DO UPDATE SET
    {", ".join(f"{name} = {how}" for name, how in {**EARLIER_AND_LATER, **merged}.items())}
"""  # noqa: S608  column names of our own


def keep_known(name: str) -> str:
    """What a later batch does not know (a device, say) keeps what an earlier one did."""
    return f"CASE WHEN excluded.{name} = '' THEN stored.{name} ELSE excluded.{name} END"


def add_up(
    batches: Iterable[IngestBatch], text_of: Callable[[IngestBatch], str], add: Callable[[Part, Part], None]
) -> Total:
    """The parts of all batches, each key once."""
    total: Total = {}
    for batch in batches:
        for part in read_parts(text_of(batch)):
            known = total.setdefault((batch.environment_id, part[KEY]), part)
            if known is not part:
                add(known, part)
    return total


def write_rows(statement: str, total: Total, row_of: Callable[[int, Part], dict[str, Any]]) -> None:
    """One statement for all, in key order so that concurrent digests do not dead-lock."""
    rows = [row_of(environment_id, part) for (environment_id, _), part in sorted(total.items(), key=by_key)]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(statement, [orjson.dumps(rows).decode()])


def by_key(item: tuple[tuple[int, str], Part]) -> tuple[int, str]:
    """Parts of two keys are not compared."""
    return item[0]


def common_row(environment_id: int, fields: Sequence[str], part: Part) -> dict[str, Any]:
    """What every row has; its key is the part's first field."""
    known = dict(zip(fields, part, strict=True))
    return {
        "environment_id": environment_id,
        fields[KEY]: known[fields[KEY]][:200],
        "started_at": clock.from_ns(known["first_us"] * 1000),
        "last_seen_at": clock.from_ns(known["last_us"] * 1000),
        "crashed": known["crashed"],
        "services": known["services"],
        "release": known["release"][:200],
        **{name: known[name] for name in COUNTS},
    }
