"""What is left when the supervisor itself is killed."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from project.up.guarding import Guard
from project.up.processes import Command, start, stop
from tests.up.waiting import is_alive, wait_until

# Deaf to the polite signal, so that neither it nor the kernel's message about the parent's death ends it.
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
FAMILY = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {DEAF!r}]); time.sleep(60)"
SUPERVISOR = f"""
import sys, time
from project.up.processes import Command
from project.up.supervisor import Supervisor
supervisor = Supervisor()
for name in ("first", "second"):
    supervisor.add(Command(name, [sys.executable, "-c", {FAMILY!r}]))
supervisor.watch()
"""


@pytest.fixture
def supervisor():
    with subprocess.Popen([sys.executable, "-c", SUPERVISOR], stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_it_ends_all_groups_after_a_killed_supervisor(supervisor):
    assert sorted(supervisor.stdout.readline() for _ in range(2)) == ["   first | ready\n", "  second | ready\n"]
    family = psutil.Process(supervisor.pid).children(recursive=True)
    assert len(family) == 5  # two children with a child each, and the guard
    supervisor.send_signal(signal.SIGKILL)
    wait_until(lambda: not [process for process in family if is_alive(process.pid)], seconds=30)


def test_it_leaves_alone_who_ended_before():
    kept, dead = (Command("child", [sys.executable, "-c", "import time; time.sleep(60)"]) for _ in range(2))
    guard, process, other = Guard(), start(kept), start(dead)
    for pid in (process.pid, other.pid):
        guard.remember(pid, signal.SIGTERM)
    guard.forget(process.pid)
    guard.process.stdin.close()
    assert other.wait(5) == -signal.SIGTERM
    guard.close()
    assert process.poll() is None
    stop(process, kept)


def test_a_guard_that_was_killed_stops_nobody():
    guard = Guard()
    guard.process.kill()
    guard.process.wait()
    guard.remember(os.getpid(), signal.SIGTERM)
    guard.close()
