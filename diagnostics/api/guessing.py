"""Who guesses tokens is slowed down: counted by address in this process, which is enough against 256 random bits."""

from typing import Final

from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

COUNTS: Final = ConnectionProxy(caches, "process")
SECONDS: Final = 60
MOST: Final = 60  # wrong tokens of one address in that time; a script with a stale one asks again less often


def refuse_guessers(request: Request, what: str = "token", most: int | None = None) -> None:
    """429 for an address that came with too many wrong ones."""
    if COUNTS.get(key_of(request, what), 0) >= (MOST if most is None else most):
        raise Throttled(wait=SECONDS, detail=f"Too many wrong {what}s came from your address.")


def count_guess(request: Request, what: str = "token") -> None:
    """One more."""
    key = key_of(request, what)
    if not COUNTS.add(key, 1, SECONDS):
        try:
            COUNTS.incr(key)
        except ValueError:  # its time ran out in between
            COUNTS.set(key, 1, SECONDS)


def key_of(request: Request, what: str) -> str:
    """By the address that the web server believes; guesses of one kind refuse no other."""
    return f"{what}-guesses:{request.META.get('REMOTE_ADDR', '')}"
