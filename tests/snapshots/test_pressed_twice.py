"""A button pressed twice at once."""

import threading
from contextlib import suppress

import pytest
from django.db import connections

from sessions_app.models import Snapshot
from sessions_app.snapshots import by_hand
from tests.people import make_person
from tests.world import begin_world, make_record


@pytest.mark.django_db(transaction=True)
def test_it_keeps_one_snapshot(monkeypatch):
    world = begin_world("shop-one")
    person, record = make_person(world.environment, "on-call"), make_record(world.environment)
    both_asked = threading.Barrier(2)
    real = by_hand.kept_just_now
    found = []

    def ask(*args):
        answer = real(*args)
        with suppress(threading.BrokenBarrierError):  # the other waits for its turn
            both_asked.wait(1)
        return answer

    def press():
        try:
            found.append(by_hand.keep_snapshot(person, world.environment, record))
        finally:
            connections.close_all()

    monkeypatch.setattr(by_hand, "kept_just_now", ask)
    presses = [threading.Thread(target=press) for _ in range(2)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join(30)
    assert [snapshot.pk for snapshot in found] == [Snapshot.objects.get().pk] * 2
