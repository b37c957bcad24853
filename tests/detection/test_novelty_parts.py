"""The quick ways of the novelty detector's memory say what the plain ways would."""

import math
import random
from bisect import insort
from itertools import accumulate

import pytest

from diagnostics.detection.history import AN_OCTAVE, History
from diagnostics.detection.nearest import MOST, Nearest


def sample_by_hand(values):
    """Keep them sorted; when there are too many, look at all and drop the one whose neighbours are closest."""
    kept = []
    for value in values:
        if value in kept:
            continue
        insort(kept, value)
        if len(kept) > MOST:
            del kept[min(range(1, len(kept) - 1), key=lambda index: kept[index + 1] - kept[index - 1])]
    return kept


@pytest.mark.parametrize("digits", [0, 1, 6])
@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
def test_the_sample_drops_what_looking_at_all_would_drop(digits, spread):
    rng = random.Random(digits)
    values = [round(rng.gauss(0, 100) * rng.lognormvariate(0, spread), digits) for _ in range(2000)]
    nearest = Nearest()
    for value in values[:1000]:
        nearest.distance(value, 1.0)
    numbers = []
    nearest.dump(numbers)
    again = Nearest()
    again.load(iter(numbers))
    for value in values[1000:]:
        nearest.distance(value, 1.0)
        again.distance(value, 1.0)
    assert nearest.values == again.values == sample_by_hand(values)


@pytest.mark.parametrize("spread", [0.1, 1.0, 4.0])
@pytest.mark.parametrize("still", [0.0, 0.3, 0.7])
def test_the_middle_is_where_counting_all_bins_finds_it(spread, still):
    rng, history = random.Random(7), History()
    for point in range(300):
        history.rarity(0.0 if rng.random() < still else rng.lognormvariate(0.01 * point, spread))
        if point == 150:
            numbers = []
            history.dump(numbers)
            history = History()
            history.load(iter(numbers))
        half = history.total / 2
        middle = next((index for index, seen in enumerate(accumulate(history.counts)) if seen >= half), None)
        wanted = 0.5 if middle is None else 1 / (1 + math.pow(2, (20 - middle - 0.5) / AN_OCTAVE))
        assert history.beyond(20.0) == wanted
