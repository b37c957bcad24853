"""The sockets' addresses, behind the origin check and the session. Listed here so that the access matrix finds them."""

from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host
from django.urls import path, re_path

from diagnostics.live.consumers import LiveConsumer

SOCKETS = [path("ws/e/<slug:slug>/live/", LiveConsumer.as_asgi(), name="live-socket")]


class SameOrigin:
    """Refuses a handshake whose Origin is not the very host, port included, that it is addressed to.

    A browser sends Origin always; other clients have no business here.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Pass on, or deny."""
        headers = {name: value.decode("latin-1") for name, value in scope.get("headers", [])}
        if is_same_origin(headers.get(b"origin", ""), headers.get(b"host", "")):
            return await self.inner(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


def is_same_origin(origin: str, host: str) -> bool:
    """Whether the page came from the host that it now talks to, and that host is ours."""
    try:
        parts = urlsplit(origin)
    except ValueError:  # half an IPv6 address, say
        return False
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return False
    if f"{parts.scheme}://{parts.netloc}" in settings.CSRF_TRUSTED_ORIGINS:
        return True
    return parts.netloc == host and validate_host(parts.hostname or "", settings.ALLOWED_HOSTS)


NOWHERE = re_path("", WebsocketDenier.as_asgi())  # else each wrong address would leave a trace in the log
sockets = SameOrigin(AuthMiddlewareStack(URLRouter([*SOCKETS, NOWHERE])))
