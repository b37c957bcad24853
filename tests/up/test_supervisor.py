"""The supervisor with small real children."""

import io
import os
import signal
import sys
import threading

import psutil
import pytest

from project.up.lock import AlreadyRunningError, hold_lock, read_note, write_note
from project.up.processes import Command
from project.up.supervisor import Supervisor
from tests.up.waiting import is_alive, wait_until

SLEEPER = "import time; print('hello', flush=True); time.sleep(60)"
# A child with a child of its own that ignores the polite signal.
FAMILY = (
    "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', "
    "'import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)']); "
    "print('grandchild', p.pid, flush=True); time.sleep(60)"
)


# It does not end politely.
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)


def python(program, **more):
    return Command("child", [sys.executable, "-c", program], **more)


@pytest.fixture
def watched():
    supervisor = Supervisor(output=io.StringIO())
    thread = threading.Thread(target=supervisor.watch)

    def begin(program):
        child = supervisor.add(python(program))
        thread.start()
        return child

    yield supervisor, begin
    supervisor.stopping.set()
    if thread.ident:
        thread.join(30)
    supervisor.stop_all()


def test_it_forwards_lines_with_a_prefix(watched):
    supervisor, begin = watched
    begin(SLEEPER)
    wait_until(lambda: "child | hello" in supervisor.output.getvalue())


def test_it_restarts_a_killed_child_and_says_so(watched):
    supervisor, begin = watched
    child = begin(SLEEPER)
    child.delay = 0.05
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: child.process is not None and child.process.pid != first)
    assert child.restarts == 1
    assert "was ended by SIGKILL" in supervisor.output.getvalue()


def test_a_child_that_keeps_dying_waits_longer_each_time(watched):
    _, begin = watched
    child = begin("import time; time.sleep(60)")
    child.delay = 0.05
    for delay in (0.1, 0.2):
        wait_until(lambda: child.process is not None)
        os.kill(child.process.pid, signal.SIGKILL)
        wait_until(lambda delay=delay: child.delay == delay)


def test_stop_all_leaves_no_process_behind():
    before = set(psutil.Process().children(recursive=True))
    supervisor = Supervisor(output=io.StringIO())
    for program in (SLEEPER, FAMILY, STUBBORN):
        supervisor.add(python(program, grace=0.5))
    wait_until(lambda: all(word in supervisor.output.getvalue() for word in ("hello", "grandchild", "deaf")))
    started = set(psutil.Process().children(recursive=True)) - before
    assert len(started) == 5  # three children, a grandchild and the guard
    supervisor.stop_all()
    assert not [process for process in started if is_alive(process.pid)]
    assert supervisor.groups() == []
    assert supervisor.output.getvalue().count("child stopped") == 3


def test_a_dead_childs_own_children_end_before_its_successor_starts(watched):
    supervisor, begin = watched
    child = begin(FAMILY)
    wait_until(lambda: "grandchild" in supervisor.output.getvalue())
    grandchild = int(supervisor.output.getvalue().split("grandchild ")[1].split()[0])
    assert is_alive(grandchild)
    os.kill(child.process.pid, signal.SIGKILL)
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
