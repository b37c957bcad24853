"""The one HTTP client for everything that goes out: pinned address, no redirects, no proxies, bounded in bytes and time.

`resolve_target` is the public entry that decides whether a URL may be reached and at which address.
"""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx

from alerts.delivery.addresses import resolve_target
from alerts.delivery.errors import DeliveryError, TargetRefused
from diagnostics.core.options import option

__all__ = ["DeliveryError", "Reply", "TargetRefused", "post", "resolve_target"]

DEADLINE_SECONDS: Final = 15.0
CONNECT_SECONDS: Final = 5.0
ANSWER_BYTES: Final = 4096
USER_AGENT: Final = "Diagnostics/1"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the receiver answered; `text` is the first 4 KiB."""

    status: int
    text: str
    headers: Mapping[str, str]


def resolve_by_system(host: str) -> list[str]:
    """All addresses of a name, asked with a dot at its end so that search domains do not add to it."""
    found = socket.getaddrinfo(f"{host}.", None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def post(url: str, body: bytes, headers: Mapping[str, str], *, deadline: float = DEADLINE_SECONDS) -> Reply:
    """POST the body; DeliveryError when nobody answers in time, TargetRefused when the address may not be reached."""
    address = resolve_target(
        url,
        resolve_by_system,
        allowed_networks=option("DELIVERY_ALLOWED_NETWORKS"),
        allow_http=option("DELIVERY_ALLOW_HTTP"),
    )
    parts = urlsplit(url)
    pinned = httpx.URL(url).copy_with(host=address)
    sent = {**headers, "host": parts.netloc, "user-agent": USER_AGENT, "accept-encoding": "identity"}
    end = time.monotonic() + deadline
    timeout = httpx.Timeout(deadline, connect=CONNECT_SECONDS)
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=timeout) as client,
            client.stream(
                "POST", pinned, content=body, headers=sent, extensions={"sni_hostname": parts.hostname}
            ) as answer,
        ):
            text = read_some(answer, end)
            return Reply(answer.status_code, text, {name.lower(): value for name, value in answer.headers.items()})
    except httpx.TimeoutException:
        raise DeliveryError("no answer in time") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise DeliveryError(f"the connection failed ({type(error).__name__})") from None


def read_some(answer: httpx.Response, end: float) -> str:
    """The first bytes of the answer; the deadline holds for all of them together."""
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_raw(1024):
        parts.append(part)
        size += len(part)
        if size >= ANSWER_BYTES or time.monotonic() > end:
            break
    return b"".join(parts)[:ANSWER_BYTES].decode("utf-8", "replace")
