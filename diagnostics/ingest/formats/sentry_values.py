"""Reading Sentry's JSON, in which anything may stand anywhere."""

from typing import Any


def text(value: Any) -> str:
    """A text, a number's digits, or nothing."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def section(holder: Any, name: str) -> dict[str, Any]:
    """The object under a name, or an empty one."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; anything else in it, or in its place, is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
