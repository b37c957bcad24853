"""The text: YAML in, YAML out, with nothing in it that could hurt."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from diagnostics.core.errors import BadInput

VERSION: Final = 1
MOST_BYTES: Final = 1024 * 1024
MOST_OBJECTS: Final = 2000
MOST_VALUES: Final = 120_000  # and brackets; a MiB of rules as they are exported has fewer
DEEPEST: Final = 50  # a document has 5; reading costs the square of the depth
LONGEST_KEY: Final = 18  # digits of a number as a name: larger ones can be chosen so that they collide
LONGEST_CLOCK: Final = 40  # characters of 1:30:00 and the like, which cost the square of their length
INT, FLOAT, MERGE = (f"tag:yaml.org,2002:{name}" for name in ("int", "float", "merge"))
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
    """YAML of which each value costs what its length does."""
    try:
        depth = 0
        for number, event in enumerate(yaml.parse(text, yaml.CSafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if fault := fault_of(event, depth, number):
                raise refusal(event, fault)
        return yaml.load(text, CarefulLoader)  # noqa: S506  a safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "document"
        raise DocumentError(f"{place}: not YAML ({getattr(error, 'problem', None) or 'unreadable'})") from None
    except (RecursionError, ValueError):
        raise DocumentError("document: nested too deeply, or a value that cannot be read") from None


def fault_of(event: yaml.Event, depth: int, number: int) -> str:
    """Why the document is not read any further; empty where it is. A few lines of aliases can stand for billions of values."""
    if isinstance(event, yaml.AliasEvent):
        return "aliases (*name) are not understood; repeat the value"
    if depth > DEEPEST:
        return f"nested more than {DEEPEST} deep"
    if number > MOST_VALUES:
        return f"more than {MOST_VALUES:,} values; one file an environment is enough"
    return ""


def refusal(place: yaml.Event | yaml.Node, words: str) -> DocumentError:
    """With the line."""
    return DocumentError(f"line {place.start_mark.line + 1}: {words}" if place.start_mark else f"document: {words}")


class CarefulLoader(yaml.CSafeLoader):
    """Reads nothing that costs more than its length."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Look at the names before a mapping is made of them."""
        for key, _ in node.value:
            if key.tag == MERGE:
                raise refusal(key, "merging (<<) is not understood; repeat the values")
            if key.tag == INT and len(key.value) > LONGEST_KEY:
                raise refusal(key, "a number of so many digits is no name; put it in quotes")
        super().flatten_mapping(node)

    def read_int(self, node: yaml.ScalarNode) -> int:
        """A number."""
        return self.construct_yaml_int(check_clock(node))

    def read_float(self, node: yaml.ScalarNode) -> float:
        """Likewise."""
        return self.construct_yaml_float(check_clock(node))


CarefulLoader.add_constructor(INT, CarefulLoader.read_int)
CarefulLoader.add_constructor(FLOAT, CarefulLoader.read_float)


def check_clock(node: yaml.ScalarNode) -> yaml.ScalarNode:
    """YAML reads 1:30 as ninety."""
    if ":" in node.value and len(node.value) > LONGEST_CLOCK:
        raise refusal(node, "a number with so many colons is not understood; put it in quotes if it is a text")
    return node


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
