"""Buttons in Slack: signed over version, time and raw body."""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

from alerts.integrations.wish import Unproven, Wish, part, read_json
from diagnostics.core import clock

VALID_SECONDS: Final = 300
ACTS: Final = ("acknowledge", "resolve")


def read_slack(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]) -> list[Wish]:
    """Which button was pressed, by whom."""
    stamp, given = headers.get("x-slack-request-timestamp", ""), headers.get("x-slack-signature", "")
    if not (stamp.isascii() and stamp.isdecimal()) or abs(clock.now().timestamp() - int(stamp[:12])) > VALID_SECONDS:
        raise Unproven
    signed = f"v0:{stamp}:".encode() + body
    wanted = "v0=" + hmac.new(secrets["signing_secret"].encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode()):
        raise Unproven
    form = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    payload = read_json(form.get("payload", [""])[0].encode())
    who = str(part(payload, "user", "name") or part(payload, "user", "username") or part(payload, "user", "id"))
    pressed = part(payload, "actions")
    return [
        Wish(str(part(item, "action_id")), int(part(item, "value")), "", who, f"{given} {place}")
        for place, item in enumerate(pressed if isinstance(pressed, list) else [])
        if part(item, "action_id") in ACTS and str(part(item, "value")).isdecimal()
    ]
