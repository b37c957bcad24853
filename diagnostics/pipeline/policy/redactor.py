"""Redaction under a policy: the same rules, without the markers of detectors that are off, and with patterns of its own.

It has a memory of its own, and nothing that it remembers is shared with the way that records take without a policy.
"""

import logging
from functools import lru_cache
from typing import Any, Final

from diagnostics.pipeline.policy.model import Policy
from diagnostics.pipeline.redact.engine import SHORTEST, WITHHELD, settle
from diagnostics.pipeline.redact.keys import SCAN, Treatment
from diagnostics.pipeline.redact.memo import Memo
from diagnostics.pipeline.redact.rules import STORE_GATE
from diagnostics.pipeline.redact.values import Values

POLICIES: Final = 256  # whose memories are kept

logger = logging.getLogger(__name__)


class PolicyRedactor(Values):
    """One policy's."""

    def __init__(self, policy: Policy) -> None:
        super().__init__(Memo(), Memo())
        self.policy = policy

    def text(self, text: str, *, numbers: bool = True, depth: int = 0) -> str:
        """The text with its markers; fails closed."""
        if len(text) < SHORTEST:
            return text
        memo = self.memo if numbers else self.memo_ids
        clean = memo.young.get(text) or memo.recall(text) if depth == 0 else None
        if clean is not None:
            return clean
        try:
            clean = self.settle(text, numbers, depth)
        except Exception as error:  # a fault must not let the text through, whatever it is
            logger.error("A text was withheld: redaction failed with %s.", type(error).__name__)
            return WITHHELD
        if depth == 0:
            memo.put(text, clean)
        return clean

    def settle(self, text: str, numbers: bool, depth: int) -> str:
        """Own patterns, then looks until nothing changes."""
        for replace in self.policy.replaces:
            text = replace(text)
        data = text.encode("utf-8", "surrogatepass")
        return settle(text, data, STORE_GATE.open(data), numbers, depth, self.document, self.policy.kept_markers)

    def heed(self, treatment: Treatment) -> Treatment:
        """A name says nothing of what a detector that is off would hide."""
        return SCAN if treatment.marker in self.policy.kept_markers else treatment

    def number(self, value: int, treatment: Treatment) -> Any:
        """A card's number stays where cards do."""
        clean = super().number(value, treatment)
        return value if clean == "[card]" and "card" in self.policy.kept_markers else clean


@lru_cache(maxsize=POLICIES)
def redactor_of(policy: Policy) -> PolicyRedactor:
    """One for each policy, so that what it remembers lasts longer than a request."""
    return PolicyRedactor(policy)
