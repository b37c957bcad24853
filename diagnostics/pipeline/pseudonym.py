"""User ids become keyed hashes: equal within an environment, meaningless without its key."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

LENGTH: Final = 32  # hex digits: 128 bits


def user_key(key: bytes, user_id: str) -> str:
    """The pseudonym under which a user's records are stored and found again; empty for an empty id."""
    user_id = user_id.strip()
    if not user_id:
        return ""
    return hmac.digest(key, user_id.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()[:LENGTH]


def pseudonyms_for(typed: str, keys: Iterable[bytes]) -> tuple[str, ...]:
    """What is looked for instead of what was typed: the pseudonyms that it is, and those that it has as a user id."""
    typed = typed.strip()
    written = typed.split(",") if are_user_keys(typed) else []
    return tuple(dict.fromkeys(filter(None, (*written, *(user_key(key, typed) for key in keys)))))


def are_user_keys(text: str) -> bool:
    """Whether a text is pseudonyms, separated by commas."""
    return all(map(is_user_key, text.split(",")))


def is_user_key(text: str) -> bool:
    """Whether a text has the form of a pseudonym."""
    return len(text) == LENGTH and not text.strip("0123456789abcdef")
