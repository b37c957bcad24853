"""The text: YAML in, YAML out, with nothing in it that could hurt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from diagnostics.core.errors import BadInput

VERSION: Final = 1
MOST_BYTES: Final = 1024 * 1024
MOST_OBJECTS: Final = 2000
SECTIONS: Final = ("targets", "rules", "monitors", "policy")
NAMES: Final = ("version", "environment", *SECTIONS)


class DocumentError(BadInput):
    """What is wrong with the text, where, and the way out."""


@dataclass(slots=True)
class Document:
    """What the text says; None where it says nothing of a section, so that nothing of it is touched."""

    targets: dict[str, dict[str, Any]] | None = None
    rules: dict[str, dict[str, Any]] | None = None
    monitors: dict[str, dict[str, Any]] | None = None
    policy: dict[str, Any] | None = None
    environment: str = ""
    sections: tuple[str, ...] = field(default=())


def read_document(text: str) -> Document:
    """DocumentError names the place."""
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise DocumentError(f"document: more than {MOST_BYTES // 1024} KiB; one file an environment is enough")
    found = load(text)
    if holds_nul(found):
        raise DocumentError("document: a text holds a NUL character (\\0), which no database keeps; take it out")
    if not isinstance(found, dict):
        raise DocumentError("document: a mapping is needed; begin with `manage.py rules export ENVIRONMENT`")
    unknown = sorted(str(name) for name in found if name not in NAMES)
    if unknown:
        raise DocumentError(f"{unknown[0][:40]}: unknown; use {', '.join(NAMES)}")
    if found.get("version", VERSION) != VERSION:
        raise DocumentError(f"version: only {VERSION} is understood")
    policy = found.get("policy")
    if policy is not None and not isinstance(policy, dict):
        raise DocumentError("policy: a mapping is needed")
    return Document(
        targets=read_objects(found.get("targets"), "targets", "name"),
        rules=read_objects(found.get("rules"), "rules", "slug"),
        monitors=read_objects(found.get("monitors"), "monitors", "slug"),
        policy=policy,
        environment=str(found.get("environment") or ""),
        sections=tuple(name for name in SECTIONS if found.get(name) is not None),
    )


def load(text: str) -> Any:
    """YAML without aliases: a few lines of them can stand for billions of values."""
    try:
        for event in yaml.parse(text, yaml.CSafeLoader):
            if isinstance(event, yaml.AliasEvent) and event.start_mark:
                raise DocumentError(
                    f"line {event.start_mark.line + 1}: aliases (*name) are not understood; repeat the value"
                )
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
        raise DocumentError(f"{place}: not YAML ({getattr(error, 'problem', None) or 'unreadable'})") from None
    except (RecursionError, ValueError):
        raise DocumentError("document: nested too deeply, or a value that cannot be read") from None


def holds_nul(found: Any) -> bool:
    """Whether any text does; the way down is a list, because a document may be deep."""
    left = [found]
    while left:
        value = left.pop()
        if isinstance(value, str) and "\0" in value:
            return True
        if isinstance(value, dict):
            left += [*value, *value.values()]
        elif isinstance(value, list | tuple | set):
            left += value
    return False


def read_objects(found: Any, section: str, key: str) -> dict[str, dict[str, Any]] | None:
    """The list of a section by its key."""
    if found is None:
        return None
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise DocumentError(f"{section}: a list of mappings is needed")
    if len(found) > MOST_OBJECTS:
        raise DocumentError(f"{section}: more than {MOST_OBJECTS}")
    objects: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(found, 1):
        name = item.get(key)
        if not isinstance(name, str) or not name.strip():
            raise DocumentError(f"{section}, number {number}: {key} is needed, as text")
        if name in objects:
            raise DocumentError(f"{section}: {name[:60]} stands there twice")
        objects[name] = {field: value for field, value in item.items() if field != key}
    return objects


def write_document(content: Mapping[str, Any]) -> str:
    """YAML in the order given."""
    text: str = yaml.dump(dict(content), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True, width=120)
    return text
