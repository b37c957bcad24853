"""What applying a document changes, thing by thing."""

from dataclasses import dataclass, field
from typing import Any

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that changes: field -> (before, after)."""

    kind: str
    name: str
    verb: str
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def difference(before: Values | None, after: Values) -> dict[str, tuple[Any, Any]]:
    """Only what is not the same; of what is new, only what is set."""
    old = before or {}
    return {name: (old.get(name), value) for name, value in after.items() if old.get(name) != value}


def step_of(kind: str, name: str, before: Values | None, after: Values) -> list[Step]:
    """No step where nothing changes."""
    changes = difference(before, after)
    if before is None:
        changes = {field: pair for field, pair in changes.items() if pair[1] not in (None, "", [], {})}
        return [Step(kind, name, "create", changes)]
    return [Step(kind, name, "change", changes)] if changes else []
