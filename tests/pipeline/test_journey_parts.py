"""What a request says of its journeys: steps, people, trouble, and whether they ended well."""

import orjson
import pytest

from diagnostics.core.record import Parsed, Record, SpanRecord
from diagnostics.pipeline import journey_parts
from diagnostics.pipeline.journey_parts import FIELDS
from diagnostics.pipeline.policy import Ending, make_endings
from diagnostics.pipeline.summarise import summarise

SECOND = 1_000_000_000


def record(second, **fields):
    return Record(second * SECOND, second * SECOND, **{"journey_id": "order-1", "service_name": "shop", **fields})


def span(second, **fields):
    start = second * SECOND
    return SpanRecord("1" * 32, "2" * 16, start, start + SECOND, **{"journey_id": "order-1", "kind": 2, **fields})


def parts(*items, endings=None):
    spans = [item for item in items if isinstance(item, SpanRecord)]
    records = [item for item in items if isinstance(item, Record)]
    text = summarise(Parsed(records, spans), endings).journeys
    return [dict(zip(FIELDS, part, strict=True)) for part in (orjson.loads(text) if text else [])]


def test_records_without_a_journey_leave_nothing():
    assert summarise(Parsed([record(1, journey_id="")], [span(1, journey_id="")])).journeys == ""


def test_one_part_a_journey_over_services_sessions_and_users():
    (found,) = parts(
        record(2, session_id="s-1", user_key="jane", release="7"),
        record(1, session_id="s-2", service_name="mailer", severity_number=13),
        record(3, session_id="s-1", user_key="joe", severity_number=17),
        span(4),
    )
    assert (found["first_us"], found["last_us"]) == (1_000_000, 5_000_000)
    assert [found[name] for name in ("records", "spans", "warnings", "errors")] == [3, 1, 1, 1]
    assert (found["session_ids"], found["user_keys"]) == (["s-1", "s-2"], ["jane", "joe"])
    assert (found["services"], found["release"]) == (["shop", "mailer"], "7")
    assert (found["crashed"], found["failed"], found["completed_us"]) == (False, True, 0)
    assert [found["journey_id"] for found in parts(record(1), record(1, journey_id="order-2"))] == [
        "order-1",
        "order-2",
    ]


def test_steps_are_events_routes_and_first_spans_by_when_they_came_first():
    (found,) = parts(
        record(9, event_name="order.placed"),
        record(1, http_method="POST", http_route="/cart", body="cart filled"),
        record(2, body="what was said on the way"),
        record(5, http_method="POST", http_route="/cart"),
        span(4, name="send mail"),
        span(3, name="inner work", parent_span_id="3" * 16),
    )
    named = {name: at for name, (rank, at) in found["steps"].items() if rank == 0}
    assert named == {"order.placed": 9_000_000, "POST /cart": 1_000_000, "send mail": 4_000_000}
    assert found["last_step"] == [1, 9_000_000, "order.placed"]


def test_where_nothing_has_a_name_the_patterns_of_texts_are_steps():
    (found,) = parts(record(1, body="job 17 began for 'jane'"), record(2, body="job 18 began for 'joe'"))
    assert found["steps"] == {"job * began for *": [1, 1_000_000]}
    assert found["last_step"] == [0, 2_000_000, "job * began for *"]


def test_people_and_steps_are_bounded():
    many = [record(n, event_name=f"e-{n}", session_id=f"s-{n}", user_key=f"u-{n}") for n in range(100)]
    (found,) = parts(*many)
    assert found["session_ids"] == [f"s-{n}" for n in range(80, 100)]
    assert found["user_keys"] == [f"u-{n}" for n in range(90, 100)]
    assert len(found["steps"]) <= 2 * journey_parts.STEPS_KEPT
    assert {f"e-{n}" for n in range(12)} <= set(found["steps"])
    (long,) = parts(record(1, event_name="x" * 500))
    assert list(long["steps"]) == ["x" * journey_parts.STEP_CHARS]


@pytest.mark.parametrize("fields", [{"status_code": 2}, {"http_status": 503}])
def test_a_first_span_that_failed_fails_the_journey_an_inner_one_does_not(fields):
    assert parts(span(1, **fields))[0]["failed"]
    assert not parts(span(1, parent_span_id="3" * 16, **fields))[0]["failed"]
    assert parts(span(1, **fields), record(2, severity_number=13))[0]["failed"]


def test_a_fatal_record_crashes_it():
    assert parts(record(1, severity_number=21), record(2))[0]["crashed"]


PLACED = make_endings(
    [Ending(event="order.placed"), Ending(route="POST /checkout"), Ending(words=("confirmation", "sent"))]
)


@pytest.mark.parametrize(
    ("item", "ends"),
    [
        (record(3, event_name="order.placed"), True),
        (record(3, event_name="order.placed.not"), False),
        (record(3, http_method="POST", http_route="/checkout", http_status=201), True),
        (record(3, http_method="GET", http_route="/checkout", http_status=200), False),
        (record(3, http_method="POST", http_route="/checkout", http_status=500), False),
        (record(3, http_method="POST", http_route="/checkout", severity_number=17), False),
        (record(3, body="Confirmation was SENT"), True),
        (record(3, body="confirmation is late"), False),
        (span(2, http_method="POST", http_route="/checkout"), True),
        (span(2, http_method="POST", http_route="/checkout", status_code=2), False),
        (span(2, name="order.placed"), True),
    ],
)
def test_what_ends_it_well_and_what_failed_does_not(item, ends):
    assert parts(record(1), item, endings=PLACED)[0]["completed_us"] == (3_000_000 if ends else 0)
    assert parts(record(1), item)[0]["completed_us"] == 0


def test_all_of_a_line_must_fit():
    endings = make_endings([Ending(service="mailer", words=("sent",))])
    assert parts(record(1, body="sent", service_name="mailer"), endings=endings)[0]["completed_us"]
    assert not parts(record(1, body="sent"), endings=endings)[0]["completed_us"]


def test_the_first_good_end_counts():
    found = parts(record(5, event_name="order.placed"), record(2, event_name="order.placed"), endings=PLACED)
    assert found[0]["completed_us"] == 2_000_000
