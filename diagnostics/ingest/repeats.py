"""What senders repeat: each event of a session brings the breadcrumbs of the events before. They are kept once.

Remembered for each environment, and only after the commit: what was not stored may come again.
"""

import threading
from collections.abc import Iterable
from typing import Final

from diagnostics.core.record import Parsed

REMEMBERED: Final = 50_000  # keys of one generation
Key = tuple[int, bytes]  # environment, and what the format says is the same


class Repeats:
    """Two generations of keys, so that memory stays bounded."""

    def __init__(self) -> None:
        self.young: set[Key] = set()
        self.old: set[Key] = set()
        self.lock = threading.Lock()

    def leave_out(self, parsed: Parsed, environment_id: int) -> None:
        """Drop the records that came before, and doubles within the request."""
        seen: set[bytes] = set()
        kept = []
        for record in parsed.records:
            key = parsed.repeatable.get(id(record))
            if key is not None:
                if key in seen or self.knows((environment_id, key)):
                    continue
                seen.add(key)
            kept.append(record)
        parsed.records = kept

    def remember(self, keys: Iterable[bytes], environment_id: int) -> None:
        """They are stored."""
        with self.lock:
            for key in keys:
                if len(self.young) >= REMEMBERED:
                    self.young, self.old = set(), self.young
                self.young.add((environment_id, key))

    def knows(self, key: Key) -> bool:
        """Whether it was stored lately."""
        return key in self.young or key in self.old


REPEATS: Final = Repeats()
