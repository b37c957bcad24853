"""RE2 over bytes: one place for its options and traps. Linear time on any input; no look-around, no backtracking.

Latin-1 mode reads UTF-8 byte by byte, so that offsets are byte offsets and classes stay small; `\\b` is ASCII.
"""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import re2

Spans = Sequence[tuple[int, int]]  # of the match and of each group, in bytes; (-1, -1) where nothing matched
Find = Callable[[bytes, int, int], Spans]

NOTHING: Final = (-1, -1)
MEMORY: Final = 64 * 1024 * 1024  # of one automaton; a set that runs out answers nothing, which the gate notices
REMEMBERED: Final = 4_096  # combinations of opened rules
SHAPES: Final = 8_192  # of one generation
LONGEST_SHAPE: Final = 512  # bytes of a text whose shape is worth remembering
# To a gate all digits look alike: texts that differ in their numbers only, as log lines do, have one shape.
DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
# A pattern's parts in which a digit may stand: escapes, counts, classes, and digits themselves.
PARTS: Final = re.compile(r"\\x[0-9a-fA-F]{2}|\\.|\{\d+(?:,\d*)?\}|\[\^?\]?(?:\\.|[^\]\\])*\]|\d", re.DOTALL)


def make_options(*, captures: bool = False) -> re2.Options:
    """The options that every pattern shares. RE2 takes five times as long when it has to find groups."""
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = MEMORY
    options.log_errors = False
    options.never_capture = not captures
    return options


def compile_raw(pattern: bytes, *, captures: bool = False) -> Callable[..., Any]:
    """RE2's own match function; `_regexp` spares the match object, half the cost of a search."""
    match: Callable[..., Any] = re2.compile(pattern, make_options(captures=captures))._regexp.Match
    return match


def compile_find(pattern: str) -> Find:
    """A search for the first match from a place on."""
    return add_groups(pattern.encode(), re2._Anchor.UNANCHORED)


def compile_here(pattern: str) -> Find:
    """A match that must begin at the place given."""
    return add_groups(pattern.encode(), re2._Anchor.ANCHOR_START)


def compile_test(pattern: str) -> Callable[[bytes], bool]:
    """Whether the pattern occurs: for the words that lead up to a match."""
    match = compile_raw(pattern.encode())
    anchor = re2._Anchor.UNANCHORED
    return lambda data: match(anchor, data, 0, len(data))[0][0] >= 0


def compile_set(patterns: Sequence[str]) -> Callable[[bytes], Sequence[int]]:
    """Which of the patterns occur, in one pass, in their order; all of them where the automaton gave up."""
    several = re2.Set.SearchSet(make_options())
    for pattern in patterns:
        several.Add(pattern.encode())
    proof = several.Add(b"")  # occurs in everything
    several.Compile()
    match = several._set.Match

    def find(data: bytes) -> Sequence[int]:
        hits = sorted(match(data))
        return hits[:-1] if hits and hits[-1] == proof else range(proof)

    return find


def add_groups(pattern: bytes, anchor: Any) -> Find:
    """RE2 finds the match without its groups; Python's `re` takes apart what was found, which it knows to match."""
    match = compile_raw(pattern)
    if not re2.compile(pattern, make_options(captures=True)).groups:
        return lambda data, start, end: match(anchor, data, start, end)
    parts = re.compile(pattern)
    slow = compile_raw(pattern, captures=True)
    nothing = (NOTHING,) * (parts.groups + 1)

    def find(data: bytes, start: int, end: int) -> Spans:
        head, tail = match(anchor, data, start, end)[0]
        if head < 0:
            return nothing
        found = parts.match(data, head, tail)
        if found is None or found.end() != tail:  # the two differ in rare classes of white space
            spans: Spans = slow(anchor, data, head, end)
            return spans
        return found.regs

    return find


def blind(pattern: str) -> str:
    """The pattern with any digit in the place of each: what it must match when all digits look alike."""

    def widen(part: re.Match[str]) -> str:
        text = part[0]
        if text.isdigit():
            return r"\d"
        if not text.startswith("["):
            return text
        if text.startswith("[^") and re.search(r"\d", text.replace("0-9", "")):
            raise ValueError(f"a gate cannot leave single digits out: {text}")
        return re.sub(r"(?<!\\x)(?<!\\x[0-9a-fA-F])[0-9](?:-[0-9])?", r"\\d", text)

    return PARTS.sub(widen, pattern)


class Gate:
    """A pass over the text's shape that tells which rules can have something to say, remembered by shape.

    The patterns are spread over a few sets: one automaton for words and digits together would have to track every
    combination of both, which costs a thousand times more states than two that look separately.
    """

    def __init__(self, needs: Sequence[tuple[str, Sequence[str]]]) -> None:
        """`needs` has, for each rule, the name of its set and patterns that must all occur before it is worth running."""
        self._needs: list[frozenset[tuple[int, int]]] = [frozenset()] * len(needs)
        self._proofs: list[int] = []
        matches = []
        for number, group in enumerate(dict.fromkeys(group for group, _ in needs)):
            patterns = re2.Set.SearchSet(make_options())
            for place, (own, rule) in enumerate(needs):
                if own == group:
                    self._needs[place] = frozenset((number, patterns.Add(blind(pattern).encode())) for pattern in rule)
            # Matches everything: an answer without it means that the automaton gave up, so every rule must look.
            self._proofs.append(patterns.Add(b""))
            patterns.Compile()
            matches.append(patterns._set.Match)
        self._first, self._second, self._third = matches
        self._opened: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._young: dict[bytes, tuple[int, ...]] = {}
        self._old: dict[bytes, tuple[int, ...]] = {}

    def open(self, data: bytes) -> tuple[int, ...]:
        """The places of the rules to run, in order."""
        shape = data.translate(DIGITS)
        opened = self._young.get(shape)
        return self._look(shape) if opened is None else opened

    def forget(self) -> None:
        """Empties the memory of shapes."""
        self._young, self._old = {}, {}

    def _look(self, shape: bytes) -> tuple[int, ...]:
        """Looks at a shape that the young generation does not know, and remembers it."""
        opened = self._old.get(shape)
        if opened is None:
            hits = (*self._first(shape), -1, *self._second(shape), -1, *self._third(shape))
            found = self._opened.get(hits)
            opened = self._work_out(hits) if found is None else found
        if len(shape) <= LONGEST_SHAPE:
            if len(self._young) >= SHAPES:
                self._old, self._young = self._young, {}
            self._young[shape] = opened
        return opened

    def _work_out(self, hits: tuple[int, ...]) -> tuple[int, ...]:
        """The rules whose needs are met by a combination of hits, remembered."""
        found, number = set(), 0
        for hit in hits:
            if hit < 0:
                number += 1
            else:
                found.add((number, hit))
        blind = {number for number, proof in enumerate(self._proofs) if (number, proof) not in found}
        opened = tuple(
            place
            for place, needs in enumerate(self._needs)
            if needs <= found or any(number in blind for number, _ in needs)
        )
        if len(self._opened) < REMEMBERED:
            self._opened[hits] = opened
        return opened
