"""Asks the system for the addresses of a name, with a bound on the time: the system's own may be half a minute."""

import socket
import threading
from queue import Empty, SimpleQueue
from typing import Final

LOOK_UP_SECONDS: Final = 5.0


def resolve_by_system(host: str, patience: float = LOOK_UP_SECONDS) -> list[str]:
    """All addresses of a name; OSError when it is not found in time."""
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()
    threading.Thread(target=look_up, args=[host, answers], daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except Empty:
        raise TimeoutError("no answer from the name service in time") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def look_up(host: str, answers: "SimpleQueue[list[str] | OSError]") -> None:
    """Asked with a dot at its end, so that search domains do not add to it."""
    try:
        found = socket.getaddrinfo(f"{host}.", None, type=socket.SOCK_STREAM)
        answers.put(list(dict.fromkeys(str(item[4][0]) for item in found)))
    except OSError as error:
        answers.put(error)
    except ValueError:  # a name that cannot be written as the name service wants it
        answers.put(OSError("the name cannot be asked for"))
