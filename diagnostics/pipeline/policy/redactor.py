"""Redaction under a policy: the same rules, without the markers of detectors that are off, and with patterns of its own.

It has a memory of its own, and nothing here is shared with the way that records take without a policy.
"""

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from diagnostics.pipeline.policy.model import Policy
from diagnostics.pipeline.redact import structure
from diagnostics.pipeline.redact.engine import LOOKS, SHORTEST, WITHHELD
from diagnostics.pipeline.redact.judge import GUESSED, JUDGED, is_private
from diagnostics.pipeline.redact.keys import CONTACTS, SCAN, Kind, Treatment, classify_name
from diagnostics.pipeline.redact.memo import Memo
from diagnostics.pipeline.redact.rules import STORE, STORE_GATE
from diagnostics.pipeline.redact.scan import Scan
from diagnostics.pipeline.redact.values import (
    DEEPEST,
    NAME_KEYS,
    PERSON,
    PLAIN,
    VALUE_KEYS,
    redact_header,
    redact_number,
    redact_secrets,
    treat,
)

logger = logging.getLogger(__name__)


class PolicyRedactor:
    """One policy's."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.memo, self.memo_ids = Memo(), Memo()

    def text(self, text: str, *, numbers: bool = True, depth: int = 0) -> str:
        """The text with its markers; fails closed."""
        if len(text) < SHORTEST:
            return text
        memo = self.memo if numbers else self.memo_ids
        clean = memo.young.get(text) if depth == 0 else None
        if clean is None:
            try:
                clean = self.settle(text, numbers, depth)
            except Exception as error:  # a fault must not let the text through, whatever it is
                logger.error("A text was withheld: redaction failed with %s.", type(error).__name__)
                clean = WITHHELD
            if depth == 0:
                memo.put(text, clean)
        return clean

    def settle(self, text: str, numbers: bool, depth: int) -> str:
        """Own patterns, then looks until nothing changes."""
        for replace in self.policy.replaces:
            text = replace(text)
        for _ in range(LOOKS):
            whole = structure.redact_documents(text, depth, self.document) if '"' in text else None
            before = text if whole is None else whole
            data = before.encode("utf-8", "surrogatepass")
            clean = self.look(data, numbers)
            if clean is data:
                if whole is None:
                    return text
                text = before
                continue
            text = clean.decode("utf-8", "surrogatepass")
        return WITHHELD

    def look(self, data: bytes, numbers: bool) -> bytes:
        """One look by all rules; the claims of detectors that are off are given back."""
        opened = STORE_GATE.open(data)
        if not opened:
            return data
        scan = Scan(data, numbers)
        for place in opened:
            rule = STORE[place]
            if numbers or not rule.weak:
                rule.find(scan)
        kept = self.policy.kept_markers
        scan.claims = [claim for claim in scan.claims if claim[2].split(":", 1)[0] not in kept]
        return scan.rewrite() if scan.claims else data

    def document(self, value: Any, depth: int) -> Any:
        """JSON found in a text."""
        return self.value(value, json_depth=depth)

    def value(self, value: Any, name: str = "", parent: str = "", depth: int = 0, json_depth: int = 0) -> Any:
        """A clean copy of a value under its name."""
        treatment = treat(name, parent) if name else SCAN
        return self.treated(value, treatment, name, depth, json_depth)

    def treated(self, value: Any, treatment: Treatment, name: str, depth: int, json_depth: int) -> Any:
        """The same, once it is known what the name says."""
        if treatment.marker in self.policy.kept_markers:
            treatment = SCAN
        if isinstance(value, str):
            return self.named_text(value, treatment, json_depth)
        if value is None or isinstance(value, bool | float):
            return value
        if isinstance(value, int):
            clean = redact_number(value, treatment)
            return value if clean == "[card]" and "card" in self.policy.kept_markers else clean
        if depth >= DEEPEST:
            return WITHHELD
        if isinstance(value, Mapping):
            if treatment.kind is Kind.SECRET and treatment.marker != "secret":
                return redact_secrets(value, treatment, depth)
            return self.mapping(value, name, depth + 1, json_depth)
        if isinstance(value, list | tuple):
            if treatment.kind is Kind.SECRET and treatment.marker != "secret":
                return redact_secrets(value, treatment, depth)
            return self.listed(value, treatment, name, depth + 1, json_depth)
        return self.named_text(str(value), treatment, json_depth)

    def listed(self, values: Any, treatment: Treatment, owner: str, depth: int, json_depth: int) -> list[Any]:
        """Each entry under the list's name; pairs (`["password", "x"]`) under their own."""
        if len(values) == 2 and isinstance(values[0], str) and not isinstance(values[1], Mapping):
            name = self.text(values[0], depth=json_depth)
            own = classify_name(name)
            if own.kind not in PLAIN and own.kind not in GUESSED and len(name) < 64 and " " not in name:
                return [name, self.treated(values[1], own, name, depth, json_depth)]
        return [self.treated(value, treatment, owner, depth, json_depth) for value in values]

    def named_text(self, text: str, treatment: Treatment, json_depth: int) -> str:
        """Hidden as a whole where the name says so, else what is private in it."""
        kind = treatment.kind
        if kind in JUDGED and is_private(treatment, text):
            return f"[{treatment.marker}]"
        if kind is Kind.COOKIE or kind is Kind.HEADER:
            return redact_header(text, treatment)
        return self.text(text, numbers=kind is not Kind.ID, depth=json_depth)

    def mapping(
        self, values: Mapping[Any, Any], parent: str = "", depth: int = 0, json_depth: int = 0
    ) -> dict[Any, Any]:
        """Each value under its name; names are looked at as well."""
        clean: dict[Any, Any] = {}
        if "name" in values and not CONTACTS.isdisjoint(values):
            parent = PERSON
        owner = "" if VALUE_KEYS.isdisjoint(values) else owner_of(values)
        for key, value in values.items():
            name = key if isinstance(key, str) else str(key)
            if owner and name in VALUE_KEYS:
                cleaned = self.value(value, owner, "", depth, json_depth)
            else:
                cleaned = self.value(value, name, parent, depth, json_depth)
            clean[self.name(key, clean)] = cleaned
        return clean

    def name(self, key: Any, taken: Mapping[Any, Any]) -> Any:
        """A name without what is private in it; equal names are numbered."""
        if not isinstance(key, str):
            return key
        clean = first = self.text(key)
        number = 2
        while clean in taken:
            clean = f"{first}#{number}"
            number += 1
        return clean


def owner_of(values: Mapping[Any, Any]) -> str:
    """The name in `{"name": "password", "value": "x"}`."""
    if len(values) > 6:
        return ""
    return next((values[key] for key in NAME_KEYS if isinstance(values.get(key), str)), "")


POLICIES: Final = 256  # whose memories are kept


@lru_cache(maxsize=POLICIES)
def redactor_of(policy: Policy) -> PolicyRedactor:
    """One for each policy, so that what it remembers lasts longer than a request."""
    return PolicyRedactor(policy)
