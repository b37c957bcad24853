"""Keeps the product's processes alive: forwards their lines, restarts the dead, stops all in order."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

from project.up import processes

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
SETTLED_SECONDS = 30.0  # alive for so long, a child's next death starts with a short delay again
COLOURS = (36, 35, 33, 32, 34)
GRACE_SECONDS = 12.0


@dataclass(slots=True)
class Child:
    """One process to keep alive."""

    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    delay: float = FIRST_DELAY
    restarts: int = 0


@dataclass
class Supervisor:
    """Runs children until it is told to stop."""

    output: IO[str] = field(default_factory=lambda: sys.stdout)
    children: list[Child] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def say(self, name: str, line: str) -> None:
        """Print one line with its speaker in front."""
        colour = COLOURS[sum(map(ord, name)) % len(COLOURS)]
        label = f"\033[{colour}m{name:>8}\033[0m" if self.output.isatty() else f"{name:>8}"
        self.output.write(f"{label} | {line}\n")
        self.output.flush()

    def catch_signals(self) -> None:
        """Ctrl-C, a service manager's stop and a closed terminal all mean: stop in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Ask the loop to end."""
        self.stopping.set()

    def add(self, name: str, command: Sequence[str | Path], env: Mapping[str, str]) -> Child:
        """Start a child and keep it alive from now on."""
        child = Child(name, command, env)
        self.children.append(child)
        self.launch(child)
        return child

    def launch(self, child: Child) -> None:
        """Start the child's process and forward what it prints."""
        child.process = processes.start(child.command, env=child.env)
        child.started_at = time.monotonic()
        threading.Thread(target=self.forward, args=(child.name, child.process), daemon=True).start()

    def forward(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Print the process's lines until it ends."""
        assert process.stdout is not None
        for line in process.stdout:
            self.say(name, line.decode(errors="replace").rstrip())

    def watch(self) -> None:
        """Restart who dies, until stopping; then stop everybody."""
        try:
            while not self.stopping.wait(0.1):
                for child in self.children:
                    self.look_after(child)
        finally:
            self.stop_all()

    def look_after(self, child: Child) -> None:
        """Notice a death, wait a little (longer each time), start again."""
        if child.process is not None:
            code = child.process.poll()
            if code is None:
                return
            processes.kill_group(child.process.pid)  # what it leaves behind must not run beside its successor
            if time.monotonic() - child.started_at > SETTLED_SECONDS:
                child.delay = FIRST_DELAY
            child.process, child.restart_at = None, time.monotonic() + child.delay
            self.say("up", f"{child.name} {describe_end(code)}; starting it again in {child.delay:.0f} s")
            child.delay = min(child.delay * 2, LONGEST_DELAY)
        elif time.monotonic() >= child.restart_at:
            child.restarts += 1
            self.launch(child)

    def stop_all(self) -> None:
        """Stop the children, the last started first."""
        for child in reversed(self.children):
            if child.process is not None:
                processes.stop(child.process, grace=GRACE_SECONDS)
                self.say("up", f"{child.name} stopped")
                child.process = None


def describe_end(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
