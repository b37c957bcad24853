"""Ids of templates: 63 bits that every process computes alike from what the template said when it was born.

A template that generalises later keeps its id; one that is learnt again after a restart gets the same.
"""

import hashlib
from typing import Final

VERSION: Final = "t1"  # another way to mask or to group is another version: old and new ids never mix
OTHER: Final = "(other messages)"  # what the lines beyond a miner's bounds are counted under


def number_of(name: str, text: str) -> int:
    """The id of the template of `name` (a service) that was born as `text`."""
    words = "\x1f".join((VERSION, name, text)).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(words, digest_size=8).digest()) >> 1


def write_id(number: int) -> str:
    """As addresses and people have it: 16 hexadecimal digits."""
    return f"{number:016x}"


def read_id(text: str) -> int:
    """The number of a written id; ValueError for anything else."""
    if not 1 <= len(text) <= 16 or not text.isascii() or not text.isalnum():
        raise ValueError("template: not an id; an id has 16 hexadecimal digits")
    try:
        number = int(text, 16)
    except ValueError:
        raise ValueError("template: not an id; an id has 16 hexadecimal digits") from None
    return number if number < 1 << 63 else 0
