"""Who guesses tokens is slowed down: counted by address in this process, which is enough against 256 random bits."""

from typing import Final

from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from rest_framework.exceptions import Throttled
from rest_framework.request import Request

COUNTS: Final = ConnectionProxy(caches, "process")
SECONDS: Final = 60
MOST: Final = 60  # wrong tokens of one address in that time; a script with a stale one asks again less often


def refuse_guessers(request: Request) -> None:
    """429 for an address that came with too many wrong tokens."""
    if COUNTS.get(key_of(request), 0) >= MOST:
        raise Throttled(wait=SECONDS, detail="Too many wrong tokens came from your address.")


def count_guess(request: Request) -> None:
    """One more."""
    if not COUNTS.add(key_of(request), 1, SECONDS):
        try:
            COUNTS.incr(key_of(request))
        except ValueError:  # its time ran out in between
            COUNTS.set(key_of(request), 1, SECONDS)


def key_of(request: Request) -> str:
    """By the address that the web server believes."""
    return f"token-guesses:{request.META.get('REMOTE_ADDR', '')}"
