"""Redacts values by their names: mappings, lists, pairs and JSON in strings, to any depth that records may have."""

import re
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
from diagnostics.pipeline.redact.memo import Memo
from diagnostics.pipeline.redact.shapes import MARKER

DEEPEST: Final = 32  # nesting looked into; deeper is withheld
WORDS_OF_ID: Final = 2  # with more spaces it is a text, whatever its name says: `line: "level=error ip=… "`
CARD_AT_LEAST: Final = 10**12  # a whole number below has too few digits for a card
PLAIN: Final = frozenset({Kind.SCAN, Kind.ID, Kind.RESTRICTED})
NAME_KEYS: Final = ("name", "key", "header", "field", "k", "Name", "Key")
VALUE_KEYS: Final = frozenset({"value", "val", "v", "Value"})
NAMES: Final = frozenset({"name", "$name", "nome", "nom"})
PERSON: Final = "display"  # who can be reached is a person: `name` beside `email` is read as `display_name`
SURNAMES: Final = frozenset({"familyName", "family_name", "lastName", "last_name", "surname", "lastname"})
GIVEN_NAME: Final = "given"  # beside a surname `name` is the other one
HELD: Final = (Kind.SECRET, Kind.TOKEN, Kind.GIVEN)  # of a cookie's names: said more exactly than a cookie's
ABOUT_COOKIES: Final = frozenset({"name", "domain", "path", "expires", "secure", "httponly", "samesite"})
CRUMB: Final = Treatment(Kind.TOKEN, "cookie")  # of `cookies: {name: value}`
TYPED: Final = frozenset(
    {"stringValue", "intValue", "doubleValue", "string_value", "int_value"}
)  # OTLP's wrappers of a value
OPTION: Final = re.compile(r"--?[A-Za-z][\w-]{1,40}")
FIELD: Final = re.compile(r"[A-Za-z_][\w.-]{0,63}")
FIELD_WORD: Final = re.compile(r"[A-Z]?[a-z_]{1,24}")  # could be the name of a field as well
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
    if parent and classify_name(parent).kind is Kind.COOKIE and name.lower() not in ABOUT_COOKIES:
        return treatment if treatment.kind in HELD else CRUMB
    if treatment.kind is Kind.SESSION and "_".join(split_name(name)[-2:]) in PLAIN_SESSIONS:
        return ID  # records are grouped by it: an id, not a key
    if treatment.kind is Kind.SCAN and parent:
        joined = classify_name(f"{parent}.{name}")
        return joined if joined.kind is not Kind.ID else treatment
    return treatment


class Values:
    """One way of redacting values; a policy has one of its own, with other texts and its say in what names mean."""

    def __init__(self, memo: Memo, memo_ids: Memo) -> None:
        """What texts became: as values of any kind, and as ids, of which digits are a part."""
        self.memo, self.memo_ids = memo, memo_ids

    def text(self, text: str, *, numbers: bool = True, depth: int = 0) -> str:
        """A text without what is private in it."""
        return redact_text(text, numbers=numbers, depth=depth)

    def heed(self, treatment: Treatment) -> Treatment:
        """What becomes of what a name says."""
        return treatment

    def value(self, value: Any, name: str = "", parent: str = "", depth: int = 0, json_depth: int = 0) -> Any:
        """A clean copy of the value that stands under the name; the value itself is left as it is."""
        return self.treated(value, self.heed(treat(name, parent)) if name else SCAN, name, depth, json_depth)

    def treated(self, value: Any, treatment: Treatment, name: str, depth: int, json_depth: int) -> Any:
        """The same, once it is known what the name says."""
        if isinstance(value, str):
            return self.named_text(value, treatment, json_depth)
        if value is None or isinstance(value, PLAIN_TYPES):
            return value
        if isinstance(value, int):
            return self.number(value, treatment)
        if depth >= DEEPEST:
            return WITHHELD
        if isinstance(value, Mapping):
            return self.mapping(value, name, depth + 1, json_depth)
        if isinstance(value, SEQUENCES):
            return self.listed(value, treatment, name, depth + 1, json_depth)
        if isinstance(value, BYTES):
            return self.named_text(bytes(value).decode("utf-8", "replace"), treatment, json_depth)
        return self.named_text(str(value), treatment, json_depth)

    def named_text(self, text: str, treatment: Treatment, json_depth: int = 0) -> str:
        """The whole text hidden where its name says so, else what private is in it."""
        kind = treatment.kind
        if kind in JUDGED and is_private(treatment, text):
            return f"[{treatment.marker}]"
        if kind is Kind.COOKIE or kind is Kind.HEADER:
            return self.header(text, treatment)
        return self.text(text, numbers=kind is not Kind.ID or text.count(" ") > WORDS_OF_ID, depth=json_depth)

    def header(self, text: str, treatment: Treatment) -> str:
        """Reads the value as the header it is, so that scheme and cookie names stay; what is left over is hidden."""
        title = "Cookie" if treatment.kind is Kind.COOKIE else "Authorization"
        lead = f"{title}: "
        clean = self.text(lead + text)
        if clean.startswith(lead) and clean != lead + text:
            return clean[len(lead) :]
        if treatment.kind is Kind.COOKIE and is_bare_cookie(text):
            return "[cookie]"
        return text if clean == lead + text else f"[{treatment.marker}]"

    def number(self, value: int, treatment: Treatment) -> Any:
        """Whole numbers can be cards, PINs and telephone numbers."""
        kind = treatment.kind
        if kind is Kind.DIGITS or kind is Kind.SECRET:
            return f"[{treatment.marker}]" if is_private(treatment, str(value)) else value
        if kind is Kind.ID or value < CARD_AT_LEAST or len(text := str(value)) not in (15, 16):
            return value
        return "[card]" if checks.is_card(text) else value

    def listed(self, values: Any, treatment: Treatment, owner: str, depth: int, json_depth: int) -> list[Any]:
        """Each entry under the list's name; pairs (`["password", "x"]`) and named values under their own."""
        if len(values) == 2 and isinstance(values[0], str) and not isinstance(values[1], Mapping):
            name = self.text(values[0], depth=json_depth)  # what the clean name says holds, as it will when read again
            own = SCAN if MARKER.fullmatch(name) else self.heed(classify_name(name))
            if own.kind not in PLAIN and own.kind not in GUESSED and len(name) < 64 and " " not in name:
                return [name, self.treated(values[1], own, name, depth, json_depth)]
        clean, named = [], None
        for value, is_name in zip(values, names_among(values), strict=True):
            own = treatment if named is None or is_option(value) else named
            clean.append(self.treated(value, own, owner, depth, json_depth))
            named = self.named_next(clean[-1]) if is_name else None
        return clean

    def named_next(self, name: str) -> Treatment | None:
        """What a name in a list says of the entry behind it."""
        own = SCAN if MARKER.fullmatch(name) else self.heed(classify_name(name.lstrip("-")))
        return None if own.kind in PLAIN or own.kind in GUESSED else own

    def mapping(
        self, values: Mapping[Any, Any], parent: str = "", depth: int = 0, json_depth: int = 0
    ) -> dict[Any, Any]:
        """Each value under its name; names are looked at as well."""
        clean: dict[Any, Any] = {}
        if not NAMES.isdisjoint(values) and any(values[contact] for contact in CONTACTS.intersection(values)):
            parent = PERSON
        elif "name" in values and not SURNAMES.isdisjoint(values):
            parent = GIVEN_NAME
        owner = "" if VALUE_KEYS.isdisjoint(values) else named_by(values)
        young, young_ids = self.memo.young, self.memo_ids.young
        for key, value in values.items():
            name = key if type(key) is str else str(key)
            if owner and name in VALUE_KEYS:
                clean[key] = self.value(value, owner, "", depth, json_depth)
                continue
            treatment = self.heed(treat(name, parent))
            if type(value) is str:
                # The common case without a call: a text that was seen before.
                kind = treatment.kind
                known = young.get(value) if kind is Kind.SCAN else young_ids.get(value) if kind is Kind.ID else None
                value = known or self.named_text(value, treatment, json_depth)
            elif isinstance(value, CONTAINERS) and treatment.kind is Kind.SECRET and treatment.marker != "secret":
                value = self.secrets(value, treatment, depth)
            elif value is not None and type(value) is not bool and type(value) is not float:
                value = self.treated(value, treatment, name, depth, json_depth)
            if young.get(name) != name or name in clean:
                key = self.name(key, clean)
                if key is not name and type(key) is str:  # what the clean name says holds as well
                    value = self.mapping({key: value}, parent, depth, json_depth)[key]
            clean[key] = value
        return clean

    def secrets(self, value: Any, treatment: Treatment, depth: int) -> Any:
        """All that a container called `password` holds."""
        if isinstance(value, Mapping) and depth < DEEPEST:
            return {self.name(key, {}): self.secrets(inner, treatment, depth + 1) for key, inner in value.items()}
        if isinstance(value, SEQUENCES) and depth < DEEPEST:
            return [self.secrets(inner, treatment, depth + 1) for inner in value]
        return self.treated(value, treatment, "", depth, 0)

    def name(self, key: Any, taken: Mapping[Any, Any]) -> Any:
        """A name without what is private in it; equal names are numbered so that no value is lost."""
        if not isinstance(key, str):
            return key
        clean = first = self.text(key)
        if clean == key:
            return key
        number = 2
        while clean in taken:
            clean = f"{first}#{number}"
            number += 1
        return clean

    def document(self, document: Any, depth: int) -> Any:
        """A JSON document found inside text."""
        return self.value(document, json_depth=depth)


def names_among(values: Any) -> list[bool]:
    """Which entries of a list may name the one behind them: an option of a command (`--token`), or each other one where all of
    these are names and what they stand before is none (`["access_key", "AKIA…", "secret_key", "…"]`)."""
    names, others = values[::2], values[1::2]
    are_pairs = (
        len(names) == len(others) > 1
        and all(isinstance(name, str) and FIELD.fullmatch(name) for name in names)
        and not any(isinstance(other, str) and FIELD_WORD.fullmatch(other) for other in others)
    )
    if are_pairs:
        return [place % 2 == 0 for place in range(len(values))]
    return [is_option(value) for value in values]


def is_option(value: Any) -> bool:
    """`--session-token`, `-p`."""
    return isinstance(value, str) and OPTION.fullmatch(value) is not None


def is_bare_cookie(text: str) -> bool:
    """A cookie's value without its name; not what is left of one that was clean already."""
    return "=" not in text and MARKER.search(text) is None and is_private(Treatment(Kind.TOKEN), text)


def named_by(values: Mapping[Any, Any]) -> str:
    """The name in `{"name": "password", "value": "x"}`."""
    if len(values) > 6:
        return ""
    return next((values[key] for key in NAME_KEYS if isinstance(values.get(key), str)), "")


ORDINARY: Final = Values(seen, seen_ids)
redact_value: Final = ORDINARY.value
redact_mapping: Final = ORDINARY.mapping
redact_named_text: Final = ORDINARY.named_text
structure.walker.append(ORDINARY.document)
