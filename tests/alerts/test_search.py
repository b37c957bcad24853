"""The search that an incident leads to finds the records that its rule counted."""

import pytest

from alerts.incidents.context import sample_of
from alerts.incidents.search import search_of
from tests.world import make_record

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


def test_the_search_of_one_new_error_finds_that_error_alone(make_rule, make_incident):
    incident = make_incident(make_rule(signal="new_errors", condition="first_seen"))
    incident.context["fingerprints"] = ["f1"]
    query = search_of(incident)
    assert (query["fingerprint"], "level" in query) == ("f1", False)
    incident.context["fingerprints"] = ["f1", "f2"]
    assert search_of(incident)["level"] == "error"


@pytest.mark.parametrize(
    ("levels", "narrowed"),
    [((17, 21), {"level": "error"}), ((9, 17), {"status": "5xx"}), ((), {"status": "5xx"})],
)
def test_records_that_are_bad_by_their_level_are_found_by_it_where_spans_tell_of_5xx(
    environment, make_rule, make_incident, levels, narrowed
):
    incident = make_incident(make_rule(signal="status_5xx"))
    incident.samples = [sample_of(make_record(environment, severity_number=level)) for level in levels]
    query = search_of(incident)
    assert {name: query[name] for name in ("level", "status") if name in query} == narrowed
