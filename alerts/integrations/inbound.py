"""What receivers send back: somebody has acknowledged or resolved there. Each kind proves that a message is its own before
a word of it is believed; what it wants is plain data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from alerts.integrations.opsgenie.inbound import read_opsgenie
from alerts.integrations.pagerduty.inbound import read_pagerduty
from alerts.integrations.slack.inbound import read_slack
from alerts.integrations.wish import Wish

Reader = Callable[[Mapping[str, str], bytes, Mapping[str, str]], list[Wish]]


@dataclass(frozen=True, slots=True)
class Inbound:
    """How one kind comes back."""

    read: Reader  # (headers, body, the target's secrets); Unproven when the message is not the receiver's
    secret: str  # the field that has to be set


INBOUND: Final[dict[str, Inbound]] = {
    "pagerduty": Inbound(read_pagerduty, "webhook_secret"),
    "opsgenie": Inbound(read_opsgenie, "webhook_token"),
    "jsm": Inbound(read_opsgenie, "webhook_token"),
    "slack": Inbound(read_slack, "signing_secret"),
}
