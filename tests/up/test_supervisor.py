"""The supervisor with small real children."""

import io
import os
import signal
import sys
import threading
import time

import pytest

from project.up import supervisor as module
from project.up.lock import AlreadyRunningError, hold_lock, read_note, write_note
from project.up.supervisor import Supervisor

SLEEPER = "import time; print('hello', flush=True); time.sleep(60)"
# A child with a child of its own that ignores the polite signal.
FAMILY = (
    "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', "
    "'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)']); "
    "print('grandchild', p.pid, flush=True); time.sleep(60)"
)


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("did not happen in time")


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:  # a zombie is dead
        return file.read().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.fixture
def watched():
    supervisor = Supervisor(output=io.StringIO())
    thread = threading.Thread(target=supervisor.watch)

    def begin(program):
        child = supervisor.add("child", [sys.executable, "-c", program], os.environ)
        thread.start()
        return child

    yield supervisor, begin
    supervisor.stopping.set()
    if thread.ident:
        thread.join(30)


def test_it_forwards_lines_with_a_prefix(watched):
    supervisor, begin = watched
    begin(SLEEPER)
    wait_until(lambda: "child | hello" in supervisor.output.getvalue())


def test_it_restarts_a_killed_child_and_says_so(watched, monkeypatch):
    monkeypatch.setattr(module, "FIRST_DELAY", 0.05)
    supervisor, begin = watched
    child = begin(SLEEPER)
    child.delay = 0.05
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: child.process is not None and child.process.pid != first)
    assert child.restarts == 1
    assert "was ended by SIGKILL" in supervisor.output.getvalue()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_leaves_no_grandchild_behind(watched):
    supervisor, begin = watched
    begin(FAMILY)
    wait_until(lambda: "grandchild" in supervisor.output.getvalue())
    grandchild = int(supervisor.output.getvalue().split("grandchild ")[1].split()[0])
    assert is_alive(grandchild)
    supervisor.stopping.set()
    wait_until(lambda: not is_alive(grandchild))


def test_a_second_holder_is_told_what_runs(tmp_path):
    with hold_lock(tmp_path):
        write_note(tmp_path / "runtime.json", {"web_url": "http://127.0.0.1:8000", "pid": 1})
        with pytest.raises(AlreadyRunningError) as caught, hold_lock(tmp_path):
            pass
    assert caught.value.note["web_url"] == "http://127.0.0.1:8000"
    with hold_lock(tmp_path):  # free again
        pass


def test_a_note_is_private_and_a_broken_one_reads_as_empty(tmp_path):
    path = tmp_path / "note.json"
    write_note(path, {"a": 1})
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("{")
    assert read_note(path) == {}
