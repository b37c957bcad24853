"""One `up` for each data folder: a lock that the kernel frees when its holder dies, and a note of what runs."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class AlreadyRunningError(Exception):
    """Another `up` holds the folder; `note` is what it wrote about itself."""

    def __init__(self, note: dict[str, Any]) -> None:
        super().__init__("already running")
        self.note = note


@contextmanager
def hold_lock(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, or raise AlreadyRunningError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "up.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(read_note(folder / "runtime.json")) from None
        yield


def write_note(path: Path, note: dict[str, Any]) -> None:
    """Replace the note in one step; it may hold passwords, so only its owner reads it."""
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(note, file, indent=2)
    draft.replace(path)


def read_note(path: Path) -> dict[str, Any]:
    """The note, or an empty one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
