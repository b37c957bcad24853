"""Made-up logs of a small shop's services, each line with the format that it was made from."""

import random
import uuid
from collections.abc import Callable
from typing import Final

Labelled = tuple[str, str]  # line, what it was made from
Slot = Callable[[random.Random], str]

WORDS: Final = ("anna", "bruno", "chiara", "deniz", "emil", "fatima", "goran", "hana", "ivan", "julia", "kofi", "lena")
HOSTS: Final = ("stock.internal", "pay.example.com", "mail.example.org", "cdn.example.net", "search.internal")
SLOTS: Final[dict[str, Slot]] = {
    "n": lambda pick: str(pick.randrange(10 ** pick.randrange(1, 7))),
    "ms": lambda pick: pick.choice(
        (f"{pick.randrange(900)} ms", f"{pick.random() * 9:.2f} s", f"{pick.randrange(9)}s")
    ),
    "size": lambda pick: pick.choice((f"{pick.randrange(900)} bytes", f"{pick.random() * 99:.1f} KB", "1.5 MB")),
    "ip": lambda pick: ".".join(str(pick.randrange(1, 255)) for _ in range(4)),
    "uuid": lambda pick: str(uuid.UUID(int=pick.getrandbits(128))),
    "hex": lambda pick: f"0x{pick.getrandbits(48):x}",
    "id": lambda pick: f"a{pick.getrandbits(60):015x}",
    "word": lambda pick: pick.choice(WORDS),
    "host": lambda pick: f"{pick.choice(HOSTS)}:{pick.randrange(80, 9999)}",
    "path": lambda pick: f"/srv/{pick.choice(WORDS)}/{pick.randrange(99)}/data.bin",
    "quoted": lambda pick: f'"{" ".join(pick.choices(WORDS, k=pick.randrange(1, 4)))}"',
}
SERVICES: Final[dict[str, tuple[str, ...]]] = {
    "checkout": (
        "order {n} paid with card [card] , receipt to [email]", "order {n} of customer {n} placed: {n} items, {n} EUR",
        "payment {uuid} authorised by provider in {ms}", "payment {uuid} declined by provider: insufficient funds",
        "retrying payment {uuid} , attempt {n} of 5", "basket {n} abandoned after {ms} by session {id}",
        "upstream {host} did not answer in {ms} while placing order {n}", "coupon {quoted} refused: expired",
        "refund {n} for order {n} queued",
    ),
    "gateway": (
        "GET /api/products/{n} 200 in {ms}", "POST /api/cart/{n}/items 201 in {ms}", "GET /api/orders/{n} 404 in {ms}",
        "connection from {ip} closed after {ms}, {size} sent", "upstream {host} is healthy again after {ms}",
        "TLS handshake with {ip} failed: certificate has expired", "rate limit reached for {ip} on route {n}",
        "worker {n} started, pid {n}", "worker {n} exited with code {n}",
    ),
    "search": (
        "index {word} rebuilt: {n} documents, {size} in {ms}", "query {quoted} took {ms}, {n} hits",
        "cache miss for product:{n} in region eu-{n} , fetched in {ms}", "shard {n} moved from {host} to {host}",
        "segment {hex} merged into {hex} in {ms}", "slow query ({n} ms): {quoted}",
    ),
    "accounts": (
        "login of [email] refused from {ip} , attempt {n}", "user {word} signed in from {ip} port {n}",
        "user {word} signed out after {ms}", "password of user {word} changed", "session {id} of user {word} expired",
        "token {uuid} revoked by administrator {word}", "mail to [email] queued as job {n}, {n} waiting",
    ),
    "storage": (
        "file {path} written, {size} in {ms}", "file {path} deleted by retention", "disk {n} at {n} percent",
        "snapshot {uuid} of volume {n} finished in {ms}", "replica {host} lags {ms} behind", "checksum {hex} of {path} differs",
    ),
}  # fmt: skip


def make_lines(service: str, count: int, seed: int) -> list[Labelled]:
    """Lines of one service; some formats are a hundred times as frequent as others."""
    pick = random.Random(f"{service} {seed}")
    formats = SERVICES[service]
    weights = [1.0 / (place + 1) ** 1.2 for place in range(len(formats))]
    return [(fill(text, pick), text) for text in pick.choices(formats, weights, k=count)]


def fill(text: str, pick: random.Random) -> str:
    """A format with a value in each slot."""
    while (start := text.find("{")) >= 0:
        end = text.index("}", start)
        text = text[:start] + SLOTS[text[start + 1 : end]](pick) + text[end + 1 :]
    return text
