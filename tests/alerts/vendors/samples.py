"""The largest alert that can be told, every turn that can be told, and what a fake was sent."""

import json

from alerts.models import Notification

LONG = "\N{FIRE}&<x> long " * 400
LARGE = {
    **dict.fromkeys(("title", "summary", "service", "route", "release", "rule", "deploy", "environment", "news"), LONG[:500]),
    "messages": ((LONG[:500], 123_456),) * 3, "facts": {f"Fact {n}": LONG[:500] for n in range(40)},
}  # fmt: skip
ACTIONS = Notification.Action.values


def bodies(receiver):
    return [json.loads(body) for _, _, body in receiver.got if body]
