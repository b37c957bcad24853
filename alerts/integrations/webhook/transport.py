"""Webhooks signed as Standard Webhooks 1.0.0 asks: `webhook-id` stays the same over retries, the timestamp is fresh, and
each of the given keys signs, so that a key can be changed without losing a message."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import orjson

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Field, check_reply, missing_fields
from diagnostics.core import clock

PREFIX: Final = "whsec_"
EVENT_TYPES: Final = {
    "trigger": "incident.triggered", "update": "incident.updated", "acknowledge": "incident.acknowledged",
    "resolve": "incident.resolved", "digest": "incident.digest", "test": "incident.test",
}  # fmt: skip


class Webhook:
    """The registry's entry."""

    label = "Webhook (signed)"
    fields: tuple[Field, ...] = (
        Field("url", "Address", "https://… It is called with POST and a JSON body.", is_secret=True),
        Field(
            "signing_key",
            "Signing key",
            "whsec_ and 24 to 64 random bytes in base64. Two keys with a blank between them both sign (rotation).",
            is_secret=True,
        ),
    )

    def validate(self, config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[str]:
        """The key must decode; the address is checked when it is used, by the same rule as when sending."""
        found = missing_fields(self.fields, config, secrets)
        if secrets.get("signing_key"):
            try:
                read_keys(secrets["signing_key"])
            except ValueError as error:
                found.append(str(error))
        return found

    def send(self, alert: Alert, config: Mapping[str, Any], secrets: Mapping[str, str]) -> int | None:
        """POST the alert."""
        now = clock.now()
        body = orjson.dumps({"type": EVENT_TYPES[alert.action], "timestamp": now.isoformat(), "data": asdict(alert)})
        try:
            keys = read_keys(secrets.get("signing_key", ""))
        except ValueError as error:
            raise DeliveryError(str(error), permanent=True) from None
        stamp = str(int(now.timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": alert.id,
            "webhook-timestamp": stamp,
            "webhook-signature": " ".join(sign(key, alert.id, stamp, body) for key in keys),
        }
        return check_reply(http.post(secrets.get("url", ""), body, headers))


def read_keys(text: str) -> list[bytes]:
    """The keys; ValueError says what a key looks like."""
    keys = []
    for word in text.split():
        try:
            key = base64.b64decode(word.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            key = b""
        if not word.startswith(PREFIX) or not 24 <= len(key) <= 64:
            raise ValueError("Signing key: 'whsec_' and 24 to 64 bytes in base64 are needed.")
        keys.append(key)
    if not keys:
        raise ValueError("Signing key is needed.")
    return keys


def sign(key: bytes, message_id: str, stamp: str, body: bytes) -> str:
    """One signature over id, time and body."""
    signed = hmac.digest(key, f"{message_id}.{stamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"
