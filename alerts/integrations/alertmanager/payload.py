"""Alerts in Alertmanager's two formats: what its API takes, and what its webhook (version 4) sends."""

import re
from datetime import datetime, timedelta
from typing import Any, Final

from alerts.delivery.alert import Alert
from alerts.integrations.text import facts_of, message_lines

NOT_OVER: Final = "0001-01-01T00:00:00Z"
# An alert without an end is dropped after resolve_timeout (5 minutes) unless it is sent again and again. With an end far
# ahead it stays until we resolve it.
ENDS_AFTER: Final = timedelta(days=30)


def labels_of(alert: Alert) -> dict[str, str]:
    """What identifies the alert there; the same for every turn of an incident while its severity stays. Two incidents of one
    rule and service are two alerts: the end of one must not be the other's."""
    labels = {
        "alertname": alert.rule or "Incident", "severity": alert.severity, "environment": alert.environment,
        "service": alert.service, "route": alert.route, "source": "diagnostics",
        "incident": alert.id if alert.action == "test" else str(alert.incident_id),
    }  # fmt: skip
    return {name: value for name, value in labels.items() if value}


def annotations_of(alert: Alert) -> dict[str, str]:
    """What people read."""
    found = {"summary": alert.title, "description": alert.summary, "messages": "\n".join(message_lines(alert, 250))}
    found |= {re.sub(r"[^a-z0-9_]", "_", name.lower()): value for name, value in facts_of(alert)}
    links = {"incident_url": alert.links.incident, "logs_url": alert.links.logs, "trace_url": alert.links.trace,
             "silence_url": alert.links.silence, "runbook_url": alert.links.runbook, "error_url": alert.links.error,
             "monitor_url": alert.links.monitor}  # fmt: skip
    return {name: value for name, value in {**found, **links}.items() if value}


def api_alert(
    alert: Alert, now: datetime, *, labels: dict[str, str] | None = None, is_over: bool = False
) -> dict[str, Any]:
    """One element of POST /api/v2/alerts."""
    over = is_over or alert.action in ("resolve", "test")
    started = min(datetime.fromisoformat(alert.started_at), now)
    return {
        "labels": labels or labels_of(alert),
        "annotations": annotations_of(alert),
        "startsAt": started.isoformat(),
        "endsAt": (now if over else now + ENDS_AFTER).isoformat(),
        "generatorURL": alert.links.incident,
    }


def webhook_v4(alert: Alert) -> dict[str, Any]:
    """What Alertmanager would POST to a webhook for a group of this one alert."""
    status = "resolved" if alert.action == "resolve" else "firing"
    labels, annotations = labels_of(alert), annotations_of(alert)
    return {
        "version": "4",
        "groupKey": f'{{}}:{{dedup_key="{alert.dedup_key}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "diagnostics",
        "groupLabels": {"alertname": labels["alertname"]},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": alert.links.home,
        "alerts": [
            {
                "status": status,
                "labels": labels,
                "annotations": annotations,
                "startsAt": alert.started_at,
                "endsAt": alert.resolved_at if status == "resolved" else NOT_OVER,
                "generatorURL": alert.links.incident,
                "fingerprint": alert.dedup_key[:16],
            }
        ],
    }
