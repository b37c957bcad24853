"""What was seen and expected over the last 1 to 60 minutes: running sums in a ring."""

from typing import Final

from diagnostics.detection.kept import Kept

SIZE: Final = 64
MASK: Final = SIZE - 1


class Ring(Kept):
    """Sums since the start; a window is the difference of two places."""

    __slots__ = ("expected", "length", "place", "seen")

    def __init__(self) -> None:
        self.seen = [0.0] * SIZE
        self.expected = [0.0] * SIZE
        self.place = 0
        self.length = 0  # minutes since the last reset that windows may look at

    def push(self, seen: float, expected: float) -> None:
        """Add a minute."""
        before = self.place
        self.place = place = (before + 1) & MASK
        self.seen[place] = self.seen[before] + seen
        self.expected[place] = self.expected[before] + expected
        if self.length < SIZE - 1:
            self.length += 1
        if place == 0:
            self.rebase()

    def skip(self, minutes: int) -> None:
        """Minutes of which nothing is known."""
        if minutes >= SIZE:
            self.reset()
            return
        for _ in range(minutes):
            self.push(0.0, 0.0)

    def rebase(self) -> None:
        """Keep the sums small, and so exact."""
        seen, expected = self.seen[1], self.expected[1]
        self.seen = [value - seen for value in self.seen]
        self.expected = [value - expected for value in self.expected]

    def reset(self) -> None:
        """Forget the minutes before now."""
        self.length = 0
