"""Redacts one text: the gate names the rules, the rules claim spans, and what comes out is looked at again.

The second look makes redaction idempotent by construction: a text is done when a look changes nothing.
"""

import logging
from typing import Final, Literal

from diagnostics.pipeline.redact.memo import Memo
from diagnostics.pipeline.redact.patterns import Gate
from diagnostics.pipeline.redact.rules import OUTGOING, OUTGOING_GATE, STORE, STORE_GATE, Rule
from diagnostics.pipeline.redact.scan import UNSCANNED, Scan
from diagnostics.pipeline.redact.structure import redact_documents

Profile = Literal["store", "outgoing"]

LOOKS: Final = 5  # a text that still changes after so many is not let through
SHORTEST: Final = 4  # characters of the shortest text that can hold something private
WITHHELD: Final = f"[{UNSCANNED}]"

logger = logging.getLogger(__name__)
seen: Final = Memo()
seen_ids: Final = Memo()


def redact_text(text: str, profile: Profile = "store", *, numbers: bool = True, depth: int = 0) -> str:
    """The text with a marker in the place of each private span.

    Without `numbers`, digits alone are taken for ids. Fails closed: what cannot be looked at becomes `[unscanned]`.
    """
    if len(text) < SHORTEST:
        return text
    memo = seen if numbers else seen_ids
    clean = memo.get(text)
    if clean is None:
        clean = guard(text, numbers, depth)
        memo.put(text, clean)
    if profile == "outgoing":
        return guard_outgoing(clean)
    return clean


def guard(text: str, numbers: bool, depth: int) -> str:
    """Redacts for the store, or withholds the text."""
    try:
        data = text.encode("utf-8", "surrogatepass")
        opened = STORE_GATE.open(data)
        if opened or b'{"' in data or b'["' in data or b'{\\"' in data:
            return settle(text, data, numbers, depth)
    except Exception as error:  # a fault in a detector must not let the text through, whatever it is
        logger.error("A text was withheld: redaction failed with %s.", type(error).__name__)
        return WITHHELD
    return text


def settle(text: str, data: bytes, numbers: bool, depth: int) -> str:
    """Looks again until nothing changes."""
    first = data
    for _ in range(LOOKS):
        clean = look(STORE, STORE_GATE, data, numbers)
        whole = redact_documents(clean.decode("utf-8", "surrogatepass"), depth) if b'"' in clean else None
        if whole is not None:
            clean = whole.encode("utf-8", "surrogatepass")
        if clean == data:
            return text if clean is first else clean.decode("utf-8", "surrogatepass")
        data = clean
    return WITHHELD


def guard_outgoing(text: str) -> str:
    """The stricter profile, on text that is clean for the store."""
    try:
        data = text.encode("utf-8", "surrogatepass")
        for _ in range(LOOKS):
            clean = look(OUTGOING, OUTGOING_GATE, data, numbers=True)
            if clean == data:
                return clean.decode("utf-8", "surrogatepass")
            data = clean
    except Exception as error:  # as above
        logger.error("A text was withheld: redaction failed with %s.", type(error).__name__)
    return WITHHELD


def look(rules: tuple[Rule, ...], gate: Gate, data: bytes, numbers: bool) -> bytes:
    """One look: the rules that the gate opens, one rewrite."""
    opened = gate.open(data)
    if not opened:
        return data
    scan = Scan(data, numbers)
    for place in opened:
        rule = rules[place]
        if numbers or not rule.weak:
            rule.find(scan)
    return scan.rewrite() if scan.claims else data
