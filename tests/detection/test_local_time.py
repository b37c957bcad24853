"""People live by local time, days here are UTC days: when clocks change, everything comes an hour earlier or later."""

import math
import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from diagnostics.detection.baseline import BaselineDetector

BERLIN = ZoneInfo("Europe/Berlin")
CHANGES = {"forward": datetime(2026, 3, 29, tzinfo=UTC), "back": datetime(2026, 10, 25, tzinfo=UTC)}
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SERIES = 8


def requests_at(moment, chance):
    """A shop's traffic: little at four in the morning, most at four in the afternoon, by the clock on the wall."""
    local = moment.astimezone(BERLIN)
    hour = local.hour + local.minute / 60
    mean = 260 - 200 * math.cos((hour - 4) / 24 * 2 * math.pi)
    return max(0, round(chance.gauss(mean, math.sqrt(mean))))


def live_through(change, number):
    """(alarms on two ordinary days, from the change to the next noon, whether the outage of that noon is found)."""
    chance, detector = random.Random(f"{change} {number}"), BaselineDetector("requests")
    at = CHANGES[change]
    outage, ordinary, changed, found = at + DAY * 1.5, 0, 0, False
    rang = False
    for minute in range(int(9 * DAY / MINUTE)):
        moment = at - 7 * DAY + MINUTE * minute
        requests = requests_at(moment, chance)
        is_out = outage <= moment < outage + 20 * MINUTE
        rings = detector.update(moment.timestamp(), requests // 5 if is_out else requests) >= BaselineDetector.THRESHOLD
        begins, rang = rings and not rang, rings
        ordinary += begins and at - 2 * DAY <= moment < at
        changed += begins and at <= moment < outage
        found |= is_out and rings
    return ordinary, changed, found


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_of_the_clocks_rings_once_at_most_and_hides_nothing(change):
    lived = [live_through(change, number) for number in range(SERIES)]
    assert (
        max(changed for _, changed, _ in lived) <= 1
    )  # an hour of the night is missing: some series are lower at once
    assert sum(changed for _, changed, _ in lived) <= SERIES / 2
    assert all(found for *_, found in lived)
