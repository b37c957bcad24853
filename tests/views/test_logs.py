"""The search page, and what the live page asks of it."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.core.severity import BANDS
from diagnostics.models import LogRecord, MinuteRollup
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy.pseudonyms import present_key
from diagnostics.search import page as search_page
from diagnostics.search.page import search_limits
from diagnostics.views import log_facets, logs
from tests.people import ask_page, client_with
from tests.views.reading import read
from tests.world import make_record, make_world


@pytest.fixture
def search(environment):
    client = client_with(environment, "viewer")

    def ask(**params):
        return read(ask_page(client, reverse("logs", args=[environment.slug]), **params))

    return ask


def params_of(address):
    return dict(parse_qsl(address.partition("?")[2]))


def shown(page):
    """Texts of the records on a page."""
    return [element.text for element in page.all("span", class_="text")]


def some_records(environment, *bodies, **fields):
    now = clock.now()
    return [
        make_record(
            environment, body=body, timestamp=now - timedelta(seconds=number), has_restricted=False, **fields
        )
        for number, body in enumerate(bodies)
    ]  # fmt: skip


def test_records_stand_newest_first_and_are_found_by_words_fields_and_user(world, search):
    some_records(world.environment, "red apple", "green apple", service_name="fruit", session_id="s-9")
    key = user_key(present_key(world.environment), "jane@example.com")
    some_records(world.environment, "blue plum", user_key=key)
    assert shown(search(q="apple")) == ["red apple", "green apple"]
    assert shown(search(q="APPLE -red service:fruit")) == ["green apple"]
    assert shown(search(q="user:jane@example.com")) == ["blue plum"]
    assert shown(search(user=key)) == ["blue plum"]
    assert shown(search(session="s-9", q="red")) == ["red apple"]
    assert "No records match" in search(q="pear").text


def test_records_of_other_environments_are_never_found(world, search):
    other = make_world("shop-two")
    assert other.record.body not in search(range="30d").text
    assert shown(search(trace=other.record.trace_id.hex)) == []


def test_following_older_shows_each_record_once(world, search, monkeypatch):
    some_records(world.environment, *map(str, range(7)), service_name="counted")
    monkeypatch.setattr(search_page.read_page, "__defaults__", ("", 3))
    seen, params = [], {"q": "service:counted"}
    for _ in range(3):
        page = search(**params)
        seen += shown(page)
        older = page.links("Older records")
        if older:
            params = dict(part.split("=", 1) for part in older[0][1:].replace("%3A", ":").split("&"))
    assert seen == list("0123456")
    assert older == []


def roll(environment, service, **counts):
    MinuteRollup.objects.create(
        environment=environment, minute=clock.floor_minute(clock.now()), source="log", service_name=service, **counts
    )


def levels_of(page):
    """What stands beside each level."""
    texts = [element.text for element in page.all("a")]
    return {band: text.removeprefix(band) for band in BANDS for text in texts if text.startswith(band)}


def test_facets_count_and_choosing_one_twice_takes_it_away(world, search, monkeypatch):
    monkeypatch.setattr(log_facets, "FEW", -1)  # so many that sums must do
    roll(world.environment, "web", records=1240, errors=3, warnings=2, fatals=1)
    roll(world.environment, "db & co", records=2)
    page = search(range="6h")
    assert "?range=6h&service=db+%26+co" in page.links("db & co")
    assert levels_of(page) == {"fatal": "1", "error": "3", "warn": "5", "info": "", "debug": "", "trace": "1,242"}
    chosen = search(range="6h", service="db & co")
    assert chosen.all("a", aria_current="true")[0].attributes["href"] == "?range=6h"
    assert "?range=6h&service=web" in chosen.links("web")  # the others stay to be chosen
    assert levels_of(chosen) == {"fatal": "0", "error": "0", "warn": "0", "info": "", "debug": "", "trace": "2"}
    assert "too long" not in chosen.text


def test_choosing_a_facet_replaces_what_the_line_asks_of_it(world, search):
    roll(world.environment, "web", records=2, errors=1)
    roll(world.environment, "db", records=2)
    page = search(q="level:error service:web paid", range="6h")
    chosen = {link.text.rstrip("0123456789"): params_of(link.attributes["href"]) for link in page.all("a")}
    assert chosen["db"] == {"q": "level:error paid", "service": "db", "range": "6h"}
    assert chosen["fatal"] == {"q": "service:web paid", "level": "fatal", "range": "6h"}
    assert params_of(page.links("web")[0]) == {
        "q": "level:error paid",
        "range": "6h",
    }  # chosen: once more takes it away
    assert chosen["5xx"]["q"] == "level:error service:web paid"


def test_services_beside_the_chosen_one_are_counted_at_its_level(world, search, monkeypatch):
    monkeypatch.setattr(log_facets, "FEW", -1)
    roll(world.environment, "web", records=100, errors=7)
    roll(world.environment, "db", records=5000, errors=3, warnings=2)
    for params in ({"q": "level:error service:web"}, {"level": "error", "service": "web"}):
        page = search(range="6h", **params)
        assert {"web7", "db3"} <= {link.text for link in page.all("a")}
    assert "db5" in {link.text for link in search(range="6h", level="warn", service="web").all("a")}


def bars_of(page):
    """How each bar of the histogram is said, where there is anything in it."""
    said = [element.text for element in page.all("title") if "errors" in element.text or "fatal" in element.text]
    return [text.split(" · ", 1)[1] for text in said if any(part.split()[-1] != "0" for part in text.split(" · ")[1:])]


def test_bars_and_numbers_are_of_what_the_search_finds(world, search, monkeypatch):
    monkeypatch.setattr(log_facets, "FEW", -1)
    LogRecord.objects.all().delete()
    roll(world.environment, "web", records=292)
    then = clock.floor_minute(clock.now()) - timedelta(minutes=5)
    for level, status in ((9, 200), (13, None), (17, 503), (21, 500)):
        make_record(world.environment, body="hello", timestamp=then, severity_number=level, http_status=status,
                    service_name="web", has_restricted=False, attributes={"order": 42})  # fmt: skip
    make_record(world.environment, body="other", timestamp=then, service_name="web", has_restricted=False)
    for line in ("hello", "@order:42"):
        page = search(q=line)
        assert bars_of(page) == ["errors 2 · warnings 1 · other 1"]
        assert levels_of(page) == {"fatal": "1", "error": "2", "warn": "3", "info": "4", "debug": "4", "trace": "4"}
        assert [link.text for link in page.all("a") if "status=" in link.attributes["href"]] == ["5xx2", "4xx0", "2xx1"]
        assert "web4" in [link.text for link in page.all("a")]
    page = search(q="hello", level="warn")
    assert bars_of(page) == ["errors 2 · warnings 1"]
    assert levels_of(page)["trace"] == "4"  # what choosing it would find
    assert bars_of(search(q="hello", level="fatal")) == ["fatal 1"]
    assert bars_of(search(q="nothing says this")) == []


def test_a_level_leaves_out_what_is_below_it_in_sums_as_well(world, search, monkeypatch):
    monkeypatch.setattr(log_facets, "FEW", -1)
    roll(world.environment, "web", records=100, warnings=5, errors=2, fatals=1)
    assert bars_of(search(level="warn", service="web")) == ["errors 2 · warnings 5"]
    assert bars_of(search(level="error")) == ["errors 2"]
    assert bars_of(search(level="trace")) == ["errors 2 · warnings 5 · other 93"]


def test_what_takes_too_long_to_count_is_drawn_from_sums_and_says_so(world, search, monkeypatch):
    def sleep(*_):
        with search_limits(0.05), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    roll(world.environment, "web", records=292)
    monkeypatch.setattr(log_facets, "count_records", sleep)
    page = search(q="hello", service="web")
    assert "Counting what matches took too long: bars and numbers are of all records of web." in page.text
    assert bars_of(page) == ["errors 0 · warnings 0 · other 292"]


def ways(page, words):
    """Where the links beside attributes lead."""
    return [link.attributes["href"] for link in page.all("a", title=f"{words} records with this")]


def test_an_attribute_is_found_and_each_leads_to_a_search_that_keeps_the_time(world, on_call):
    (record, _) = some_records(
        world.environment, "paid", "lost", session_id="", attributes={"order": 42, "cart": {"x": 1}}
    )
    address, page = reverse("logs", args=[world.slug]), reverse("log-detail", args=[world.slug, record.reference])
    current = f"http://testserver{address}?q=pai&range=6h&service=shop&cursor=x&record=y"
    found = read(on_call.get(page, headers={"HX-Request": "true", "HX-Current-URL": current}))
    only, without = ways(found, "Only"), ways(found, "Leave out")
    assert only == [f"{address}?q=pai+%40order%3A42&service=shop&range=6h"]
    assert without == [f"{address}?q=pai+-%40order%3A42&service=shop&range=6h"]
    for headers in ({}, {"HX-Current-URL": "http://testserver/e/other/logs/?q=theirs"}):
        (alone,) = ways(read(on_call.get(page, headers=headers)), "Only")
        assert "since=" in alone
        assert "until=" in alone
        assert "theirs" not in alone
        assert shown(read(on_call.get(alone)))[:2] == ["paid", "lost"]


@pytest.mark.parametrize(
    "line",
    [
        "jane@example.com",
        "paid -jane@example.com",
        "@buyer:jane@example.com paid",
        "jane@example.com OR paid",
        "paid OR jane@example.com",
    ],
)
def test_an_address_is_offered_as_a_person_and_stays_nowhere(world, on_call, line):
    key = user_key(present_key(world.environment), "jane@example.com")
    some_records(world.environment, "paid", user_key=key)
    logs_page = reverse("logs", args=[world.slug])
    for answer in (
        on_call.post(logs_page, {"q": line, "range": "6h"}),
        on_call.get(logs_page, {"q": line, "range": "6h"}),
    ):
        assert answer.status_code == 302
        assert "jane" not in answer["Location"]
        assert f"person={key}" in answer["Location"]
    page = read(on_call.get(logs_page + answer["Location"]))
    assert "Addresses are not stored" in page.text
    assert "jane" not in page.html
    assert "No records match" not in page.text or shown(page) == []
    answer = on_call.post(logs_page, {"person": key, "meant": "1", "range": "6h", "q": "paid"})
    assert f"user={key}" in answer["Location"]
    assert shown(read(on_call.get(logs_page + answer["Location"]))) == ["paid"]
    live = on_call.get(reverse("live", args=[world.slug]), {"q": line})
    assert live["Location"].startswith(logs_page)
    assert "jane" not in live["Location"]


def test_a_user_that_is_an_address_is_searched_as_before(world, search):
    assert "Addresses are not stored" not in search(q="user:jane@example.com").text


def test_the_record_that_the_address_names_stands_open_beside_the_list(world, search):
    (record, _) = some_records(world.environment, "first", "second", attributes={"order": 7})
    page = search(record=record.reference, range="6h")
    assert page.all("a", data_close=None)
    assert "Before and after" in page.text
    assert any("order%3A7" in link and "range=6h" in link and "record=" not in link for link in ways(page, "Only"))
    assert "Before and after" not in search(record="gone").text


def test_chips_take_one_filter_away_and_keep_the_others(search):
    page = search(service="web", level="error", range="6h", cursor="")
    assert page.links("service: web") == ["?level=error&range=6h"]
    assert page.links("level: error") == ["?service=web&range=6h"]


def test_the_time_that_was_chosen_stands_in_words_and_is_taken_away_as_a_whole(search):
    today = clock.now().replace(hour=0, minute=8, second=27)
    then = "2030-01-02T22:08:27.424598+00:00"
    until = "2030-01-02T22:20:00+00:00"
    for params, words in (
        ({"since": then}, "from 2 Jan 22:08✕"),
        ({"since": then, "until": until}, "2 Jan 22:08 to 2 Jan 22:20✕"),
        ({"until": until}, "until 2 Jan 22:20✕"),
        ({"since": today.isoformat()}, "from 00:08✕"),
    ):
        page = search(**params, q="x")
        (chip,) = page.all("a", title="Back to the last hour")
        assert (chip.text, chip.attributes["href"]) == (words, "?q=x&range=1h")
    (time,) = page.all("time", data_style="minute", datetime=today.isoformat())
    assert time.attributes["title"] == f"{today:%Y-%m-%d} 00:08:27 UTC"
    assert not search(range="6h").all("a", title="Back to the last hour")


def test_bars_of_the_histogram_lead_to_their_own_time(world, search):
    roll(world.environment, "web", records=4)
    bars = [element for element in search(q="x").all("a") if "since=" in element.attributes["href"]]
    assert 55 <= len(bars) <= 92
    assert all("q=x&since=" in bar.attributes["href"] and "&until=" in bar.attributes["href"] for bar in bars)


WRONG = [
    ({"q": 'a "open'}, "a quotation mark is not closed (at character 3)"),
    ({"q": "colour:red"}, "there is no field 'colour'"),
    ({"level": "loud"}, "level: 'loud' is no level"),
    ({"since": "soon"}, "since: not a time"),
    ({"until": "0001-01-01"}, "until: use a time from 1970"),
    ({"range": "2y"}, "range: '2y' is not known"),
    ({"cursor": "mine"}, "cursor: not one that was given out"),
]


def test_what_cannot_be_searched_is_said_beside_the_line_as_typed(search):
    for params, words in WRONG:
        page = search(**params)
        (notice,) = page.all("p", role="alert")
        assert words in notice.text
        line = page.all("input", aria_label="Query")[0].attributes
        assert line["value"] == params.get("q", "")
        assert line["aria-invalid"] == "true"
        assert "No records match" not in page.text


def test_a_search_that_takes_too_long_says_what_helps(search, monkeypatch):
    def sleep(*_):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(search_page, "SEARCH_SECONDS", 0.05)
    monkeypatch.setattr(logs, "read_page", sleep)
    (notice,) = search(q="slow").all("p", role="alert")
    assert "Choose a shorter time or add a field" in notice.text


def test_all_of_time_can_be_asked_for(search):
    page = search(since="1970-01-01", until="2099-12-31")
    assert not page.all("p", role="alert")
    assert len(page.links()) < 200


def test_what_the_live_page_missed_is_given_oldest_first_without_private_fields(world, on_call):
    since = clock.now().isoformat()
    LogRecord.objects.all().delete()
    some_records(world.environment, "second", "first")
    answer = on_call.post(reverse("live-refill", args=[world.slug])).json()
    assert [record["body"] for record in answer["records"]] == ["first", "second"]
    assert answer["is_cut"] is False
    assert not {"attributes", "client_network", "restricted"} & set(answer["records"][0])
    only = on_call.post(reverse("live-refill", args=[world.slug]), {"q": "first"}).json()
    assert [record["body"] for record in only["records"]] == ["first"]
    assert (
        on_call.post(reverse("live-refill", args=[world.slug]), {"since": since, "until": since}).json()["records"]
        == []
    )
    wrong = on_call.post(reverse("live-refill", args=[world.slug]), {"q": "level:loud"})
    assert (wrong.status_code, "no level" in wrong.json()["error"]) == (400, True)


def test_the_chart_and_the_choices_read_no_response_times_and_have_their_time_limit(search):
    with CaptureQueriesContext(connection) as queries:
        search(service="shop")
    said = [query["sql"] for query in queries]
    sums = [place for place, sql in enumerate(said) if "diagnostics_minute_rollup" in sql]
    assert len(sums) == 2
    assert all("statement_timeout" in " ".join(said[place - 3 : place]) for place in sums)
    assert not any("latency" in sql for sql in said)


def test_the_line_offers_names_and_services_here_and_on_the_live_page(world, on_call):
    MinuteRollup.objects.create(
        environment=world.environment,
        minute=clock.floor_minute(clock.now()),
        source="log",
        service_name="mailer",
        records=1,
    )
    for name in ("logs", "live"):
        page = read(on_call.get(reverse(name, args=[world.slug])))
        offered = {option.attributes.get("value") for option in page.all("option")}
        assert {"service:", "level:error", "service:mailer"} <= offered
