"""A blow that waits for its moment."""

import threading
from collections.abc import Callable


class Blow:
    """One thread prepares it, another runs it, once, at the moment that it knows of."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.action: Callable[[], None] | None = None
        self.fallen = threading.Event()

    def prepare(self, action: Callable[[], None], seconds: float) -> None:
        """Returns when it has fallen; when the moment does not come in time it falls anyway."""
        self.fallen.clear()
        self.action = action
        if not self.fallen.wait(seconds):
            self.fall()
            self.fallen.wait()

    def fall(self) -> None:
        """The moment has come; nothing happens when nothing is prepared."""
        with self.lock:
            action, self.action = self.action, None
        if action is not None:
            try:
                action()
            finally:  # whoever waits learns of a failure by what did not happen
                self.fallen.set()
