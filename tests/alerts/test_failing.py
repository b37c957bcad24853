"""What an alert about requests, crashes or a level shows: what the rule counts, and where it comes from."""

from datetime import timedelta

import pytest

from alerts.incidents.context import gather_context
from alerts.incidents.scope import Scope
from tests.world import make_record, make_span

pytestmark = pytest.mark.django_db


@pytest.fixture
def look(environment, make_rule, standing):
    def ask(signal):
        rule = make_rule(signal=signal)
        return gather_context(Scope(rule, "shop", "", standing.now - timedelta(minutes=5), standing.now))

    return ask


@pytest.fixture
def tell(environment, standing):
    def write(body, ago=10, **fields):
        given = {"severity_number": 17, "has_restricted": False, "timestamp": standing.now - timedelta(seconds=ago)}
        return make_record(environment, body=body, **{**given, **fields})

    return write


@pytest.fixture
def serve(environment, standing):
    def answer(status, **fields):
        given = {"kind": 2, "http_status": status, "timestamp": standing.now - timedelta(seconds=30)}
        return make_span(environment, **{**given, **fields})

    return answer


def bodies(found):
    return [sample["body"] for sample in found.samples]


def test_the_cause_of_failed_requests_stands_with_another_service_of_their_traces(look, tell, serve):
    failed, fine = serve(504), serve(200)
    tell("serialization failure", trace_id=fine.trace_id, ago=200)
    tell("provider timed out", service_name="payments", release="9.9", trace_id=failed.trace_id)
    tell("so it goes", service_name="payments", trace_id=failed.trace_id, severity_number=9)
    for signal in ("status_5xx", "timeouts", "failures"):
        found = look(signal)
        assert (bodies(found), found.trace_id) == (["provider timed out"], failed.trace_id.hex)
        assert found.release == ""  # of the service that it is about nothing is known
    assert bodies(look("status_4xx")) == []


def test_who_called_a_service_that_failed_failed_too_and_is_not_the_cause(look, tell, serve):
    outer = serve(500, service_name="front", span_id="a" * 16)
    serve(500, span_id="b" * 16, parent_span_id="a" * 16, trace_id=outer.trace_id)
    tell("checkout answered 500", service_name="front", trace_id=outer.trace_id)
    tell("no net_price", trace_id=outer.trace_id, ago=20)
    found = look("status_5xx")
    assert (bodies(found), found.facts["origins"]) == (["no net_price"], ["shop"])
    serve(500, service_name="prices", span_id="c" * 16, parent_span_id="b" * 16, trace_id=outer.trace_id)
    found = look("status_5xx")
    assert found.facts["origins"] == ["prices"]
    assert bodies(found) == ["checkout answered 500", "no net_price"]  # prices itself said nothing


def test_where_no_trace_tells_the_requests_themselves_are_shown(look, tell):
    tell("an error beside it", http_status=None)
    tell("GET /pay 503", http_status=503, severity_number=9)
    tell("GET /pay 404", http_status=404, severity_number=9)
    tell("gave up", http_status=None, error_type="ReadTimeout")
    assert bodies(look("status_5xx")) == bodies(look("failures")) == ["GET /pay 503"]
    assert bodies(look("status_4xx")) == ["GET /pay 404"]
    assert bodies(look("timeouts")) == ["gave up"]


def test_of_a_level_only_that_level_is_shown(look, tell, standing):
    tell("an old error", ago=250)
    tell("the crash", severity_number=21, ago=5)
    tell("a warning", severity_number=13, ago=3)
    found = look("fatals")
    assert (bodies(found), found.first_bad_at) == (["the crash"], standing.now - timedelta(seconds=5))
    assert bodies(look("warnings")) == ["a warning", "the crash", "an old error"]
    assert bodies(look("errors")) == ["the crash", "an old error"]


def test_one_in_ten_that_came_before_by_chance_is_no_beginning(look, tell, standing):
    tell("by chance", ago=280)
    for number in range(12):
        tell("failed", ago=30 - number)
    assert look("errors").first_bad_at == standing.now - timedelta(seconds=30)
