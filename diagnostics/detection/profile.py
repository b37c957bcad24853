"""The shape of a day: what each quarter of an hour does to the level, learned over days."""

from typing import Final

from diagnostics.detection.kept import Kept

DAY: Final = 1440
SLOT: Final = 15
SLOTS: Final = DAY // SLOT
LEAST_GAIN: Final = 0.3  # weight of the newest day


class Profile(Kept):
    """96 values, read with linear interpolation between the middles of the slots."""

    __slots__ = ("minutes", "seen", "slot", "slots", "weight")

    def __init__(self, neutral: float) -> None:
        self.slots = [neutral] * SLOTS
        self.minutes = 0
        self.slot = -1
        self.seen = 0.0
        self.weight = 0.0

    @property
    def is_known(self) -> bool:
        """A whole day has been seen."""
        return self.minutes >= DAY

    def at(self, minute_of_day: int) -> float:
        """The value for a minute of the day."""
        place = minute_of_day - 7
        index = place // SLOT
        low = self.slots[index]
        return low + (self.slots[index + 1 if index < SLOTS - 1 else 0] - low) * ((place - index * SLOT) / SLOT)

    def learn(self, minute_of_day: int, seen: float, weight: float, noise: float) -> None:
        """Add a minute: seen / weight is its value. `noise` is the weight that a value of its own needs."""
        slot = minute_of_day // SLOT
        if slot != self.slot:
            self.close(noise)
            self.slot = slot
        self.minutes += 1
        self.seen += seen
        self.weight += weight

    def close(self, noise: float) -> None:
        """Take over the slot that has ended."""
        if self.weight > 0.0:
            days = self.minutes / DAY
            gain = max(LEAST_GAIN, 1.0 / (1.0 + days)) * self.weight / (self.weight + noise)
            self.slots[self.slot] += gain * (self.seen / self.weight - self.slots[self.slot])
        self.seen = self.weight = 0.0
