"""How much of a surprising minute is learned: little at first, so that an incident does not become the usual."""

from typing import Final

from diagnostics.detection.calibration import NOTABLE
from diagnostics.detection.kept import Kept

CAUTIOUS: Final = 0.05
PATIENCE: Final = 90  # minutes: what lasts longer is the new usual
RELEARNING: Final = 40  # minutes of fast learning after that


class Learning(Kept):
    """Counts the minutes of doubt."""

    __slots__ = ("doubtful",)

    def __init__(self) -> None:
        self.doubtful = 0

    def weigh(self, surprise: float) -> float:
        """The share of the deviation that is learned."""
        if self.doubtful >= PATIENCE or surprise > NOTABLE:
            self.doubtful += 1
        else:
            self.doubtful = max(0, self.doubtful - 3)
        return CAUTIOUS if surprise > NOTABLE and self.doubtful < PATIENCE else 1.0

    @property
    def is_relearning(self) -> bool:
        """The level has changed for good and is learned anew, fast and uncut."""
        return self.doubtful >= PATIENCE

    @property
    def is_over(self) -> bool:
        """The new level is learned."""
        return self.doubtful >= PATIENCE + RELEARNING

    def reset(self) -> None:
        """The doubt is settled."""
        self.doubtful = 0
