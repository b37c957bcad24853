"""The express way gives what the long way gives, and leaves alone what it cannot take."""

import copy
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.redaction.corpus import make_cases
from benchmarks.workload import Shop, otlp_batch
from diagnostics.core.record import Record
from diagnostics.ingest.formats.otlp_logs import parse_protobuf
from diagnostics.pipeline import aliases
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.express import Express
from diagnostics.pipeline.run import go_the_long_way
from tests.pipeline.test_redact_properties import LINES

ENVIRONMENT = EnvironmentContext(1, "x", b"k" * 32, locate=lambda address: ("DE", "BE") if address else ("", ""))
CLIENTS = [ClientContext("203.0.113.9", "curl/8"), ClientContext("203.0.113.9", "Mozilla/5.0 Firefox/128", True)]
MOMENT = 1_700_000_000 * 10**9
AHEAD = 3_900_000_000 * 10**9


def compare(record: Record, express: Express) -> bool:
    """Whether the express way took the record; when it did, the result is the long way's."""
    short, long = copy.deepcopy(record), copy.deepcopy(record)
    taken = express.take(short)
    express.clean_bodies()
    if not taken:
        assert repr(short) == repr(record), "left half done"
        return False
    go_the_long_way(long, express.environment, express.client)
    assert repr(short) == repr(long)
    return True


@pytest.mark.parametrize("client", CLIENTS)
def test_ordinary_traffic_takes_it_and_comes_out_alike(client):
    express = Express(ENVIRONMENT, client)
    records = parse_protobuf(otlp_batch(Shop(3).lines(1500), 1), time.time_ns()).records
    assert sum(compare(record, express) for record in records) == len(records)


def test_the_whole_redaction_corpus_comes_out_alike():
    express = Express(ENVIRONMENT, CLIENTS[0])
    taken = []
    for case in make_cases(11, each=6):
        attributes = case.record["attributes"]
        record = Record(MOMENT, MOMENT, body=str(case.record["message"]), logger=case.record.get("logger", ""))
        record.attributes = attributes if isinstance(attributes, dict) else {"payload": attributes}
        taken.append(compare(record, express))
    assert sum(taken) > 0.9 * len(taken)


NAMES = (
    st.sampled_from(
        [*sorted(aliases.LIFTS), "password", "exception.stacktrace", "order.id", "value", "name", "key", "a", "card"]
    )
    | LINES
    | st.text(min_size=250, max_size=260)
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | LINES
    | st.sampled_from(["GET", "200", "1.5", " x ", "x" * 9000]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(LINES, inner, max_size=3),
    max_leaves=6,
)
RECORDS = st.builds(
    Record,
    timestamp_ns=st.sampled_from([MOMENT, 0, AHEAD, 10**30]),
    observed_ns=st.just(MOMENT),
    severity_number=st.sampled_from([9, 17, 99]),
    logger=LINES,
    service_name=st.sampled_from(["", "web", "a\nb"]),
    body=LINES,
    trace_id=st.sampled_from(["", "A" * 32, "0" * 32, "zz"]),
    http_status=st.sampled_from([None, 200, 7]),
    attributes=st.dictionaries(NAMES, VALUES, max_size=5),
    resource=st.none() | st.dictionaries(NAMES, VALUES, max_size=3),
)


@settings(max_examples=500, deadline=None)
@given(RECORDS, st.sampled_from(CLIENTS))
def test_any_record_comes_out_alike_or_goes_the_long_way(record, client):
    compare(record, Express(ENVIRONMENT, client))


def test_a_record_of_too_many_attributes_goes_the_long_way():
    record = Record(MOMENT, MOMENT, attributes={f"a{number}": number for number in range(200)})
    assert not compare(record, Express(ENVIRONMENT, CLIENTS[0]))


def test_records_of_one_resource_share_it_and_their_own_attributes_win():
    resource = {"service.name": "web", "host.name": "node-1", "service.version": "1.2"}
    express = Express(ENVIRONMENT, CLIENTS[0])
    first = Record(MOMENT, MOMENT, attributes={"host.name": "node-2"}, resource=resource)
    second = Record(MOMENT, MOMENT, attributes={"service.name": "shop"}, resource=resource)
    assert express.take(first)
    assert (first.service_name, first.release, first.attributes) == ("web", "1.2", {"host.name": "node-2"})
    assert not express.take(second)
    go_the_long_way(second, ENVIRONMENT, CLIENTS[0])
    assert (second.service_name, second.attributes) == ("shop", {"host.name": "node-1"})
    assert resource == {"service.name": "web", "host.name": "node-1", "service.version": "1.2"}
