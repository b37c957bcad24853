"""Starting and ending child processes: each leads a group of its own and follows its parent into death."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


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


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    output: int | IO[bytes] = subprocess.PIPE,
    death_signal: int = signal.SIGTERM,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, as `user` when given (root only)."""
    return subprocess.Popen(  # noqa: S603  commands are ours, never text from outside
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if env is None else dict(env),
        cwd=cwd,
        user=user,
        group=user and primary_group(user),
        extra_groups=[] if user else None,
        start_new_session=True,
        preexec_fn=follow_parent(death_signal),
    )


def primary_group(user: str) -> int:
    """The group id of a user."""

    return pwd.getpwnam(user).pw_gid


def stop(process: subprocess.Popen[bytes], *, first: int = signal.SIGTERM, grace: float = 10.0) -> None:
    """Ask with `first`, wait, then kill what is left of its group."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            process.wait(grace)
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
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.02)
