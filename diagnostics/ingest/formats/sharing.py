"""What is sent once and stands in each of many records: a resource's attributes, a stream's labels.

A body of a few hundred kilobytes may come to gigabytes so; it is bounded by what it comes to.
"""

from typing import Any

from diagnostics.core import limits
from diagnostics.core.errors import TooLarge


class Shares:
    """Counts it over one request."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.left = limits.DECODED_BODY

    def count(self, size: int, records: int = 1) -> None:
        """So many bytes in so many records; TooLarge where all of them together are more than a body may be."""
        self.left -= size * records
        if self.left < 0:
            most = limits.DECODED_BODY // limits.MIB
            raise TooLarge(
                f"{self.what}: they stand in each of their records, which is more than {most} MiB in all; send smaller "
                "batches or shorter values; nothing was stored"
            )


def size_of(values: dict[str, Any]) -> int:
    """About as many bytes as they are stored in, of whatever JSON can hold."""
    return len(repr(values))
