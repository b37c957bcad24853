"""RE2 over bytes: one place for its options and traps. Linear time on any input; no look-around, no backtracking.

Latin-1 mode reads UTF-8 byte by byte, so that offsets are byte offsets and classes stay small; `\\b` is ASCII.
"""

from collections.abc import Callable, Sequence
from typing import Final

import re2

Spans = Sequence[tuple[int, int]]  # of the match and of each group, in bytes; (-1, -1) where nothing matched
Find = Callable[[bytes, int, int], Spans]

NOTHING: Final = (-1, -1)
MEMORY: Final = 64 * 1024 * 1024  # of the set's automaton; one that runs out answers nothing, which gates notice


def make_options() -> re2.Options:
    """The options that every pattern shares."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = MEMORY
    options.log_errors = False
    return options


def compile_find(pattern: str) -> Find:
    """A search for the first match from a place on. `_regexp` spares a match object, half the cost of a search."""
    match = re2.compile(pattern.encode(), make_options())._regexp.Match
    anchor = re2._Anchor.UNANCHORED
    return lambda data, start, end: match(anchor, data, start, end)  # type: ignore[no-any-return]


def compile_here(pattern: str) -> Find:
    """A match that must begin at the place given."""
    match = re2.compile(pattern.encode(), make_options())._regexp.Match
    anchor = re2._Anchor.ANCHOR_START
    return lambda data, start, end: match(anchor, data, start, end)  # type: ignore[no-any-return]


class Gate:
    """One pass over the text that tells which rules can have something to say."""

    def __init__(self, patterns: Sequence[tuple[int, str]]) -> None:
        """`patterns` pairs a rule's place with a pattern; a rule may have several."""
        self._set = re2.Set.SearchSet(make_options())
        self._rules = []
        for rule, pattern in patterns:
            self._set.Add(pattern.encode())
            self._rules.append(rule)
        # Matches everything: an answer without it means that the automaton gave up, so every rule must look.
        self._proof = self._set.Add(b"")
        self._set.Compile()
        self._match = self._set._set.Match
        self._every = tuple(sorted(set(self._rules)))

    def open(self, data: bytes) -> tuple[int, ...]:
        """The places of the rules to run, in order."""
        hits = self._match(data)
        if len(hits) == 1 and hits[0] == self._proof:
            return ()
        if self._proof not in hits:
            return self._every
        rules, proof = self._rules, self._proof
        return tuple(sorted({rules[hit] for hit in hits if hit != proof}))
