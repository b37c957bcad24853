"""An alert as integrations get it."""

from alerts.delivery.alert import Alert, Links

SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LINKS = Links(
    incident="https://diagnostics.shop.com/e/shop/incidents/7/",
    logs="https://diagnostics.shop.com/e/shop/logs/?since=2026-03-01T12%3A00%3A00%2B00%3A00&level=error&service=checkout",
    home="https://diagnostics.shop.com",
    trace=f"https://diagnostics.shop.com/e/shop/traces/{'ab' * 16}/",
    session="https://diagnostics.shop.com/e/shop/sessions/s-1/",
    rule="https://diagnostics.shop.com/admin/alerts/alertrule/2/change/",
    acknowledge="https://diagnostics.shop.com/e/shop/incidents/7/",
    resolve="https://diagnostics.shop.com/e/shop/incidents/7/",
    silence="https://diagnostics.shop.com/e/shop/incidents/7/silence/",
    runbook="https://wiki.shop.com/checkout",
)


def make_alert(**fields):
    given = {
        "id": "0f3a5c1e-6f0b-4f0e-9a53-3f3f6f2f3b11", "action": "trigger", "dedup_key": "5b" * 24, "incident_id": 7,
        "title": "5xx surge: checkout", "summary": "checkout: 5xx 14.0% of 1,240 requests in 3 min.",
        "severity": "critical", "environment": "Shop", "environment_kind": "production", "rule": "5xx surge",
        "service": "checkout", "route": "/pay", "release": "1.2", "state": "triggered",
        "started_at": "2026-03-01T12:00:00+00:00", "resolved_at": "", "value": 0.14, "trace_id": "ab" * 16,
        "messages": (("card provider timed out", 40), ("payment failed", 3)), "sessions": 2, "users": 1,
        "deploy": "checkout deployed 1.2", "links": LINKS, "change": "4.2 times the usual 12",
        "trend": (1.0, None, 4.0, 20.0), **fields,
    }  # fmt: skip
    return Alert(**given)
