"""Redacts values by their names: mappings, lists, pairs and JSON in strings, to any depth that records may have."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from diagnostics.pipeline.redact import checks, structure
from diagnostics.pipeline.redact.engine import WITHHELD, redact_text, seen, seen_ids
from diagnostics.pipeline.redact.judge import GUESSED, JUDGED, is_private
from diagnostics.pipeline.redact.keys import (
    CONTACTS,
    ID,
    PLAIN_SESSIONS,
    SCAN,
    Kind,
    Treatment,
    classify_name,
    split_name,
)
from diagnostics.pipeline.redact.shapes import MARKER

DEEPEST: Final = 32  # nesting looked into; deeper is withheld
CARD_AT_LEAST: Final = 10**12  # a whole number below has too few digits for a card
PLAIN: Final = frozenset({Kind.SCAN, Kind.ID, Kind.RESTRICTED})
NAME_KEYS: Final = ("name", "key", "header", "field", "k", "Name", "Key")
VALUE_KEYS: Final = frozenset({"value", "val", "v", "Value"})
NAMES: Final = frozenset({"name", "$name", "nome", "nom"})
PERSON: Final = "display"  # who can be reached is a person: `name` beside `email` is read as `display_name`
CRUMB: Final = Treatment(Kind.TOKEN, "cookie")  # of `cookies: {name: value}`
TYPED: Final = frozenset(
    {"stringValue", "intValue", "doubleValue", "string_value", "int_value"}
)  # OTLP's wrappers of a value
CONTAINERS: Final = (dict, list, tuple)  # as tuples: `dict | list` would be built anew at each call
PLAIN_TYPES: Final = (bool, float)
SEQUENCES: Final = (list, tuple)
BYTES: Final = (bytes, bytearray)


@lru_cache(maxsize=16_384)
def treat(name: str, parent: str = "") -> Treatment:
    """What an attribute's name says; a container speaks for the short names in it (`user: {name: …}`)."""
    if parent and name in TYPED:
        return treat(parent)
    treatment = classify_name(name)
    if parent and classify_name(parent).kind is Kind.COOKIE:
        return treatment if treatment.kind in (Kind.SECRET, Kind.TOKEN) else CRUMB
    if treatment.kind is Kind.SESSION and "_".join(split_name(name)[-2:]) in PLAIN_SESSIONS:
        return ID  # records are grouped by it: an id, not a key
    if treatment.kind is Kind.SCAN and parent:
        joined = classify_name(f"{parent}.{name}")
        return joined if joined.kind is not Kind.ID else treatment
    return treatment


def redact_value(value: Any, name: str = "", parent: str = "", depth: int = 0, json_depth: int = 0) -> Any:
    """A clean copy of the value that stands under the name; the value itself is left as it is."""
    treatment = treat(name, parent) if name else SCAN
    return redact_treated(value, treatment, name, depth, json_depth)


def redact_treated(value: Any, treatment: Treatment, name: str, depth: int, json_depth: int) -> Any:
    """The same, once it is known what the name says."""
    if isinstance(value, str):
        return redact_named_text(value, treatment, json_depth)
    if value is None or isinstance(value, PLAIN_TYPES):
        return value
    if isinstance(value, int):
        return redact_number(value, treatment)
    if depth >= DEEPEST:
        return WITHHELD
    if isinstance(value, Mapping):
        return redact_mapping(value, name, depth + 1, json_depth)
    if isinstance(value, SEQUENCES):
        return redact_list(value, treatment, name, depth + 1, json_depth)
    if isinstance(value, BYTES):
        return redact_named_text(bytes(value).decode("utf-8", "replace"), treatment, json_depth)
    return redact_named_text(str(value), treatment, json_depth)


def redact_named_text(text: str, treatment: Treatment, json_depth: int = 0) -> str:
    """The whole text hidden where its name says so, else what private is in it."""
    kind = treatment.kind
    if kind in JUDGED and is_private(treatment, text):
        return f"[{treatment.marker}]"
    if kind is Kind.COOKIE or kind is Kind.HEADER:
        return redact_header(text, treatment)
    return redact_text(text, numbers=kind is not Kind.ID, depth=json_depth)


def redact_header(text: str, treatment: Treatment) -> str:
    """Reads the value as the header it is, so that scheme and cookie names stay; what is left over is hidden."""
    title = "Cookie" if treatment.kind is Kind.COOKIE else "Authorization"
    lead = f"{title}: "
    clean = redact_text(lead + text)
    if clean.startswith(lead) and clean != lead + text:
        return clean[len(lead) :]
    if treatment.kind is Kind.COOKIE and is_bare_cookie(text):
        return "[cookie]"
    return text if clean == lead + text else f"[{treatment.marker}]"


def is_bare_cookie(text: str) -> bool:
    """A cookie's value without its name; not what is left of one that was clean already."""
    return "=" not in text and MARKER.search(text) is None and is_private(Treatment(Kind.TOKEN), text)


def redact_number(value: int, treatment: Treatment) -> Any:
    """Whole numbers can be cards, PINs and telephone numbers."""
    kind = treatment.kind
    if kind is Kind.DIGITS or kind is Kind.SECRET:
        return f"[{treatment.marker}]" if is_private(treatment, str(value)) else value
    if kind is not Kind.ID and value >= CARD_AT_LEAST and len(text := str(value)) in (15, 16) and checks.is_card(text):
        return "[card]"
    return value


def redact_list(values: Any, treatment: Treatment, owner: str, depth: int, json_depth: int) -> list[Any]:
    """Each entry under the list's name; pairs (`["password", "x"]`) and named values under their own."""
    if len(values) == 2 and isinstance(values[0], str) and not isinstance(values[1], Mapping):
        name = redact_text(values[0], depth=json_depth)  # what the clean name says holds, as it will when read again
        own = classify_name(name)
        if own.kind not in PLAIN and own.kind not in GUESSED and len(name) < 64 and " " not in name:
            return [name, redact_treated(values[1], own, name, depth, json_depth)]
    return [redact_treated(value, treatment, owner, depth, json_depth) for value in values]


def redact_mapping(values: Mapping[Any, Any], parent: str = "", depth: int = 0, json_depth: int = 0) -> dict[Any, Any]:
    """Each value under its name; names are looked at as well."""
    clean: dict[Any, Any] = {}
    if not NAMES.isdisjoint(values) and any(values[contact] for contact in CONTACTS.intersection(values)):
        parent = PERSON
    owner = "" if VALUE_KEYS.isdisjoint(values) else named_by(values)
    for key, value in values.items():
        name = key if type(key) is str else str(key)
        if owner and name in VALUE_KEYS:
            clean[key] = redact_treated(value, treat(owner), owner, depth, json_depth)
            continue
        treatment = treat(name, parent)
        if type(value) is str:
            # The common case without a call: a text that was seen before.
            kind = treatment.kind
            memo = seen if kind is Kind.SCAN else seen_ids if kind is Kind.ID else None
            value = (memo and memo.young.get(value)) or redact_named_text(value, treatment, json_depth)
        elif isinstance(value, CONTAINERS) and treatment.kind is Kind.SECRET and treatment.marker != "secret":
            value = redact_secrets(value, treatment, depth)
        elif value is not None and type(value) is not bool and type(value) is not float:
            value = redact_treated(value, treatment, name, depth, json_depth)
        if seen.young.get(name) != name or name in clean:
            key = redact_name(key, clean)
            if key is not name and type(key) is str:  # what the clean name says holds as well
                value = redact_mapping({key: value}, parent, depth, json_depth)[key]
        clean[key] = value
    return clean


def redact_secrets(value: Any, treatment: Treatment, depth: int) -> Any:
    """All that a container called `password` holds."""
    if isinstance(value, Mapping) and depth < DEEPEST:
        return {redact_name(key, {}): redact_secrets(inner, treatment, depth + 1) for key, inner in value.items()}
    if isinstance(value, SEQUENCES) and depth < DEEPEST:
        return [redact_secrets(inner, treatment, depth + 1) for inner in value]
    return redact_treated(value, treatment, "", depth, 0)


def redact_name(key: Any, taken: Mapping[Any, Any]) -> Any:
    """A name without what is private in it; equal names are numbered so that no value is lost."""
    if not isinstance(key, str):
        return key
    clean = redact_text(key)
    if clean == key:
        return key
    number = 2
    while clean in taken:
        clean = f"{redact_text(key)}#{number}"
        number += 1
    return clean


def named_by(values: Mapping[Any, Any]) -> str:
    """The name in `{"name": "password", "value": "x"}`."""
    if len(values) > 6:
        return ""
    return next((values[key] for key in NAME_KEYS if isinstance(values.get(key), str)), "")


def redact_document(document: Any, depth: int) -> Any:
    """A JSON document found inside text."""
    return redact_value(document, json_depth=depth)


structure.walker.append(redact_document)
