"""Finding what a pattern stands for: the very lines, of which it keeps what does not vary. Linear in the line, by RE2."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Self

import re2

from alerts.patterns import options
from alerts.scrubbing import ERASED, QUOTED_CHARS
from diagnostics.detection.templates.mask import MORE
from diagnostics.pipeline.errors import TITLE_CHARS

GAP: Final = re.compile(r"<\*>|\*")
BLANK: Final = re.compile(r"\s+")
WITHIN: Final = r"[^\n]*?"
REST: Final = r"[^\n]*"
AT_AN_END: Final = r"""(?:"[^"\n]*"|'[^'\n]*'|\S*)"""  # a word, or what stands in quotation marks
WORD_CHARS: Final = 4  # of the longest word, by which lines are looked for


@dataclass(frozen=True)
class Gapped:
    """A pattern, and the word that is in every line of it."""

    text: str
    word: str

    @classmethod
    def read(cls, text: str) -> Self | None:
        """None for a text that is the line itself, and for one of which too little is fixed to tell a line by."""
        if not GAP.search(text) and not is_cut(text):
            return None
        words = [word for piece in GAP.split(text) for word in piece.removesuffix(MORE).split()]
        longest = max(words, key=len, default="")
        return cls(text, longest) if sum(map(len, words)) >= QUOTED_CHARS and len(longest) >= WORD_CHARS else None

    @cached_property
    def compiled(self) -> Any:
        """For RE2."""
        first, *others = GAP.split(self.text.removesuffix(MORE))
        found = [AT_AN_END if others and not first else spaced(first)]
        for number, piece in enumerate(others, 1):
            is_last = number == len(others) and not piece
            found.append(AT_AN_END if is_last else (WITHIN if first or number > 1 else "") + spaced(piece))
        return re2.compile("".join(found) + (REST if is_cut(self.text) else ""), options())

    def scrub(self, sentence: str) -> str:
        """The sentence without lines of the pattern."""
        return str(self.compiled.sub(ERASED, sentence)) if self.word in sentence else sentence


def is_cut(text: str) -> bool:
    """Whether the line went on behind what the pattern keeps of it."""
    return text.endswith(MORE) or len(text) == TITLE_CHARS


def spaced(piece: str) -> str:
    """What stands between two gaps, whatever its blanks were."""
    return r"\s+".join(map(re2.escape, BLANK.split(piece)))
