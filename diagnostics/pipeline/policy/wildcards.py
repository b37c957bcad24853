"""Names with `*` in them, matched in linear time and without regard to case."""

from collections.abc import Callable, Sequence
from typing import Final

import re2

NAME_CHARS: Final = 200


def compile_names(names: Sequence[str]) -> Callable[[str], bool]:
    """Whether a name fits one of the patterns."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.dot_nl = True
    union = "|".join(".*".join(re2.escape(part) for part in name.split("*")) for name in names)
    match = re2.compile(f"(?:{union})", options).fullmatch
    return lambda name: match(name) is not None
