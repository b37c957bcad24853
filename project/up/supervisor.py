"""Keeps processes alive: forwards their lines, restarts the dead, stops all in order."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import IO

from project.up import processes
from project.up.guarding import Guard
from project.up.processes import Command

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
SETTLED_SECONDS = 30.0  # alive for so long, a child's next death starts with a short delay again
COLOURS = (36, 35, 33, 32, 34)


@dataclass(slots=True)
class Child:
    """One process to keep alive."""

    command: Command
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    restart_at: float = 0.0
    delay: float = FIRST_DELAY
    restarts: int = 0


@dataclass
class Supervisor:
    """Runs children until it is told to stop."""

    output: IO[str] | None = field(default_factory=lambda: sys.stdout)  # None: quiet
    children: list[Child] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)
    speaking: threading.Lock = field(default_factory=threading.Lock)
    guard: Guard | None = None

    def say(self, name: str, line: str) -> None:
        """Print one line with its speaker in front."""
        if self.output is not None:
            colour = COLOURS[sum(map(ord, name)) % len(COLOURS)]
            coloured = self.output.isatty() and "NO_COLOR" not in os.environ
            self.print(f"\033[{colour}m{name:>8}\033[0m | {line}" if coloured else f"{name:>8} | {line}")

    def print(self, text: str) -> None:
        """Print as it is; a reader who went away (`make up | head`) must not keep us from stopping in order."""
        if self.output is not None:
            with self.speaking, suppress(OSError, ValueError):
                self.output.write(f"{text}\n")
                self.output.flush()

    def catch_signals(self) -> None:
        """Ctrl-C, a service manager's stop and a closed terminal all mean: stop in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                signal.signal(number, self.on_signal)

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """Ask the loop to end."""
        self.stopping.set()

    def add(self, command: Command) -> Child:
        """Start a child and keep it alive from now on."""
        child = Child(command)
        self.children.append(child)
        self.launch(child)
        return child

    def launch(self, child: Child) -> None:
        """Start the child's process and forward what it prints."""
        self.guard = self.guard or Guard()
        child.process = processes.start(child.command)
        self.guard.remember(child.process.pid, child.command.stop_signal)
        child.started_at = time.monotonic()
        if child.process.stdout is not None:
            threading.Thread(target=self.forward, args=(child.command.name, child.process.stdout), daemon=True).start()

    def forward(self, name: str, lines: IO[bytes]) -> None:
        """Print the process's lines until it ends."""
        with lines:
            for line in lines:
                self.say(name, line.decode(errors="replace").rstrip())

    def watch(self) -> None:
        """Restart who dies, until told to stop."""
        while not self.stopping.wait(0.1):
            self.look_after_all()

    def look_after_all(self) -> None:
        """One round."""
        for child in self.children:
            self.look_after(child)

    def look_after(self, child: Child) -> None:
        """Notice a death, wait a little (longer each time), start again."""
        if child.process is None:
            if time.monotonic() >= child.restart_at:
                child.restarts += 1
                self.launch(child)
        elif (code := child.process.poll()) is not None:
            self.bury(child.process)
            if time.monotonic() - child.started_at > SETTLED_SECONDS:
                child.delay = FIRST_DELAY
            child.process, child.restart_at = None, time.monotonic() + child.delay
            self.say("up", f"{child.command.name} {describe_end(code)}; starting it again in {child.delay:.0f} s")
            child.delay = min(child.delay * 2, LONGEST_DELAY)

    def bury(self, process: subprocess.Popen[bytes]) -> None:
        """What a dead process leaves behind must not run beside its successor."""
        processes.kill_group(process.pid)
        if self.guard is not None:
            self.guard.forget(process.pid)

    def groups(self) -> list[int]:
        """The process groups that live now."""
        return [child.process.pid for child in self.children if child.process]

    def stop_all(self) -> None:
        """Stop the children, the last started first, then the guard."""
        for child in reversed(self.children):
            if child.process is not None:
                processes.stop(child.process, child.command)
                self.bury(child.process)
                self.say("up", f"{child.command.name} stopped")
                child.process = None
        if self.guard is not None:
            self.guard.close()
            self.guard = None


def describe_end(code: int) -> str:
    """How a process ended, in words."""
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
