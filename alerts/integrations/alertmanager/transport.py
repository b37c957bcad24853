"""Prometheus Alertmanager by its API v2: it groups, silences and routes as it does for Prometheus."""

from collections.abc import Mapping
from typing import Any

import orjson

from alerts.delivery import http
from alerts.delivery.alert import Alert
from alerts.delivery.seal import Sealed, own_texts, seal
from alerts.integrations.alertmanager.payload import api_alert, labels_of
from alerts.integrations.base import Field, Sent, Setup, check_fields, check_reply
from diagnostics.core import clock


class Alertmanager:
    """The registry's entry."""

    label = "Prometheus Alertmanager"
    help_text = "POST to /api/v2/alerts of an Alertmanager, which groups and routes it like its own."
    fields: tuple[Field, ...] = (
        Field(
            "url",
            "Address",
            "Where its pages are, such as https://alertmanager.shop.com. In a private network the operator must "
            "allow it (DELIVERY_ALLOWED_NETWORKS).",
            is_secret=True,
        ),
        Field("token", "Bearer token", "If it asks for one.", is_secret=True, is_required=False, travels=True),
    )

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """The address."""
        return check_fields(self.fields, config, secrets)

    def preview(self, alert: Alert, setup: Setup) -> str:
        """The body."""
        return build_body(alert, setup).decode()

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """POST the alert, and the end of the one that it replaces when its labels have changed."""
        headers = {"content-type": "application/json"}
        if setup.secrets.get("token"):
            headers["authorization"] = f"Bearer {setup.secrets['token']}"
        url = f"{setup.secrets.get('url', '').rstrip('/')}/api/v2/alerts"
        reply = http.post(url, build_body(alert, setup), headers)
        return Sent(check_reply(reply), {"labels": orjson.dumps(labels_of(alert)).decode()})


def build_body(alert: Alert, setup: Setup) -> Sealed:
    """One alert; two when the severity has changed, because Alertmanager takes other labels for another alert."""
    now = clock.now()
    alerts: list[dict[str, Any]] = [api_alert(alert, now)]
    earlier = orjson.loads(setup.receipt.get("labels") or "null")
    if earlier and earlier != alerts[0]["labels"]:
        alerts.append(api_alert(alert, now, labels=earlier, is_over=True))
    times = [text for each in alerts for text in (each["startsAt"], each["endsAt"])]
    return seal(alerts, [*own_texts(alert), *times])
