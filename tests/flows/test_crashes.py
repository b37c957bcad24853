"""What is acknowledged is stored once, digested once and told, whoever of the product is killed in the meantime."""

import random

import pytest

from tests.flows.plant import check, check_alert, load, trouble

pytestmark = [pytest.mark.flow, pytest.mark.xdist_group("flows")]


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize(
    ("killed", "times", "pause"),
    [
        ("worker", 2, (0.5, 1.5)),
        ("web", 2, (0.3, 1.0)),
        ("web-child", 2, (0.3, 1.0)),
        ("valkey", 2, (0.3, 1.0)),
        ("connections", 1, (0.2, 0.8)),  # django-q2 pauses for 10 s when it loses the database
    ],
)
def test_what_was_acknowledged_outlives_kills_under_load(plant, killed, times, pause, seed):
    place = plant.make_place(f"{killed}-{seed}", failures=0)
    with load(plant, place, seed, surge=False) as senders:
        trouble(plant, place, senders, [killed] * times, random.Random(seed), pause)
    assert sum(len(sender.ledger.acknowledged) for sender in senders) > 100
    if killed == "web":
        assert sum(sender.ledger.repeats for sender in senders) > 0
    check(plant, place, senders)


@pytest.mark.parametrize("seed", [2])
def test_a_surge_while_all_are_killed_is_one_incident_and_told_under_one_id(plant, seed):
    place = plant.make_place(f"surge-{seed}", failures=1)
    rand = random.Random(seed)
    names = ["worker", "web", "valkey", "worker"]
    rand.shuffle(names)
    with load(plant, place, seed, surge=True) as senders:
        trouble(plant, place, senders, names, rand, (0.5, 1.5))
    check(plant, place, senders)
    check_alert(plant, place)
