"""Patterns of an environment's own: linear RE2, checked for size and for taking too much before they are saved."""

from collections.abc import Callable
from typing import Final

import re2

PATTERN_CHARS: Final = 500
PROGRAM: Final = 2_000  # instructions of the compiled pattern: bounds its memory and the cost of a byte
MEMORY: Final = 4 * 1024 * 1024
TOO_BROAD: Final = 0.3  # of everyday lines that a pattern may touch
TOUCHED: Final = 0.5  # of a line's characters: a pattern that takes more hides the line, not a value in it
# What no pattern should take: lines as every software writes them, and values that people search by.
EVERYDAY: Final = (
    "GET /api/orders/42 200 in 12 ms",
    "2030-01-31T12:00:00.123Z INFO worker started",
    "connection to database refused, retrying in 5 s",
    "user session started",
    "4bf92f3577b34da6a3ce929d0e0e4736",
    "7f0c1c5e-2d3a-4f4b-9a55-0c2f0f3d1a77",
    "release 2.14.1-rc3",
    "cache miss for key product list",
    "java.lang.NullPointerException: name is null",
    "order accepted",
    "disk usage at 81 percent on volume data",
    "payment failed: card was declined",
)

Replace = Callable[[str], str]


class UnsafePatternError(ValueError):
    """The pattern cannot be used; the message says why and what to do."""


def options_of() -> re2.Options:
    """Bounded memory; what RE2 has to say is said by the exception."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = MEMORY
    return options


def compile_pattern(name: str, pattern: str) -> Replace:
    """A function that puts `[name]` in the place of each match."""
    marker = f"[{name}]".replace("\\", "")
    compiled = re2.compile(pattern, options_of())

    def replace(text: str) -> str:
        return text if compiled.search(text) is None else str(compiled.sub(lambda _match: marker, text))

    return replace


def check_pattern(name: str, pattern: str) -> None:
    """UnsafePatternError for what must not be saved."""
    if not 1 <= len(pattern) <= PATTERN_CHARS:
        raise UnsafePatternError(f"use 1 to {PATTERN_CHARS} characters")
    try:
        compiled = re2.compile(pattern, options_of())
    except re2.error as error:
        said = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else str(error)
        raise UnsafePatternError(
            f"not a pattern that RE2 knows ({said}); look-around and back-references do not exist"
        ) from None
    if compiled.programsize > PROGRAM:
        raise UnsafePatternError("it becomes too large when compiled; lower the counts in braces")
    if compiled.search("") is not None:
        raise UnsafePatternError("it matches the empty text, which is everywhere; use + instead of *")
    if compiled.search(f"[{name}]") is not None:
        raise UnsafePatternError(f"it matches its own marker [{name}]; name it differently or make it narrower")
    check_breadth(compiled)


def check_breadth(compiled: "re2._Regexp[str]") -> None:
    """A pattern that hides ordinary lines is a mistake, whatever was meant."""
    touched = [line for line in EVERYDAY if covered(compiled, line) > 0]
    hidden = [line for line in EVERYDAY if covered(compiled, line) > TOUCHED * len(line)]
    if hidden:
        raise UnsafePatternError(f"too broad: of the everyday line “{hidden[0]}” it would hide nearly everything")
    if len(touched) > TOO_BROAD * len(EVERYDAY):
        raise UnsafePatternError(
            f"too broad: it finds something in “{touched[0]}” and {len(touched) - 1} other everyday lines"
        )


def covered(compiled: "re2._Regexp[str]", line: str) -> int:
    """Characters of the line that it takes."""
    return sum(match.end() - match.start() for match in compiled.finditer(line))
