"""Regular expressions that people write, for RE2: time grows with the text alone, whatever the pattern."""

from functools import lru_cache
from typing import Any, Final

import re2

LONGEST: Final = 500  # characters
LARGEST: Final = 5_000  # RE2's program size: bounds the memory of a pattern such as (a{100}){9}
MEMORY: Final = 64 * 1024 * 1024  # of a set's automaton; it grows only as far as texts ask for


def options() -> re2.Options:
    """Text is UTF-8; bad patterns are told to people, not to the log."""
    made = re2.Options()
    made.max_mem = MEMORY
    made.log_errors = False
    return made


@lru_cache(maxsize=1_000)
def compile_pattern(pattern: str) -> Any:
    """A compiled pattern; re2.error says what is wrong with it."""
    return re2.compile(pattern, options())


def check_pattern(pattern: str) -> str:
    """What is wrong with a pattern and the way out, in words; empty when it can be used."""
    if len(pattern) > LONGEST:
        return f"The pattern has {len(pattern)} characters; use at most {LONGEST}."
    try:
        compiled = compile_pattern(pattern)
    except re2.error as error:
        return f"RE2 cannot read this: {reason_of(error)}. It has no look-ahead, look-behind and back-references."
    if compiled.programsize > LARGEST:
        return "The pattern is too large once its repetitions are written out; use smaller counts in {braces}."
    if compiled.search(""):
        return "The pattern matches every record, even an empty one; leave out what may be missing ('*', '?', '|' at an end)."
    return ""


def reason_of(error: Exception) -> str:
    """RE2's words, as text."""
    found = error.args[0] if error.args else error
    return found.decode("utf-8", "replace") if isinstance(found, bytes) else str(found)
