"""The supervisor's side of the guard (see guard.py): tell it who lives."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

PROGRAM = Path(__file__).with_name("guard.py")


class Guard:
    """A running guard; `close` it when everybody has stopped."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603  our own program
            [sys.executable, "-I", "-S", str(PROGRAM)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )

    def remember(self, group: int, stop_signal: int) -> None:
        """From now on end this group when the supervisor dies."""
        self.tell(f"+{group} {int(stop_signal)}\n")

    def forget(self, group: int) -> None:
        """The group has ended."""
        self.tell(f"-{group}\n")

    def tell(self, line: str) -> None:
        """Write one line; a guard that was killed is no reason to stop."""
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            self.process.stdin.write(line.encode())
            self.process.stdin.flush()

    def close(self) -> None:
        """End the guard."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()
        self.process.wait()
