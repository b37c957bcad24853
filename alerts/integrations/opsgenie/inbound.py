"""Webhooks of Opsgenie and Jira Service Management: they carry no signature, so a secret of the target's stands in a header."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from alerts.integrations.wish import Unproven, Wish, part, read_json, read_key

LAST_SECOND: Final = 1e11  # what is larger counts parts of a second
LARGEST: Final = 1e20
ACTS: Final = {"acknowledge": "acknowledge", "close": "resolve"}


def read_opsgenie(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]) -> list[Wish]:
    """Acknowledged or closed there; other actions are no news for us."""
    wanted = f"Bearer {secrets['webhook_token']}"
    if not hmac.compare_digest(headers.get("authorization", "").encode(), wanted.encode()):
        raise Unproven
    data = read_json(body)
    act = ACTS.get(str(part(data, "action")).lower())
    key, number = read_key(part(data, "alert", "alias"))
    who = str(part(data, "alert", "username") or part(data, "source", "name"))
    at = read_moment(part(data, "alert", "updatedAt"))
    return [Wish(act, number, key, who, hashlib.sha256(body).hexdigest(), at)] if act and number else []


def read_moment(value: Any) -> datetime | None:
    """Of seconds, milliseconds or nanoseconds since 1970, told apart by their size; None for anything else."""
    if not isinstance(value, int | float) or not 0 < value < LARGEST:
        return None
    while value > LAST_SECOND:
        value /= 1000
    return datetime.fromtimestamp(value, UTC)
