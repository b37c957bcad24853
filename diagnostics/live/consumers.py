"""The live socket: asks for permission when it opens and every few seconds after, filters, throttles, and says what
it left out. A frame that is lost loses nothing: the page refills from the store with its cursor.
"""

import asyncio
import time
from typing import Any, Final

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from redis import asyncio as aioredis
from redis.exceptions import RedisError

from diagnostics.live.gate import Refusal, Viewer, admit, note_watching, still_allowed
from diagnostics.live.wire import group_of, shown_record, watched_key
from diagnostics.search.filters import LogFilters, matches

CHECK_SECONDS: Final = 3.0  # rights are asked again: a revoked one ends the stream within 5 seconds
WATCHED_SECONDS: Final = 10
RECORDS_A_SECOND: Final = 50  # more cannot be read; the rest is counted
MESSAGE_BYTES: Final = 4096
MESSAGES_A_SECOND: Final = 10
LONGEST_SECONDS: Final = 60 * 60 * 8  # well under the layer's group expiry of a day
TOO_LONG, FLOODING = 4408, 4429  # the other codes are the gate's


class LiveConsumer(AsyncWebsocketConsumer):
    """One open page."""

    viewer: Viewer | None = None
    watcher: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        """Accept, then close with a reason when it may not be: a browser cannot read a refused handshake."""
        await self.accept()
        slug = self.scope["url_route"]["kwargs"]["slug"]
        admitted = await database_sync_to_async(admit)(self.scope["user"], self.scope.get("session"), slug)
        if isinstance(admitted, Refusal):
            await self.close(code=admitted.code, reason=admitted.reason)
            return
        self.viewer = admitted
        self.filters = LogFilters()
        self.paused = False
        self.skipped = 0
        self.budget = float(RECORDS_A_SECOND)
        self.filled_at = self.opened_at = time.monotonic()
        self.heard: list[float] = []
        await self.join()
        self.watcher = asyncio.create_task(self.watch())
        await self.say({"type": "hello", "environment": slug, "limit": RECORDS_A_SECOND})

    async def disconnect(self, code: int) -> None:
        """Leave the group."""
        if self.watcher is not None:
            self.watcher.cancel()
        if self.viewer is not None:
            try:
                await self.channel_layer.group_discard(group_of(self.viewer.environment_id), self.channel_name)
            except (RedisError, OSError):
                return

    async def join(self) -> bool:
        """(Re)join the group and tell publishers that somebody watches; Valkey may have forgotten both."""
        assert self.viewer is not None
        try:
            await self.channel_layer.group_add(group_of(self.viewer.environment_id), self.channel_name)
            async with aioredis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as client:
                await client.set(watched_key(self.viewer.environment_id), 1, ex=WATCHED_SECONDS)
        except (RedisError, OSError):
            return False
        return True

    async def watch(self) -> None:
        """Every few seconds: still allowed? still in the group? then a heartbeat with what was skipped."""
        assert self.viewer is not None
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            refusal = await database_sync_to_async(still_allowed)(self.viewer)
            if refusal is None and time.monotonic() - self.opened_at > LONGEST_SECONDS:
                refusal = Refusal(TOO_LONG, "open for very long; reload the page to go on")
            if refusal is not None:
                await self.close(code=refusal.code, reason=refusal.reason)
                return
            reachable = await self.join()
            await self.say({"type": "beat", "skipped": self.take_skipped(), "behind": not reachable})

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A message of the page: a filter, pause or resume. What is not understood is answered, never fatal."""
        if self.viewer is None:
            return
        now = time.monotonic()
        self.heard = [at for at in self.heard if now - at < 1.0] + [now]
        if len(self.heard) > MESSAGES_A_SECOND:
            await self.close(code=FLOODING, reason="too many messages")
            return
        message = read_message(text_data)
        if message is None:
            await self.say(
                {"type": "error", "message": f"not understood: send JSON objects up to {MESSAGE_BYTES} bytes"}
            )
        elif message.get("type") == "filter":
            await self.set_filter(message)
        elif message.get("type") in ("pause", "resume"):
            self.paused = message["type"] == "pause"
            await self.say({"type": "paused" if self.paused else "resumed", "skipped": self.take_skipped()})
        else:
            await self.say({"type": "error", "message": "type: use filter, pause or resume"})

    async def set_filter(self, message: dict[str, Any]) -> None:
        """Take the new filter, or say what is wrong with it and keep the old one."""
        params = message.get("params")
        try:
            plain = {str(name): str(value) for name, value in params.items()} if isinstance(params, dict) else {}
            assert self.viewer is not None
            asked = LogFilters.from_params(plain)
            await database_sync_to_async(note_watching)(self.viewer, asked)
            self.filters = self.viewer.resolve_user(asked)
        except ValueError as error:
            await self.say({"type": "error", "message": str(error)})
            return
        await self.say({"type": "filtered"})

    async def live_frame(self, event: dict[str, Any]) -> None:
        """A frame of the layer: what matches and fits the budget goes on, the rest is counted."""
        if self.viewer is None:
            return
        found = [record for record in event["records"] if matches(self.filters, record)]
        self.skipped += int(event.get("dropped", 0))
        if self.paused:
            self.skipped += len(found)
            return
        allowed = self.spend(len(found))
        self.skipped += len(found) - allowed
        if allowed or self.skipped:
            shown = [shown_record(record) for record in found[len(found) - allowed :]]
            await self.say({"type": "records", "records": shown, "skipped": self.take_skipped()})

    def spend(self, wanted: int) -> int:
        """How many records may go out now: a bucket that refills with time."""
        now = time.monotonic()
        self.budget = min(RECORDS_A_SECOND * 2.0, self.budget + (now - self.filled_at) * RECORDS_A_SECOND)
        self.filled_at = now
        allowed = min(wanted, int(self.budget))
        self.budget -= allowed
        return allowed

    def take_skipped(self) -> int:
        """What was left out since it was last said."""
        skipped, self.skipped = self.skipped, 0
        return skipped

    async def say(self, message: dict[str, Any]) -> None:
        """One message to the page."""
        await self.send(text_data=orjson.dumps(message).decode())


def read_message(text: str | None) -> dict[str, Any] | None:
    """A JSON object of bounded size, or None."""
    if text is None or len(text) > MESSAGE_BYTES:
        return None
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None
