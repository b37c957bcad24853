"""Redacts one text: the gate names the rules, the rules claim spans, and what comes out is looked at again.

The second look makes redaction idempotent by construction: a text is done when a look changes nothing.
"""

import logging
import re
from collections.abc import Sequence
from typing import Final, Literal

from diagnostics.pipeline.bounds import is_sound
from diagnostics.pipeline.redact import structure
from diagnostics.pipeline.redact.memo import Memo
from diagnostics.pipeline.redact.rules import OUTGOING, OUTGOING_GATE, STORE, STORE_GATE, Rule
from diagnostics.pipeline.redact.scan import UNSCANNED, Scan

Profile = Literal["store", "outgoing"]

LOOKS: Final = 6  # a text that still changes after so many is not let through
SHORTEST: Final = 4  # characters of the shortest text that can hold something private
COMES_AGAIN: Final = 24  # characters; a longer clean text is looked at again sooner than it is found in the memory
WITHHELD: Final = f"[{UNSCANNED}]"
# Trace ids, UUIDs and hashes, the most common values of all, cannot hold anything that a rule would find.
ID_LENGTHS: Final = frozenset({16, 32, 36, 40, 64})
PLAIN_ID: Final = re.compile(
    r"(?=[0-9-]*[a-fA-F])(?:[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
)

NO_RULES: Final[tuple[int, ...]] = ()
ALL_RULES: Final = (-1,)
NONE_KEPT: Final[frozenset[str]] = frozenset()

logger = logging.getLogger(__name__)
seen: Final = Memo()
seen_ids: Final = Memo()
open_gate: Final = STORE_GATE.open


def redact_text(text: str, profile: Profile = "store", *, numbers: bool = True, depth: int = 0) -> str:
    """The text with a marker in the place of each private span.

    Without `numbers`, digits alone are taken for ids. Fails closed: what cannot be looked at becomes `[unscanned]`.
    """
    if len(text) < SHORTEST:
        return text
    memo = seen if numbers else seen_ids
    clean = memo.young.get(text)
    if clean is None:
        clean = memo.recall(text)
        if clean is None:
            clean = guard(text, memo, numbers, depth)
    return clean if profile == "store" else guard_outgoing(clean)


def redact_texts(texts: Sequence[str]) -> list[str]:
    """Many texts for the store, each as `redact_text` does it.

    Texts that need the same rules are done one after the other: what those need is then in the processor's caches,
    which spares a quarter of the time.
    """
    found = list(texts)
    waiting: dict[tuple[int, ...], list[int]] = {}
    recall = seen.young.get
    for place, text in enumerate(texts):
        clean = recall(text)
        if clean is None:
            waiting.setdefault(rules_for(text), []).append(place)
        else:
            found[place] = clean
    for opened, places in waiting.items():
        if opened != NO_RULES:
            for place in places:
                found[place] = redact_text(texts[place])
    return found


def rules_for(text: str) -> tuple[int, ...]:
    """The rules that a text needs, as a group to work by; ALL_RULES where the gate does not tell."""
    try:
        opened = open_gate(text.encode("utf-8", "surrogatepass"))
    except Exception:  # told by redacting
        return ALL_RULES
    return opened if opened or ('"' not in text and len(text) > COMES_AGAIN) else ALL_RULES


def guard(text: str, memo: Memo, numbers: bool, depth: int) -> str:
    """Redacts for the store and remembers what comes again or took long; withholds the text where that fails."""
    if len(text) in ID_LENGTHS and PLAIN_ID.fullmatch(text):
        return text
    try:
        data = text.encode("utf-8", "surrogatepass")
        opened = open_gate(data)
        if opened or '"' in text:
            clean = settle(text, data, opened, numbers, depth)
        elif len(text) > COMES_AGAIN:
            return text
        else:
            clean = text
    except Exception as error:  # a fault in a detector must not let the text through, whatever it is
        logger.error("A text was withheld: redaction failed with %s.", type(error).__name__)
        return WITHHELD
    if depth == 0 and is_sound(text):  # deeper, less is looked at; and who asks the memory takes its texts for storable
        memo.put(text, clean)
    return clean


def settle(
    text: str,
    data: bytes,
    opened: tuple[int, ...],
    numbers: bool,
    depth: int,
    walk: structure.Redact | None = None,
    kept: frozenset[str] = NONE_KEPT,
) -> str:
    """Looks again until nothing changes. JSON is read as JSON first, what is left over as text. A policy has its own way
    of walking through JSON, and markers of detectors that are off."""
    first = data
    for _ in range(LOOKS):
        if b'"' in data:
            whole = structure.redact_documents(data.decode("utf-8", "surrogatepass"), depth, walk)
            if whole is not None:
                data = whole.encode("utf-8", "surrogatepass")
                opened = open_gate(data)
        clean = look(STORE, opened, data, numbers, kept)
        if clean is data:
            return text if data is first else data.decode("utf-8", "surrogatepass")
        data = clean
        opened = open_gate(data)
    return WITHHELD


def guard_outgoing(text: str) -> str:
    """The stricter profile, on text that is clean for the store."""
    try:
        data = text.encode("utf-8", "surrogatepass")
        for _ in range(LOOKS):
            clean = look(OUTGOING, OUTGOING_GATE.open(data), data, numbers=True)
            if clean is data:
                return data.decode("utf-8", "surrogatepass")
            data = look(STORE, open_gate(clean), clean, numbers=True)  # what stands beside a marker may read otherwise
    except Exception as error:  # as above
        logger.error("A text was withheld: redaction failed with %s.", type(error).__name__)
    return WITHHELD


def look(
    rules: tuple[Rule, ...], opened: tuple[int, ...], data: bytes, numbers: bool, kept: frozenset[str] = NONE_KEPT
) -> bytes:
    """One look by the rules that the gate opened; the very same bytes where they find nothing. What would get one of the
    `kept` markers stays."""
    if not opened:
        return data
    scan = Scan(data, numbers)
    for place in opened:
        rule = rules[place]
        if numbers or not rule.weak:
            rule.find(scan)
    if kept:
        scan.claims = [claim for claim in scan.claims if claim[2].split(":", 1)[0] not in kept]
    if not scan.claims:
        return data
    scan.claim_echoes()
    return scan.rewrite()
