"""The bell: one ring stands for many."""

import secrets
import time

import pytest
from django.db import OperationalError

from diagnostics.digest import bell as module
from diagnostics.digest.bell import Bell
from diagnostics.digest.pause import client, take_pause


@pytest.fixture
def rung(monkeypatch):
    tasks = []
    monkeypatch.setattr(module, "async_task", tasks.append)
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.3)
    return tasks


def test_it_rings_at_once_and_once_more_for_all_that_follow(rung):
    bell = Bell("task", lambda name, seconds: 0.0)
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

    bell = Bell("task", lambda name, seconds: 0.0)
    with monkeypatch.context() as patch:
        patch.setattr(module, "async_task", fail)
        bell.ring()
        bell.timer.join()
    assert "cannot ring" in caplog.text
    bell.ring()
    bell.timer.join()
    assert rung == ["task"]


def test_a_hushed_bell_can_ring_again(rung):
    bell = Bell("task", lambda name, seconds: 0.0)
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


def test_it_waits_while_another_process_has_just_rung(rung):
    left = [0.1, 0.0]
    bell = Bell("task", lambda name, seconds: left.pop(0))
    bell.ring()
    first = bell.timer
    first.join()
    assert rung == []
    bell.ring()  # nothing more to do: it waits already
    bell.timer.join()
    assert (rung, left) == (["task"], [])


def test_a_bell_that_waits_for_another_process_can_be_hushed(rung):
    bell = Bell("task", lambda name, seconds: 30.0)
    bell.ring()
    bell.timer.join()
    waiting = bell.timer
    bell.hush()
    assert not waiting.is_alive()
    assert (rung, bell.timer, bell.waiting) == ([], None, False)


def test_processes_share_one_pause():
    name = secrets.token_hex(8)
    assert take_pause(name, 0.2) == 0.0
    assert 0.0 < take_pause(name, 0.2) <= 0.2
    time.sleep(0.21)
    assert take_pause(name, 0.2) == 0.0


def test_without_valkey_nobody_waits(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    client.cache_clear()
    try:
        assert (take_pause("task", 60.0), take_pause("task", 60.0)) == (0.0, 0.0)
    finally:
        client.cache_clear()
