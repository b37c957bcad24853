"""The search that an incident leads to finds the records that its rule counted."""

import pytest

from alerts.incidents.search import search_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("signal", "narrowed"),
    [
        ("errors", {"level": "error"}),
        ("warnings", {"level": "warn"}),
        ("fatals", {"level": "fatal"}),
        ("status_4xx", {"status": "4xx"}),
        ("status_5xx", {"status": "5xx"}),  # lines of an access log are of level info
        ("failures", {}),
        ("timeouts", {}),
        ("requests", {}),
        ("latency_p50", {}),
        ("latency_p95", {}),
        ("latency_p99", {}),
    ],
)
def test_the_search_asks_for_what_the_rule_counts(make_rule, make_incident, standing, signal, narrowed):
    query = search_of(make_incident(make_rule(signal=signal)))
    assert {name: query[name] for name in ("level", "status") if name in query} == narrowed
    assert query["service"] == "checkout"
