"""Lists: their shape, their pages while rows come in, and searching records."""

import base64
from datetime import timedelta

import pytest
from django.db import connection

from alerts.incidents.transitions import Opening, open_incident
from alerts.models import Incident
from diagnostics.api import logs
from diagnostics.core import clock
from diagnostics.models import LogRecord
from diagnostics.search import page
from tests.api.calling import Caller, every
from tests.people import make_person
from tests.world import begin_world, make_record, make_session, make_world

ENVIRONMENT = {
    "slug", "name", "kind", "streaming_enabled", "snapshots_enabled", "tracing_enabled", "retention_days",
    "restricted_retention_days", "snapshot_retention_days", "permissions",
}  # fmt: skip
LISTS = {
    "environments": ENVIRONMENT,
    "incidents": {"id", "environment", "state", "title", "dedup_key", "acknowledged_by", "trace_id"},
    "patterns": {"id", "environment", "template", "service_name", "text", "severity", "records", "releases"},
    "rules": {"id", "environment", "slug", "signal", "threshold", "targets", "builtin"},
    "sessions": {"id", "environment", "session_id", "state", "services", "errors"},
    "journeys": {
        "id",
        "environment",
        "journey_id",
        "state",
        "outcome",
        "steps",
        "last_step",
        "user_keys",
        "session_ids",
    },
    "snapshots": {"id", "environment", "reason", "record", "sha256", "kept_until"},
    "targets": {"id", "environment", "name", "kind", "config", "secrets_set", "disabled_reason"},
    "logs": {"reference", "timestamp", "timestamp_unix_nano", "severity", "body", "attributes", "trace_id"},
}
PRIVATE = {"secrets", "pseudonym_key", "digest", "ciphertext", "context", "samples", "password"}


@pytest.fixture
def world(db):
    return make_world("shop-one")


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_a_page_with_ways_on_and_the_same_with_a_slash(name, world, admin):
    params = {"environment": world.slug, "range": "1h"} if name == "logs" else {}
    answer = admin.get(f"/api/v1/{name}", **params)
    assert set(answer.json()) == {"next", "previous", "results"}
    rows = answer.json()["results"]
    assert rows
    assert LISTS[name] <= set(rows[0])
    assert not PRIVATE & set(rows[0])
    assert admin.get(f"/api/v1/{name}/", **params).json() == answer.json()


def test_pages_stay_as_they_are_while_rows_come_in(world, admin):
    now = clock.now()
    for number in range(7):
        make_session(world.environment, session_id=f"s{number}", last_seen_at=now)  # equal times
    address = "/api/v1/sessions"
    wanted = [row["id"] for row in every(admin, address)]
    first = admin.get(address, page_size=3).json()
    make_session(world.environment, session_id="late", last_seen_at=now + timedelta(seconds=1))
    rest = every(admin, first["next"])
    assert [row["id"] for row in first["results"] + rest] == wanted
    second = admin.get(first["next"]).json()
    back = admin.get(second["previous"]).json()
    assert [row["id"] for row in back["results"]] == wanted[:3]
    assert admin.get(back["previous"]).json()["results"][0]["session_id"] == "late"
    assert admin.get(back["previous"]).json()["previous"] is None
    assert admin.get(back["next"]).json()["results"] == second["results"]


def open_one(world, number):
    rule = world.rule
    return open_incident(Opening(rule, f"s{number}", f"s{number}", "", f"T{number}", "x", 1, clock.now()))


def test_incidents_are_cut_by_state_service_and_environment(world, admin):
    second = open_one(world, 2)
    Incident.objects.filter(pk=world.incident.pk).update(state="resolved")

    def listed(**params):
        return [row["id"] for row in every(admin, "/api/v1/incidents", **params)]

    assert listed() == [second.pk, world.incident.pk]
    assert listed(state="open") == [second.pk]
    assert listed(state="resolved") == [world.incident.pk]
    assert listed(service="s2") == [second.pk]
    assert listed(environment=world.slug) == listed()


def test_an_environment_that_is_not_theirs_is_missing_in_every_list(world, admin):
    begin_world("shop-two")
    lists = ("incidents", "rules", "targets", "monitors", "suggestions", "sessions", "journeys", "snapshots", "errors",
             "events", "patterns", "views")  # fmt: skip
    for name in lists:
        assert admin.get(f"/api/v1/{name}", environment=world.slug).status_code == 200, name
        for slug in ("shop-two", "elsewhere", "é"):
            assert admin.get(f"/api/v1/{name}", environment=slug).status_code == 404, (name, slug)


@pytest.mark.parametrize(("address", "name", "among"), [
    ("incidents", "state", "open"), ("incidents", "severity", "critical"), ("sessions", "state", "crashed"),
    ("journeys", "state", "errors"), ("suggestions", "state", "dismissed"), ("events", "kind", "deploy"), ("views", "page", "logs"),
    ("snapshots", "reason", "by_hand"), ("errors", "state", "ignored"), ("patterns", "level", "warn"),
    ("incidents", "limit", "1 to 200"), ("rules", "page_size", "1 to 200"),
])  # fmt: skip
def test_a_value_that_there_is_not_is_named_with_those_that_there_are(world, admin, address, name, among):
    answer = admin.get(f"/api/v1/{address}", **{name: "0"})
    assert answer.status_code == 400
    assert among in answer.json()[name][0]


def test_a_page_has_as_many_rows_as_are_asked_for(world, admin):
    for number in range(3):
        open_one(world, number)
    for params in ({"limit": 2}, {"page_size": 2}, {"limit": 2, "page_size": 1}):
        assert len(admin.get("/api/v1/incidents", **params).json()["results"]) == 2


@pytest.mark.parametrize(
    "address", ["/api/v1/nope", "/api/nope/", "/api/v1/check-ins/a b/c", "/otlp/v1/metrics", "/loki/x", "/v1/x"]
)
def test_a_machine_at_no_address_is_answered_in_json(client, db, address):
    for ask in (client.get, client.post):
        answer = ask(address)
        assert answer.status_code == 404
        assert "/api/docs/" in answer.json()["detail"]
    assert client.get("/nope")["Content-Type"].startswith("text/html")


def test_no_list_counts_or_asks_once_a_row(world, admin, django_assert_max_num_queries):
    for number in range(5):
        open_one(world, number)
    for name in ("incidents", "rules", "targets", "sessions", "journeys"):
        with django_assert_max_num_queries(8) as asked:
            admin.get(f"/api/v1/{name}")
        assert not [query for query in asked.captured_queries if "count(" in query["sql"].lower()]


def encoded(place):
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


FORGED = [
    "x",
    "b.",
    "b.x",
    *map(encoded, ("no time", "\0 1", "2030-13-45 1", "0001-01-01T00:00+23:00 1", "[1]", '["a",1]', f"[{10**18},1]")),
]


def test_a_cursor_that_was_not_given_out_is_missing(admin):
    for name in ("rules", "incidents", "sessions", "journeys", "environments"):
        for cursor in FORGED:
            assert admin.get(f"/api/v1/{name}", cursor=cursor).status_code == 404, (name, cursor)


@pytest.fixture
def find(world, viewer):
    def ask(**params):
        return viewer.get("/api/v1/logs", environment=world.slug, **params)

    return ask


def test_records_are_found_page_by_page_while_more_come_in(world, find, viewer):
    now = clock.now()
    for number in range(5):
        make_record(world.environment, body=f"n{number}", service_name="counted", timestamp=now, sequence=number)
    first = find(limit="2", q="service:counted").json()
    make_record(world.environment, body="late", service_name="counted", timestamp=now + timedelta(seconds=1))
    rest = every(viewer, first["next"])
    assert [row["body"] for row in first["results"] + rest] == ["n4", "n3", "n2", "n1", "n0"]


def test_a_record_holds_its_time_to_the_nanosecond_and_nothing_restricted(world, find):
    moment = clock.now().replace(microsecond=123456)
    record = make_record(world.environment, timestamp=moment, timestamp_ns=789, attributes={"a": {"b": [1, None]}})
    (row,) = find(trace=record.trace_id.hex).json()["results"]
    assert row["timestamp_unix_nano"] == str(clock.to_ns(moment) + 789)
    assert row["timestamp_unix_nano"].endswith("123456789")
    assert (row["reference"], row["trace_id"], row["severity"]) == (record.reference, record.trace_id.hex, "error")
    assert row["attributes"] == {"a": {"b": [1, None]}}
    assert row["has_restricted"] is True
    assert "secret frame" not in str(row)
    assert "restricted value" not in str(row)


WRONG = [
    ({"limit": "0"}, "limit: use a number from 1 to 500"),
    ({"limit": "501"}, "limit"),
    ({"limit": "9" * 5000}, "limit"),
    ({"limit": "-1"}, "limit"),
    ({"q": 'a "b'}, "at character 3"),
    ({"since": "soon"}, "since: not a time"),
    ({"level": "loud"}, "level"),
    ({"status": "6xx"}, "status"),
    ({"range": "2y"}, "range"),
    ({"cursor": "x"}, "cursor"),
]


def test_what_cannot_be_searched_is_a_400_that_names_it(find):
    for params, words in WRONG:
        answer = find(**params)
        assert (answer.status_code, words in str(answer.json())) == (400, True), params


def test_an_environment_must_be_named_and_be_ones_own(viewer):
    assert viewer.get("/api/v1/logs").json() == {"environment": ["Name an environment by its slug."]}
    assert viewer.get("/api/v1/logs", environment="elsewhere").status_code == 404
    assert Caller(make_person()).get("/api/v1/logs", environment="shop-one").status_code == 404


def test_a_search_that_takes_too_long_is_a_422_that_says_what_helps(find, monkeypatch):
    def sleep(*_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(page, "SEARCH_SECONDS", 0.05)
    monkeypatch.setattr(logs, "read_page", sleep)
    answer = find()
    assert answer.status_code == 422
    assert "Choose a shorter time or add a field" in answer.json()["detail"]


def test_one_record_is_found_by_its_reference_in_its_environment_only(world, viewer):
    record = LogRecord.objects.get(environment_id=world.environment.pk)
    address = f"/api/v1/logs/{record.reference}"
    assert viewer.get(address, environment=world.slug).json()["body"] == record.body
    assert viewer.get(address).status_code == 400
    for reference in ("x", "1-1", "9999999999999999-1", f"{record.reference}0"):
        assert viewer.get(f"/api/v1/logs/{reference}", environment=world.slug).status_code == 404
