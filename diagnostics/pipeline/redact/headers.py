"""Credentials in headers: `Authorization` with its scheme, cookies pair by pair, and bare `Bearer …` in text."""

import base64
import binascii
import re
from typing import Final

from diagnostics.pipeline.redact import shapes
from diagnostics.pipeline.redact.keys import Kind, classify_name
from diagnostics.pipeline.redact.patterns import NOTHING, compile_find, compile_here
from diagnostics.pipeline.redact.scan import Scan

SCHEME: Final = compile_here(
    r"(?i)(bearer|basic|digest|negotiate|ntlm|token|apikey|api-key|hawk|hmac|aws4-hmac-sha256|sharedkey|sentry|key|jwt|dpop)"
    r"(?:\s+|%20|\+|:\s?)"
)
WORD: Final = compile_here(r"[^\s\"'<>,;\\&]+")
LINE: Final = compile_here(r"[^\r\n\"'\\]+")
CHALLENGES: Final = frozenset({b"basic", b"bearer"})
ROUTED: Final = frozenset({b"digest", b"hawk", b"sentry"})  # parameters to the end of the line
PROSE: Final = re.compile(rb" [a-z]+(?:[ .,;!?]|$)")
LONGEST_WORD: Final = 12
SIGNED: Final = b"aws4-hmac-sha256"  # its `Credential=` and `Signature=` are found as the pairs that they are
PAIR: Final = compile_here(r"\s*([A-Za-z0-9!#$%&*+.^_|~-]+(?::\d+)?)\s?=(\"[^\"]*\"|[^;\s,\"'\\]*)(?:;|$)?")
# The same as a program prints an object: `cookies={uid: …, lang: 'en'}`.
PRINTED: Final = compile_here(r"[\s{]*[\"']?([\w.-]+)[\"']?\s?(?:=>?|:)\s?[\"']?([^,}\"'\s]*)[\"']?,?")
ATTRIBUTES: Final = frozenset(
    {b"path", b"domain", b"expires", b"max-age", b"samesite", b"priority", b"version", b"secure", b"httponly"}
)
FLAG: Final = compile_here(r"(?i)\s*(?:secure|httponly|partitioned)\s*(?:;|$)?|[ 0-9:,A-Za-z-]{0,24}GMT;?")
# A word, a language, a flag, a small number: too little to be a key.
CHOICE: Final = re.compile(
    r"\"?(?:[A-Z]?[a-z]{1,12}(?:[A-Z][a-z]{1,12})?|[a-z]{2}[-_][A-Z]{2}|[A-Z]{2,3}|\w{1,4})\"?", re.ASCII
)
OPEN: Final = frozenset({Kind.SCAN, Kind.ID})
BARE_GATE: Final = r"(?i)\b(?:bearer|basic)(?:,?\s|%20|\+)"
BARE: Final = compile_find(r"(?i)\b(bearer|basic)(?:,?\s+|%20|\+)([A-Za-z0-9._~+/=:-]{6,})")
NOT_TOKEN: Final = re.compile("=[^=]")  # `bearer expires_in=3600`: in a token, it only fills up the end
STORED: Final = compile_find(r"\t(?:TRUE|FALSE)\t[^\t\r\n]*\t(?:TRUE|FALSE)\t\d+\t([^\t\r\n]+)\t([^\t\r\n]+)")
STORED_GATE: Final = r"\t(?:TRUE|FALSE)\t\d"
PAIRS: Final = 200  # cookies of one header that are told apart; the rest is hidden as one


def claim_header(scan: Scan, start: int, limit: int) -> None:
    """Claims the credential of an `Authorization` value and leaves its scheme."""
    data = scan.data
    scan.left -= 1  # takes longer than a look; no honest line has hundreds of them
    while start < limit and data[start] in b"[\"'\\ ":  # a list of values, as JSON or Python write it
        start += 1
    found = SCHEME(data, start, limit)
    scheme = data[slice(*found[1])].lower() if found[0] != NOTHING else b""
    place = found[0][1] if scheme else start
    if scheme == SIGNED:
        return
    spans = (LINE if scheme in ROUTED else WORD)(data, place, limit)
    if spans[0] == NOTHING:
        return
    value = data[slice(*spans[0])].decode("latin-1")
    if shapes.is_settled(value) or (shapes.is_word(value) and not scheme) or value.lower() in ("required", "failed"):
        return
    if not scheme and shapes.PLAIN_WORD.fullmatch(value):
        return
    if scheme in CHALLENGES and value.lower().startswith(("realm=", "error=", "scope=", "charset=")):
        return  # a challenge says what is wanted
    if not is_said(data, start, spans[0][1], value):
        scan.claim(place, spans[0][1], scheme.decode() if scheme in (b"bearer", b"basic") else "credential")


def is_said(data: bytes, start: int, end: int, value: str) -> bool:
    """Letters that are no credential: a word about one (`Bearer missing`, `Bearer realm`), or prose (`token bucket is full`)."""
    if not shapes.is_letters(value.rstrip(".")):
        return False
    if shapes.tells_state(value):
        return True
    return len(value) <= LONGEST_WORD and data[start : start + 1].islower() and PROSE.match(data, end) is not None


def is_credential(value: str) -> bool:
    """Whether a header's whole value holds one: a token, or letters behind a scheme."""
    scheme, _, rest = value.partition(" ")
    if shapes.looks_like_token(value):
        return True
    return scheme.lower().encode() in CHALLENGES and shapes.is_letters(rest) and not shapes.tells_state(rest)


def claim_cookies(scan: Scan, start: int, limit: int) -> None:
    """Claims the value of each pair of a cookie header but for what only describes the cookie."""
    data = scan.data
    pair, joint = (PRINTED, b",") if data[start : start + 1] == b"{" else (PAIR, b";")
    for _ in range(PAIRS):
        spans = pair(data, start, limit)
        if spans[0] == NOTHING:
            flag = FLAG(data, start, limit)[0]
            if flag == NOTHING or flag[0] == flag[1]:
                return
            start = flag[1]
            continue
        scan.left -= 1
        if data[slice(*spans[1])].lower() not in ATTRIBUTES:
            claim_cookie(scan, data[slice(*spans[1])], *spans[2])
        start = spans[0][1]
        if data[start - 1 : start] != joint and data[slice(*spans[1])].lower() not in ATTRIBUTES:
            return
    scan.claim(start, end_of_line(data, start, limit), "cookie")


def claim_cookie(scan: Scan, name: bytes, start: int, end: int) -> None:
    """Claims one cookie's value unless it is a marker already, or a choice (`theme=dark`) that lets nobody in."""
    value = scan.data[start:end].decode("latin-1")
    if shapes.is_settled(value):
        return
    if not CHOICE.fullmatch(value) or classify_name(name.decode("latin-1")).kind not in OPEN:
        scan.claim(start, end, "cookie")


def find_stored(scan: Scan) -> None:
    """Cookies as curl and Netscape keep them in files, a line each: domain, flags, path, end, name and value."""
    for spans in scan.search(STORED):
        claim_cookie(scan, scan.data[slice(*spans[1])], *spans[2])


def end_of_line(data: bytes, start: int, limit: int) -> int:
    """Where the line ends."""
    found = re.compile(rb"[\r\n]").search(data, start, limit)
    return found.start() if found else limit


def find_bare_credentials(scan: Scan) -> None:
    """`Bearer <token>` and `Basic <base64>` wherever they stand."""
    for spans in scan.search(BARE):
        value = scan.data[slice(*spans[2])].rstrip(b".:")
        end = spans[2][0] + len(value)
        if scan.data[slice(*spans[1])].lower() == b"bearer":
            text = value.decode("latin-1")
            if (
                NOT_TOKEN.search(text) is None
                and shapes.looks_like_token(text)
                and (shapes.count_digits(text) or len(text) >= 20)
            ):
                scan.claim(spans[2][0], end, "bearer")
        elif is_basic(value):
            scan.claim(spans[2][0], end, "basic")


def is_basic(value: bytes) -> bool:
    """Base64 of `user:password`."""
    try:
        plain = base64.b64decode(value + b"=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    return b":" in plain and plain.isascii()
