"""Two libraries that verify signed webhooks as the judges, and the formats that receivers read."""

import json

import pytest
from standardwebhooks import Webhook as StandardWebhook
from svix.webhooks import Webhook as SvixWebhook

from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from tests.alerts.samples import LINKS, SIGNING_KEY, make_alert


@pytest.mark.parametrize("format_name", ["standard", "alertmanager", "template"])
@pytest.mark.parametrize("verifier", [StandardWebhook, SvixWebhook])
def test_two_libraries_verify_the_signature_of_every_format(receiver, arrange, verifier, format_name):
    setup = arrange("webhook")
    config = {"format": format_name, "template": '{"text": "{{ headline }}"}'}
    INTEGRATIONS["webhook"].send(make_alert(), Setup(config, setup.secrets))
    _, headers, body = receiver.got[0]
    verifier(SIGNING_KEY).verify(body, headers)
    with pytest.raises(Exception, match=r"(?i)signature"):
        verifier(SIGNING_KEY).verify(body + b" ", headers)


def test_the_alertmanager_format_has_what_its_receivers_read():
    setup = Setup({"format": "alertmanager"})
    firing = json.loads(INTEGRATIONS["webhook"].preview(make_alert(), setup))
    over = json.loads(
        INTEGRATIONS["webhook"].preview(make_alert(action="resolve", resolved_at="2026-03-01T12:30:00+00:00"), setup)
    )
    assert (firing["version"], firing["status"], over["status"]) == ("4", "firing", "resolved")
    assert firing["alerts"][0]["endsAt"] == "0001-01-01T00:00:00Z"
    assert over["alerts"][0]["endsAt"] == "2026-03-01T12:30:00+00:00"
    assert firing["alerts"][0]["fingerprint"] == over["alerts"][0]["fingerprint"]
    assert firing["commonLabels"] == {
        "alertname": "5xx surge", "severity": "critical", "environment": "Shop", "service": "checkout", "route": "/pay",
        "source": "diagnostics", "incident": "7",
    }  # fmt: skip
    assert firing["externalURL"] == "https://diagnostics.shop.com"
    assert firing["alerts"][0]["generatorURL"] == LINKS.incident
