"""What a receiver wants done, and what is said when it cannot prove who it is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

KEY: Final = re.compile(r"([0-9a-f]{16,64})-([0-9]{1,18})")


class Unproven(Exception):
    """The message is not signed as the target's receiver would sign it, or it is too old."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing to do. `event`: the same when the receiver sends it again. `dedup_key`: empty when only the id is known.
    `at`: when it was done there, as far as the receiver says."""

    act: str  # acknowledge, resolve
    incident_id: int
    dedup_key: str
    who: str
    event: str
    at: datetime | None = None


def read_key(text: Any) -> tuple[str, int]:
    """(dedup key, incident) of the key that we gave the receiver; ('', 0) for what is not ours."""
    match = KEY.fullmatch(str(text or ""))
    return (match[1], int(match[2])) if match else ("", 0)


def read_json(body: bytes) -> dict[str, Any]:
    """An object; an empty one for anything else."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def part(data: Any, *names: str) -> Any:
    """What lies below these names, or an empty text."""
    for name in names:
        data = data.get(name) if isinstance(data, Mapping) else None
    return "" if data is None else data
