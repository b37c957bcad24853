"""One look at one text: rules claim byte spans, then the spans become markers in a single rewrite."""

from collections.abc import Iterator
from typing import Final

from diagnostics.pipeline.redact.patterns import Find, Spans

EFFORT: Final = 800  # steps for one text (a match looked at, a span claimed); bounds the time of a hostile line
CONTEXT: Final = 40  # bytes before a match that may name it
# Markers of what lets one in, and how much is searched for its echoes.
SECRETS: Final = frozenset({"password", "secret", "token", "api-key", "session", "bearer", "cookie"})
ECHOED: Final = 8
SHORTEST_ECHOED: Final = 8
LONGEST_ECHOED: Final = 16_384
UNSCANNED: Final = "unscanned"


class Scan:
    """The text as bytes and what the rules found in it."""

    __slots__ = ("claims", "data", "end", "ends", "left", "numbers")

    def __init__(self, data: bytes, numbers: bool = True) -> None:
        """`numbers` tells whether digits alone may be private here (not so under `order_id`)."""
        self.data = data
        self.numbers = numbers
        self.end = len(data)
        self.left = EFFORT
        self.claims: list[tuple[int, int, str]] = []
        self.ends: set[int] = set()  # where claims end: what follows a password in a URL is its host

    def search(self, find: Find, shortest: int = 1) -> Iterator[Spans]:
        """Each match in turn, until what is left is too short for one, or the text has too many to be worth more time."""
        data = self.data
        start = 0
        while start <= self.end - shortest:
            spans = find(data, start, self.end)
            head, tail = spans[0]
            if head < 0:
                return
            self.left -= 1
            if self.left < 0:
                self.give_up(head)
                return
            yield spans
            start = tail if tail > head else head + 1

    def give_up(self, place: int) -> None:
        """Nothing from here on is passed on: it was not looked at."""
        self.claims.append((place, len(self.data), UNSCANNED))
        self.end = place

    def claim(self, start: int, end: int, marker: str) -> None:
        """The span is private; the first rule to claim a place names it."""
        if start < end:
            self.left -= 1
            self.claims.append((start, end, marker))
            self.ends.add(end)

    def claim_echoes(self) -> None:
        """A secret that the text tells once is private wherever the text repeats it (`password=x&confirm=x`)."""
        data = self.data
        if len(data) > LONGEST_ECHOED:
            return
        for start, end, marker in self.claims[:ECHOED]:
            secret = data[start:end]
            if marker not in SECRETS or len(secret) < SHORTEST_ECHOED or secret.isalpha() or b"[" in secret:
                continue
            place = data.find(secret)
            while place >= 0:
                if place != start:
                    self.claim(place, place + len(secret), marker)
                place = data.find(secret, place + len(secret))

    def before(self, start: int, size: int = CONTEXT) -> bytes:
        """The lower-case bytes that lead up to a place."""
        return self.data[max(0, start - size) : start].lower()

    def stands_alone(self, start: int, end: int, joints: bytes = b"_") -> bool:
        """No letter, digit or joint touches the span."""
        data = self.data
        if start and is_wordlike(data[start - 1], joints):
            return False
        return end >= len(data) or not is_wordlike(data[end], joints)

    def rewrite(self) -> bytes:
        """The text with each claimed span as a marker; overlapping spans become one, named by the earliest rule."""
        data = self.data
        if len(self.claims) == 1:  # most often
            start, end, marker = self.claims[0]
            return b"%b[%b]%b" % (data[:start], marker.encode(), data[end_of_character(data, end) :])
        pieces: list[bytes] = []
        done = 0
        for start, end, marker in join_spans(self.claims):
            end = end_of_character(data, end)
            pieces += data[done:start], b"[", marker.encode(), b"]"
            done = end
        pieces.append(data[done:])
        return b"".join(pieces)


def is_wordlike(byte: int, joints: bytes) -> bool:
    """An ASCII letter or digit, or one of the joints."""
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122 or byte in joints


def end_of_character(data: bytes, end: int) -> int:
    """The place, moved behind the UTF-8 character that it would cut."""
    while end < len(data) and data[end] & 0xC0 == 0x80:
        end += 1
    return end


def join_spans(claims: list[tuple[int, int, str]]) -> Iterator[tuple[int, int, str]]:
    """The claimed spans in the order of the text, merged where they overlap."""
    ranked = sorted((start, order, end, marker) for order, (start, end, marker) in enumerate(claims))
    if not ranked:
        return
    head, best, tail, name = ranked[0]
    for start, order, end, marker in ranked[1:]:
        if start >= tail:
            yield head, tail, name
            head, best, tail, name = start, order, end, marker
            continue
        tail = max(tail, end)
        if order < best:
            best, name = order, marker
    yield head, tail, name
