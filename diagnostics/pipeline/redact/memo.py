"""Remembers what texts became: log lines and attributes repeat. Two generations, so that memory stays bounded."""

from typing import Final

ENTRIES: Final = 8_192  # of one generation
LONGEST: Final = 1_024  # characters of a text worth remembering


class Memo:
    """A cache without locks: each step is one dictionary operation, and losing an entry only costs time.

    Callers on the hot path look into `young`, which stays the same object, themselves and ask `recall` only when it
    has nothing.
    """

    def __init__(self) -> None:
        """Starts empty."""
        self.young: dict[str, str] = {}
        self._old: dict[str, str] = {}

    def recall(self, text: str) -> str | None:
        """What the text became a generation ago."""
        clean = self._old.get(text)
        if clean is not None:
            self.put(text, clean)
        return clean

    def put(self, text: str, clean: str) -> None:
        """Remembers; a full generation becomes the old one."""
        if len(text) > LONGEST:
            return
        if len(self.young) >= ENTRIES:
            self._old = self.young.copy()
            self.young.clear()
        self.young[text] = clean

    def clear(self) -> None:
        """Forgets all."""
        self.young.clear()
        self._old = {}
