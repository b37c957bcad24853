"""A tiny process that ends what a supervisor leaves behind when it is killed: also children of children.

Run as a script, it reads `+PID SIGNAL` and `-PID` lines. The end of its input means that the supervisor is gone,
however that happened and on every system; then it ends the groups that are still listed, the last one first.
It imports nothing but the smallest parts of the standard library, so that it costs little.
"""

import os
import signal
import sys
import time

GRACE_SECONDS = 8.0


def read_groups() -> dict[int, int]:
    """The groups that are listed when the input ends, each with its polite signal."""
    groups: dict[int, int] = {}
    for line in sys.stdin:
        sign, _, rest = line[:1], None, line[1:].split()
        if sign == "+":
            groups[int(rest[0])] = int(rest[1])
        else:
            groups.pop(int(rest[0]), None)
    return groups


def signal_quietly(target: int, number: int, *, group: bool) -> bool:
    """Send a signal; False when nobody is there to get it."""
    try:
        (os.killpg if group else os.kill)(target, number)
    except OSError:
        return False
    return True


def end_group(group: int, polite: int) -> None:
    """Ask the leader, wait for it, then kill the whole group."""
    signal_quietly(group, polite, group=False)
    deadline = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < deadline and signal_quietly(group, 0, group=False):
        time.sleep(0.05)
    signal_quietly(group, signal.SIGKILL, group=True)


def main() -> None:
    """Outlive the supervisor, clean up, end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    for group, polite in reversed(read_groups().items()):
        end_group(group, polite)


if __name__ == "__main__":
    main()
