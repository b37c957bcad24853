"""Row ids in blocks: a writer knows a record's id before it writes it, at one database call for 10,000 rows."""

from collections.abc import Callable
from typing import Final

BLOCK: Final = 10_000  # INCREMENT BY of the sequence diagnostics_row_id


class RowIds:
    """Hands out ids from blocks that it fetches; not for use by several threads at once."""

    def __init__(self, next_block: Callable[[], int]) -> None:
        self.next_block = next_block  # returns the last id of a fresh block
        self.next = 0
        self.last = -1

    def take(self, count: int) -> range:
        """`count` consecutive ids, above all that this object gave before."""
        if count > BLOCK:
            raise ValueError(f"at most {BLOCK} ids at a time")
        if self.last - self.next + 1 < count:
            self.last = self.next_block()
            self.next = self.last - BLOCK + 1
        taken = range(self.next, self.next + count)
        self.next += count
        return taken
