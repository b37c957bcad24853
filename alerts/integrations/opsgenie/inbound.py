"""Webhooks of Opsgenie and Jira Service Management: they carry no signature, so a secret of the target's stands in a header."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from alerts.integrations.wish import Unproven, Wish, part, read_json, read_key

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
    return [Wish(act, number, key, who, hashlib.sha256(body).hexdigest())] if act and number else []
