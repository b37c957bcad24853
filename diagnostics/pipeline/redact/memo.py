"""Remembers what texts became: log lines and attributes repeat. Two generations, so that memory stays bounded."""

from typing import Final

ENTRIES: Final = 8_192  # of one generation
LONGEST: Final = 1_024  # characters of a text worth remembering


class Memo:
    """A cache without locks: each step is one dictionary operation, and losing an entry only costs time."""

    def __init__(self) -> None:
        """Starts empty."""
        self._young: dict[str, str] = {}
        self._old: dict[str, str] = {}

    def get(self, text: str) -> str | None:
        """What the text became, if it was seen not long ago."""
        clean = self._young.get(text)
        if clean is None:
            clean = self._old.get(text)
            if clean is not None:
                self.put(text, clean)
        return clean

    def put(self, text: str, clean: str) -> None:
        """Remembers; a full generation becomes the old one."""
        if len(text) > LONGEST:
            return
        if len(self._young) >= ENTRIES:
            self._old, self._young = self._young, {}
        self._young[text] = clean

    def clear(self) -> None:
        """Forgets all."""
        self._young, self._old = {}, {}
