"""What a detector keeps between runs, as a flat row of numbers: small, fast to load, and nothing in it can run."""

from collections.abc import Iterator
from itertools import islice
from typing import ClassVar


class Kept:
    """Parts of a detector list their numbers, lists and smaller parts in `__slots__`; the order is the format.

    Lists have a fixed length and hold numbers or parts. A number keeps its type (bool, int or float). What begins with
    an underscore follows from the rest: it is not kept, and `load` works it out again.
    """

    __slots__: tuple[str, ...] = ()
    kept: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Name what is kept, once."""
        cls.kept = tuple(name for name in cls.__slots__ if not name.startswith("_"))

    def dump(self, into: list[float]) -> None:
        """Append all numbers."""
        for name in self.kept:
            value = getattr(self, name)
            if isinstance(value, list) and isinstance(value[0], Kept):
                for part in value:
                    part.dump(into)
            elif isinstance(value, list):
                into.extend(value)
            elif isinstance(value, Kept):
                value.dump(into)
            else:
                into.append(value)

    def load(self, source: Iterator[float]) -> None:
        """Take all numbers back, in the same order."""
        for name in self.kept:
            value = getattr(self, name)
            if isinstance(value, list) and isinstance(value[0], Kept):
                for part in value:
                    part.load(source)
            elif isinstance(value, list):
                value[:] = islice(source, len(value))
            elif isinstance(value, Kept):
                value.load(source)
            else:
                setattr(self, name, type(value)(next(source)))
