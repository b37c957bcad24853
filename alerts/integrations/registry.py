"""All integrations: one line each."""

from typing import Final

from alerts.integrations.base import Integration
from alerts.integrations.inbox.transport import Inbox
from alerts.integrations.slack.transport import Slack
from alerts.integrations.webhook.transport import Webhook

INTEGRATIONS: Final[dict[str, Integration]] = {
    "inbox": Inbox(),
    "slack": Slack(),
    "webhook": Webhook(),
}
