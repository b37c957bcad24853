"""A web socket to the real application, as a browser opens one."""

import orjson
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.conf import settings

from project.asgi import application
from tests.people import sign_in

PATIENCE = 5


class Socket:
    """Opens, says and hears JSON; `closed` holds the code that it was closed with."""

    def __init__(self, address, session="", origin="http://testserver"):
        headers = [(b"host", b"testserver"), *([(b"origin", origin.encode())] if origin is not None else [])]
        if session:
            headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session}".encode()))
        scope = {"type": "websocket", "path": address, "query_string": b"", "headers": headers, "subprotocols": []}
        self.line = ApplicationCommunicator(application, scope)
        self.closed = None

    async def open(self):
        """Whether the handshake was accepted."""
        await self.line.send_input({"type": "websocket.connect"})
        answer = await self.line.receive_output(PATIENCE)
        return answer["type"] == "websocket.accept"

    async def hear(self, *kinds):
        """The next message (of these kinds), or None when the socket is closed."""
        while True:
            event = await self.line.receive_output(PATIENCE)
            if event["type"] == "websocket.close":
                self.closed = event["code"]
                return None
            message = orjson.loads(event["text"])
            if not kinds or message["type"] in kinds:
                return message

    async def say(self, message):
        """One message; text goes as it is."""
        text = message if isinstance(message, str) else orjson.dumps(message).decode()
        await self.line.send_input({"type": "websocket.receive", "text": text})

    async def close(self):
        """Go away, if the other side has not ended it."""
        if self.closed is not None:
            return
        await self.line.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.line.wait(PATIENCE)


@sync_to_async
def session_of(person):
    """The key of a session in which the person is signed in."""
    return sign_in(person).session.session_key if person is not None else ""


async def watch(environment, person, **options):
    """A socket that was accepted; its first message has not been heard."""
    socket = Socket(f"/ws/e/{environment.slug}/live/", await session_of(person), **options)
    assert await socket.open()
    return socket


async def watching(environment, person):
    """A socket on which the stream has begun."""
    socket = await watch(environment, person)
    assert (await socket.hear())["type"] == "hello"
    return socket
