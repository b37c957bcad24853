"""The bell: one ring stands for many."""

import pytest
from django.db import OperationalError

from diagnostics.digest import bell as module
from diagnostics.digest.bell import Bell


@pytest.fixture
def rung(monkeypatch):
    tasks = []
    monkeypatch.setattr(module, "async_task", tasks.append)
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.3)
    return tasks


def test_it_rings_at_once_and_once_more_for_all_that_follow(rung):
    bell = Bell("task")
    bell.ring()
    bell.timer.join()
    assert rung == ["task"]
    for _ in range(20):
        bell.ring()
    assert rung == ["task"]
    bell.timer.join()
    assert rung == ["task", "task"]


def test_it_survives_a_database_that_is_away(rung, monkeypatch, caplog):
    def fail(task):
        raise OperationalError("away")

    bell = Bell("task")
    with monkeypatch.context() as patch:
        patch.setattr(module, "async_task", fail)
        bell.ring()
        bell.timer.join()
    assert "cannot ring" in caplog.text
    bell.ring()
    bell.timer.join()
    assert rung == ["task"]


def test_a_hushed_bell_can_ring_again(rung):
    bell = Bell("task")
    bell.hush()  # nothing to drop
    for _ in range(2):
        bell.ring()
        bell.timer.join()
    bell.ring()
    bell.hush()
    assert rung == ["task", "task"]
    bell.ring()
    bell.timer.join()
    assert rung == ["task"] * 3
