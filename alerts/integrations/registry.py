"""All integrations: one line each."""

from typing import Final

from alerts.integrations.alertmanager.transport import Alertmanager
from alerts.integrations.apprise.transport import AppriseTarget
from alerts.integrations.base import Integration
from alerts.integrations.custom_webhook.transport import CustomWebhook
from alerts.integrations.email.transport import Email
from alerts.integrations.inbox.transport import Inbox
from alerts.integrations.opsgenie.transport import JSM, OPSGENIE, Opsgenie
from alerts.integrations.pagerduty.transport import PagerDuty
from alerts.integrations.slack.transport import Slack
from alerts.integrations.task.transport import Task
from alerts.integrations.teams.transport import Teams
from alerts.integrations.webhook.transport import Webhook

INTEGRATIONS: Final[dict[str, Integration]] = {
    "inbox": Inbox(),
    "pagerduty": PagerDuty(),
    "opsgenie": Opsgenie(
        "Opsgenie", "Opens, acknowledges and closes an alert there (Opsgenie ends in April 2027).", OPSGENIE
    ),
    "jsm": Opsgenie("Jira Service Management", "Opens, acknowledges and closes an alert in its Operations.", JSM),
    "slack": Slack(),
    "teams": Teams(),
    "email": Email(),
    "webhook": Webhook(),
    "alertmanager": Alertmanager(),
    "apprise": AppriseTarget(),
    "custom_webhook": CustomWebhook(),
    "task": Task(),
}
