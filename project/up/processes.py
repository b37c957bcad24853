"""Starting and ending child processes: each leads a group of its own and follows its parent into death."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a process, and how to ask it to end."""

    name: str
    words: Sequence[str | Path]
    env: Mapping[str, str] | None = None
    user: str | None = None  # run as somebody else; root only
    cwd: Path | None = None
    log: Path | None = None  # where its output is kept; None: a pipe, for whoever forwards it
    stop_signal: int = signal.SIGTERM
    grace: float = 12.0  # seconds from the polite signal to the other one


def start(command: Command) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own."""
    if command.log is None:
        return spawn(command, subprocess.PIPE)
    with os.fdopen(os.open(command.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as log:
        return spawn(command, log.fileno())


def spawn(command: Command, output: int) -> subprocess.Popen[bytes]:
    """The process itself, deaf to the terminal's Ctrl-C: its supervisor says when to end."""
    group = pwd.getpwnam(command.user).pw_gid if command.user else None
    return subprocess.Popen(  # noqa: S603  commands are ours, never text from outside
        [str(word) for word in command.words],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if command.env is None else dict(command.env),
        cwd=command.cwd,
        user=command.user,
        group=group,
        extra_groups=[] if command.user else None,
        start_new_session=True,
        preexec_fn=follow_parent(command.stop_signal),
    )


def follow_parent(death_signal: int) -> Callable[[], None] | None:
    """For Popen's preexec_fn on Linux: the kernel sends `death_signal` when the parent dies, even by kill -9."""
    if LIBC is None:
        return None
    prctl = LIBC.prctl
    parent = os.getpid()

    def ask_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # it died before we could ask
            os.kill(os.getpid(), death_signal)

    return ask_kernel


def stop(process: subprocess.Popen[bytes], command: Command) -> None:
    """Ask politely, wait, then kill what is left of its group."""
    if process.poll() is None:
        process.send_signal(command.stop_signal)
        try:
            process.wait(command.grace)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)
    kill_group(process.pid)


def kill_group(group: int) -> None:
    """End whatever still lives in a group that we started."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
    wait_until(lambda: not group_lives(group), seconds=5)


def group_lives(group: int) -> bool:
    """Whether the group has a member that we may signal."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def wait_until(condition: Callable[[], bool], *, seconds: float) -> bool:
    """Poll until the condition holds; False when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def command_line(pid: int) -> str:
    """What runs under this number now; empty when nothing does."""
    shown = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
    return shown.stdout.strip()
