"""Errors that nobody has seen before, one after the other, from many services."""

import json
import string
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.harness import Sender

SERVICES: Final = 50
TICK_SECONDS: Final = 0.1


@dataclass
class Errors:
    """So many distinct errors within so many seconds, over a connection of their own."""

    sender: Sender
    count: int
    seconds: float
    sent: int = 0
    done: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Some each tick; what is late is made up for."""
        begun = time.monotonic()
        try:
            while self.sent < self.count:
                due = min(self.count, round(self.count * (time.monotonic() - begun) / self.seconds))
                if due > self.sent:
                    self.sender.post(json.dumps([error(number) for number in range(self.sent, due)]).encode())
                    self.sent = due
                time.sleep(TICK_SECONDS)
        finally:
            self.done.set()
            self.sender.close()


def error(number: int) -> dict[str, Any]:
    """A record like no other: digits alone would not tell it apart."""
    name = spell(number)
    return {
        "level": "error", "service": f"service-{number % SERVICES}", "message": f"cannot find the {name} of the order",
        "attributes": {"exception.type": f"{name.title()}Missing", "exception.message": f"no {name} there"},
    }  # fmt: skip


def spell(number: int) -> str:
    """A number as a word of four letters."""
    letters = string.ascii_lowercase
    return "".join(letters[number // 26**place % 26] for place in range(4))
