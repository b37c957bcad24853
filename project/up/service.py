"""An embedded service that is ready to be started: how, where it will answer, and how to ask whether it does."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from project.up.processes import Command


@dataclass(frozen=True, slots=True)
class Service:
    """`answers` makes one attempt to talk to it; `rubbish` is removed after the end."""

    command: Command
    url: str
    answers: Callable[[], bool]
    rubbish: Path | None = None
