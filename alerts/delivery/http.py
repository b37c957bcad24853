"""The one HTTP client for everything that goes out: pinned address, no redirects, no proxies, bounded in bytes and time.

`resolve_target` is the public entry that decides whether a URL may be reached and at which address.
"""

import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import httpcore

from alerts.delivery.addresses import resolve_target
from alerts.delivery.connection import PinnedBackend
from alerts.delivery.errors import DeliveryError, TargetRefused
from alerts.delivery.names import resolve_by_system
from alerts.delivery.seal import EMPTY, Sealed
from diagnostics.core.options import option

__all__ = ["DeliveryError", "Reply", "TargetRefused", "check_url", "get", "post", "resolve_target"]

DEADLINE_SECONDS: Final = 15.0
ANSWER_BYTES: Final = 4096
USER_AGENT: Final = "Diagnostics/1"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the receiver answered; `text` is the first 4 KiB."""

    status: int
    text: str
    headers: Mapping[str, str]


def check_url(url: str) -> str:
    """The address to connect to, by the operator's rules; TargetRefused when it may not be reached."""
    return resolve_target(
        url,
        resolve_by_system,
        allowed_networks=option("DELIVERY_ALLOWED_NETWORKS"),
        allow_http=option("DELIVERY_ALLOW_HTTP"),
        refused_addresses=option("DELIVERY_REFUSED_NETWORKS"),
    )


def post(url: str, body: Sealed, headers: Mapping[str, str], *, deadline: float | None = None) -> Reply:
    """POST the body; DeliveryError when nobody answers in time, TargetRefused when the address may not be reached."""
    return ask("POST", url, body, headers, deadline)


def get(url: str, headers: Mapping[str, str], *, deadline: float | None = None) -> Reply:
    """GET, by the same rules."""
    return ask("GET", url, EMPTY, headers, deadline)


def ask(method: str, url: str, body: Sealed, headers: Mapping[str, str], deadline: float | None = None) -> Reply:
    """One request to the checked address; a redirect is an answer like others."""
    end = time.monotonic() + (deadline or DEADLINE_SECONDS)
    backend = PinnedBackend(check_url(url), end)
    own = {"user-agent": USER_AGENT, "accept-encoding": "identity", "connection": "close"}
    sent = {**headers, **own}
    try:
        with (
            httpcore.ConnectionPool(network_backend=backend) as pool,
            pool.stream(method, url, headers=list(sent.items()), content=body) as answer,
        ):
            return Reply(answer.status, read_some(answer), read_headers(answer.headers))
    except httpcore.TimeoutException:
        raise DeliveryError("no answer in time") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise DeliveryError(f"the connection failed ({type(error).__name__})") from None


def read_some(answer: httpcore.Response) -> str:
    """The first bytes of the answer. The status has come before them: an answer that is torn off still counts."""
    found = b""
    with suppress(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        for part in answer.iter_stream():
            found += part
            if len(found) >= ANSWER_BYTES:
                break
    return found[:ANSWER_BYTES].decode("utf-8", "replace")


def read_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """By lower-case name."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
