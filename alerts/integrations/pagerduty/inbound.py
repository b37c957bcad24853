"""PagerDuty's V3 webhooks: signed over the raw body, sent at least once."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from alerts.integrations.wish import Unproven, Wish, part, read_json, read_key
from diagnostics.core import clock

ACTS: Final = {"incident.acknowledged": "acknowledge", "incident.resolved": "resolve"}
OURS: Final = "_integration_reference"  # what an integration did, we did: nobody there
OLDEST: Final = timedelta(hours=24)  # older ones may have been forgotten, and would be taken for new


def read_pagerduty(headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]) -> list[Wish]:
    """Acknowledged or resolved there; other events are no news for us."""
    wanted = hmac.new(secrets["webhook_secret"].encode(), body, hashlib.sha256).hexdigest()
    given = [word.strip().removeprefix("v1=") for word in headers.get("x-pagerduty-signature", "").split(",")]
    if not any(hmac.compare_digest(wanted.encode(), word.encode()) for word in given):
        raise Unproven
    event = part(read_json(body), "event")
    at = read_moment(part(event, "occurred_at"))
    if at is None:
        raise Unproven
    act = ACTS.get(str(part(event, "event_type")))
    if act is None or str(part(event, "agent", "type")).endswith(OURS):
        return []
    who = str(part(event, "agent", "summary"))
    return [Wish(act, number, key, who, str(part(event, "id")), at) for key, number in keys_of(part(event, "data"))]


def read_moment(text: Any) -> datetime | None:
    """When it was; None when that is too long ago, or no moment."""
    try:
        moment = datetime.fromisoformat(str(text))
        return moment if abs(clock.now() - moment) <= OLDEST else None
    except (ValueError, TypeError):
        return None


def keys_of(data: Any) -> list[tuple[str, int]]:
    """The incident's own key, and those of its alerts where they are sent along."""
    alerts = part(data, "alerts")
    rows = [data, *(alerts if isinstance(alerts, list) else [])]
    found = [read_key(part(row, name)) for row in rows for name in ("incident_key", "alert_key", "dedup_key")]
    return list(dict.fromkeys(key for key in found if key[1]))
