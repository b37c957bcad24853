"""The errors pages: the list, one error, and what people decide of them."""

from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alerts.incidents.transitions import Opening, open_incident
from alerts.models import AlertRule
from diagnostics.core import clock
from diagnostics.environments import grant_role
from diagnostics.errors.listing import LOOKED_AT
from diagnostics.models import AccessEvent, ErrorGroup, ErrorHour, Event, MinuteRollup
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import begin_world, count_error, make_error, make_record, make_template, make_world

HOSTILE = "<script>alert(1)</script>\u202eevil"


@pytest.fixture
def viewer(environment):
    return client_with(environment, "viewer")


@pytest.fixture
def look(environment, viewer):
    def ask(client=viewer, **params):
        return read(client.get(reverse("errors", args=[environment.slug]), query_params=params))

    return ask


@pytest.fixture
def show(environment, viewer):
    def ask(error, client=viewer, **params):
        address = reverse("error", args=[environment.slug, error.fingerprint])
        return read(client.get(address, query_params=params))

    return ask


def names(page):
    return [element.text for element in page.all("a", class_="row-link")]


def cells(page, label):
    return [element.text.strip() for element in page.all("td", data_label=label)]


def keep(error, **fields):
    values = {"fingerprint": error.fingerprint, "timestamp": error.last_seen, "has_restricted": False}
    return make_record(error.environment, **{**values, **fields})


def test_errors_stand_with_their_counts_and_are_sorted(environment, look):
    now = clock.now()
    make_error(environment, "often", 30, first_seen=now - timedelta(hours=3), last_seen=now - timedelta(minutes=2))
    make_error(environment, "lately", 2, first_seen=now - timedelta(hours=5), last_seen=now)
    make_error(environment, "of old", 9, first_seen=now - timedelta(days=9), last_seen=now - timedelta(days=2))
    page = look()
    assert names(page) == ["lately", "often"]
    assert cells(page, "Records") == ["2", "30"]
    assert names(look(sort="first")) == names(look(sort="count")) == ["often", "lately"]
    assert names(look(sort="count", range="7d")) == ["often", "of old", "lately"]
    assert names(look(range="nonsense", sort="x", state="y")) == ["lately", "often"]


def test_the_list_is_cut_by_state_service_release_and_words(environment, look):
    now = clock.now()
    make_error(environment, "payment * failed", error_type="Declined", service_name="pay", releases=["2.1", "2.0"])
    make_error(environment, "cart is empty", resolved_at=now)
    make_error(environment, "be quiet", ignored_at=now, ignored_until=now + timedelta(hours=1))
    back = make_error(environment, "it is back", noticed_at=now - timedelta(days=9), came_back_at=now)
    page = look()
    assert set(names(page)) == {"Declined", "it is back"}
    tabs = [element.text for element in page.all("a") if element.attributes["href"].startswith("?state=") or
            element.attributes["href"] == "?"]  # fmt: skip
    assert {"Open 2", "Came back 1", "Ignored 1", "Resolved 1", "All 4"} <= set(tabs)
    assert names(look(state="resolved")) == ["cart is empty"]
    assert names(look(state="ignored")) == ["be quiet"]
    assert names(look(state="regression")) == names(look(q=back.fingerprint)) == ["it is back"]
    assert names(look(service="pay")) == names(look(release="2.0")) == names(look(q="PAYMENT failed")) == ["Declined"]
    assert names(look(q="100%_")) == []
    assert "No errors match" in look(q="nothing").text
    assert "3 errors" not in page.text


def test_an_environment_without_errors_says_what_to_do_and_one_without_open_ones_says_so(environment, look):
    assert "No errors yet" in look().text
    make_error(environment, resolved_at=clock.now())
    assert "No open errors" in look().text
    assert "No errors match" in look(state="ignored").text


def test_errors_of_other_environments_are_not_shown(environment, look, show):
    other = make_world("shop-two").error
    assert names(look(state="all")) == []
    assert client_with(environment, "viewer").get(
        reverse("error", args=[environment.slug, other.fingerprint])
    ).status_code == 404  # fmt: skip


@pytest.mark.parametrize("sort", ["last", "first", "count"])
def test_many_errors_are_read_page_by_page_without_gaps(environment, viewer, sort):
    for number in range(120):
        make_error(environment, f"error {number:03d}", number % 7)
    found, following = [], f"?sort={sort}"
    while following:
        page = read(viewer.get(reverse("errors", args=[environment.slug]) + following))
        found += names(page)
        following = next(iter(page.links("More")), "")
    assert len(found) == len(set(found)) == 120


def test_a_cursor_that_was_not_given_out_is_named(look):
    for sort in ("last", "count"):
        assert "not one that was given out" in look(sort=sort, cursor="nonsense").text


def make_many(environment, number):
    """Errors that came each minute of this hour."""
    now = clock.now()
    made = ErrorGroup.objects.bulk_create(
        ErrorGroup(
            environment=environment, fingerprint=f"f{place:015x}", title=f"many {place}", first_seen=now, last_seen=now,
            service_name="shop", releases=["1.0"],
        )
        for place in range(number)
    )  # fmt: skip
    hour = now.replace(minute=0, second=0, microsecond=0)
    ErrorHour.objects.bulk_create(
        ErrorHour(environment=environment, error=error, hour=hour, minutes=[1] * 60, total=60) for error in made
    )
    connection.check_constraints()  # now: pages set a time limit, which would hold for this at the end of the test


def test_ten_thousand_errors_cost_as_many_statements_as_ten(environment):
    few, many = environment, begin_world("shop-many").environment
    person = make_person(few, "viewer")
    grant_role(person, many, "viewer")
    make_many(few, 10)
    make_many(many, 10_000)
    client = sign_in(person)

    def statements(of, sort):
        """Of a second look: the first one notes where the person went last."""
        for _ in range(2):
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse("errors", args=[of.slug]), query_params={"sort": sort}).status_code == 200
        return len(queries)

    for sort in ("last", "count"):
        assert statements(few, sort) == statements(many, sort) < 30


def test_users_are_counted_in_the_newest_records_and_said_to_be_at_least_so_many(environment, look, monkeypatch):
    error = make_error(environment, records=3)
    for user in ("a", "b"):
        keep(error, user_key=user)
    assert cells(look(), "Users") == ["2+"]  # a third record was counted and is not here
    keep(error, user_key="")
    assert cells(look(), "Users") == ["2"]
    monkeypatch.setattr("diagnostics.errors.listing.SECONDS", 0.2)
    monkeypatch.setattr("diagnostics.errors.listing.PEOPLE", "SELECT pg_sleep(9), %s, %s, %s, %s::text[]")
    assert cells(look(), "Users") == ["—"]
    assert LOOKED_AT > 1000


def test_one_error_tells_its_story(environment, viewer, show):
    now = clock.now()
    error = make_error(
        environment, "payment * failed", 3, error_type="Declined", first_seen=now - timedelta(hours=2), first_release="1.0",
        release="1.1", releases=["1.1", "1.0"],
    )  # fmt: skip
    template = make_template(environment, "payment <*> failed")
    records = [
        keep(error, body=f"payment {number} failed", user_key=f"u{number}", browser="Firefox", sequence=number,
             template_id=template.template_id)
        for number in range(3)
    ]  # fmt: skip
    Event.objects.create(
        environment=environment, timestamp=now - timedelta(minutes=30), kind="deploy", service_name="shop", release="1.1",
        title="shop deployed 1.1",
    )  # fmt: skip
    page = show(error, range="1h")
    assert "3 records of shop in 1h, 3 users affected." in page.text
    assert "in 1.0, last" in page.text
    assert "1 of 3" in page.text
    assert "payment 2 failed" in page.text
    assert "shop deployed 1.1" in page.text
    assert "Firefox" in page.text
    assert reverse("pattern", args=[environment.slug, template.reference]) in page.links("payment")
    (older,) = page.links("Older")
    assert f"at={records[1].reference}" in older
    second = read(viewer.get(reverse("error", args=[environment.slug, error.fingerprint]) + older))
    assert "2 of 3" in second.text
    assert "payment 1 failed" in second.text
    assert page.links("Newer") == []
    assert f"at={records[2].reference}" in second.links("Newer")[0]
    (found,) = page.links("All its records")
    assert "payment 2 failed" in read(viewer.get(found)).text


def test_what_needs_another_permission_is_not_there(environment, show, on_call):
    error = make_error(environment)
    record = keep(error, has_restricted=True)
    seen, all_of_it = show(error), show(error, client=on_call)
    session = reverse("session", args=[environment.slug, record.session_id])
    trace = reverse("trace", args=[environment.slug, record.trace_hex])
    reveal = reverse("log-reveal", args=[environment.slug, record.reference])
    for address in (session, trace):
        assert not [link for link in seen.links() if link.startswith(address)]
        assert [link for link in all_of_it.links() if link.startswith(address)]
    assert not seen.all("form", action=reveal)
    assert all_of_it.all("form", action=reveal)
    assert "Resolve" not in seen.text
    assert "secret frame" not in all_of_it.text


def test_a_quiet_or_erased_error_says_so(environment, show):
    error = make_error(environment, last_seen=clock.now() - timedelta(days=3))
    assert "0 records of shop in 1h." in show(error, range="1h").text
    assert "not here any more" in show(error).text
    record = keep(error, body="the last of all")
    assert "the last of all" in show(error, range="1h").text
    assert "the last of all" in show(error, at=record.reference).text
    assert "the last of all" in show(error, at="nonsense").text


def test_a_link_to_an_old_record_chooses_a_time_that_holds_it(environment, show):
    error = make_error(environment, last_seen=clock.now() - timedelta(days=3))
    record = keep(error)
    assert "1 of 1" in show(error, at=record.reference).text
    assert "1 record of shop in 7d" in show(error, at=record.reference).text
    assert "0 records of shop in 1h" in show(error, at=record.reference, range="1h").text


@pytest.mark.parametrize(
    ("began", "shown"),
    [({"minutes": 3}, "1h"), ({"hours": 2}, "6h"), ({"hours": 20}, "24h"), ({"days": 20}, "24h")],
)
def test_the_time_of_a_young_error_is_as_long_as_it_needs(environment, look, show, began, shown):
    error = make_error(environment, first_seen=clock.now() - timedelta(**began), last_seen=clock.now())
    assert f"1 record of shop in {shown}" in show(error).text
    address = reverse("error", args=[environment.slug, error.fingerprint])
    assert address in look().links()  # which leaves the choice to the page
    assert f"{address}?range=7d" in look(range="7d").links()


def test_an_error_that_began_right_after_a_deploy_says_so(environment, show):
    began = clock.now() - timedelta(minutes=3)
    error = make_error(environment, first_seen=began, last_seen=clock.now(), first_release="2.4.1")
    deploy = {"environment": environment, "kind": "deploy"}
    for service, ago, release in (("other", 1, "9.9"), ("shop", 40 * 60, "2.4.0"), ("shop", -5, "2.4.2")):
        Event.objects.create(
            **deploy, timestamp=began - timedelta(seconds=ago), service_name=service, release=release, title=release
        )
    assert "in 2.4.1, last" in show(error).text
    Event.objects.create(
        **deploy, timestamp=began - timedelta(seconds=17), service_name="shop", release="2.4.1", title="deployed"
    )
    assert "17 s after shop 2.4.1 was deployed, last" in show(error).text


def test_the_heading_gives_the_reason_and_no_words_stand_twice(environment, show):
    error = make_error(environment, "order could not be priced", error_type="PriceMissing")
    record = keep(error, error_type="PriceMissing", body="order could not be priced")
    page = show(error)
    assert [title.text for title in page.all("h1")] == ["PriceMissing: order could not be priced"]
    assert not page.all("pre", class_="body-text")
    record.delete()
    older, _ = (
        keep(error, error_type="PriceMissing", body="order could not be priced", sequence=number,
             attributes={"exception.message": f"{HOSTILE} {number} has no net_price"})
        for number in range(2)
    )  # fmt: skip
    page = show(error)
    assert [title.text for title in page.all("h1")] == [
        "PriceMissing: <script>alert(1)</script>[U+202E]evil 1 has no net_price"
    ]
    assert not page.all("p", class_="headline mono")
    assert [text.text for text in page.all("pre", class_="body-text")] == ["order could not be priced"]
    before = show(error, at=older.reference)
    assert "evil 1" in before.all("h1")[0].text
    assert "evil 0 has no net_price" in before.all("p", class_="headline mono")[0].text


def test_a_record_of_another_error_is_not_shown_as_one_of_this(environment, show):
    error, other = make_error(environment), make_error(environment)
    record = keep(other, body="of the other error")
    assert "of the other error" not in show(error, at=record.reference).text


def test_a_search_that_takes_too_long_leaves_the_rest_of_the_page(environment, show, monkeypatch):
    error = make_error(environment)
    keep(error)
    monkeypatch.setattr("diagnostics.errors.occurrences.SECONDS", 0.2)
    slow = "SELECT pg_sleep(9), id FROM diagnostics_log"
    monkeypatch.setattr("diagnostics.errors.occurrences.FOUND", slow)
    page = show(error)
    assert "too many records" in page.text
    assert "1 record of shop" in page.text


def test_hostile_words_are_shown_as_they_are(environment, look, show):
    error = make_error(
        environment, HOSTILE, error_type=HOSTILE, service_name=HOSTILE, release=HOSTILE, first_release=HOSTILE,
        releases=[HOSTILE, "x" * 300],
    )  # fmt: skip
    keep(error, service_name=HOSTILE, release=HOSTILE, browser=HOSTILE, http_route=HOSTILE)
    for page in (look(), show(error)):
        assert "[U+202E]evil" in page.text
        assert "\u202e" not in page.text
        assert not [element for element in page.all("script") if "alert" in element.text]


def test_incidents_that_told_of_it_and_those_that_had_it_are_named(environment, show, on_call):
    error = make_error(environment)
    rule = AlertRule.objects.get(environment=environment, slug="new-error")
    series = f"shop {error.fingerprint}"
    told = open_incident(Opening(rule, series, "shop", "", "New error: shop", "It is new.", 1, clock.now()))
    other = open_incident(Opening(rule, "pay f0", "pay", "", "New error: pay", "Another.", 1, clock.now()))
    other.context["fingerprints"] = [error.fingerprint]
    other.save()
    page = show(error)
    assert reverse("incident", args=[environment.slug, told.pk]) in page.links("New error: shop")
    assert "told of it" in page.text
    assert "had it among its records" in page.text
    incident = read(on_call.get(reverse("incident", args=[environment.slug, other.pk])))
    assert reverse("error", args=[environment.slug, error.fingerprint]) in incident.links(str(error))


def test_who_may_see_no_incidents_sees_none_here(environment, show):
    error = make_error(environment)
    page = show(error, client=client_with(environment, "privacy-officer"))
    assert "Incidents" not in page.text


def act(client, environment, error, **fields):
    return client.post(reverse("error-act", args=[environment.slug, error.fingerprint]), fields)


def test_an_error_is_resolved_opened_again_and_ignored_on_its_page(environment, show):
    person = make_person(environment, "on-call")
    client, error = sign_in(person), make_error(environment)
    answer = act(client, environment, error, resolve="now", range="7d")
    assert answer["Location"].endswith(f"/errors/{error.fingerprint}/?range=7d")
    page = show(error, client=client)
    assert f"by {person.username}. It comes back when it is seen again." in " ".join(page.text.split())
    act(client, environment, error, reopen="1")
    act(client, environment, error, resolve="release")
    assert "in a release other than 1.0" in show(error, client=client).text
    act(client, environment, error, ignore="24")
    page = show(error, client=client)
    assert "nobody is told of it" in page.text
    assert page.all("button", name="reopen")
    error.refresh_from_db()
    assert timedelta(hours=23) < error.ignored_until - clock.now() <= timedelta(hours=24)
    act(client, environment, error, ignore="release")
    assert "until it comes in another release" in show(error, client=client).text
    assert AccessEvent.objects.filter(action__startswith="error.").count() == 5
    for nonsense in ({"ignore": "100000"}, {"ignore": "x"}, {}):
        act(client, environment, error, **nonsense)
    assert AccessEvent.objects.filter(action__startswith="error.").count() == 5


def test_several_errors_are_decided_of_in_the_list(environment, on_call):
    first, second, third = (make_error(environment, f"error {number}") for number in range(3))
    address = reverse("errors-act", args=[environment.slug])
    fields = {"error": [first.fingerprint, second.fingerprint, "unknown"], "resolve": "now"}
    answer = on_call.post(address, {**fields, "here": "state=new&sort=count&next=//evil"}, follow=True)
    assert "2 errors were resolved." in read(answer).text
    where = urlsplit(answer.redirect_chain[-1][0])
    assert (where.path, parse_qs(where.query)) == (
        reverse("errors", args=[environment.slug]),
        {"state": ["new"], "sort": ["count"]},
    )
    assert set(ErrorGroup.objects.filter(resolved_at=None)) == {third}
    assert "Tick the errors first" in read(on_call.post(address, {"resolve": "now"}, follow=True)).text
    many = {"error": [str(number) for number in range(101)], "reopen": "1"}
    assert "at most 100" in read(on_call.post(address, many, follow=True)).text


def test_a_record_and_the_overview_lead_to_its_error(environment, viewer):
    error = make_error(environment, error_type="Declined")
    record = keep(error)
    page = reverse("error", args=[environment.slug, error.fingerprint])
    detail = read(viewer.get(reverse("log-detail", args=[environment.slug, record.reference])))
    assert f"{page}?at={record.reference}" in detail.links("Error")


def test_the_overview_names_what_is_new(environment, viewer):
    make_error(environment, error_type="Declined")
    make_error(environment, error_type="Quiet", ignored_at=clock.now(), awaits_release=True)
    make_error(environment, error_type="Usual", noticed_at=clock.now() - timedelta(hours=3))
    make_record(environment)
    MinuteRollup.objects.create(
        environment=environment, minute=clock.floor_minute(clock.now()), source="log", records=1, updated_at=clock.now()
    )
    page = read(viewer.get(reverse("overview", args=[environment.slug])))
    assert page.links("Declined")
    assert not page.links("Quiet")
    assert not page.links("Usual")


def test_counts_of_a_short_time_are_to_the_minute(environment, look):
    now = clock.now()
    error = make_error(environment, "of two hours", 0, last_seen=now)
    count_error(error, now, 1)
    for hours in (1, 2):
        count_error(error, now - timedelta(hours=hours, minutes=5), 10)
    assert cells(look(range="1h"), "Records") == ["1"]
    assert cells(look(range="1h", sort="count"), "Records") == ["1"]
    assert cells(look(range="6h"), "Records") == ["21"]


def test_of_a_time_that_is_over_only_what_came_in_it_is_shown(environment, look, show):
    day = clock.now().replace(hour=2, minute=0, second=0, microsecond=0) - timedelta(days=1)
    night = {"since": f"{day:%Y-%m-%d}T02:05:00Z", "until": f"{day:%Y-%m-%d}T02:20:00Z"}
    lasting = make_error(environment, "lasting", 0, first_seen=day - timedelta(days=1), last_seen=clock.now())
    count_error(lasting, day + timedelta(minutes=10), 7)
    ErrorHour.objects.update(minutes=[5] * 10 + [7] + [5] * 49)
    count_error(lasting, clock.now(), 3)
    keep(lasting, timestamp=day + timedelta(minutes=10), user_key="a" * 32)
    keep(lasting, timestamp=clock.now(), user_key="b" * 32)
    make_error(environment, "later", 4, first_seen=day, last_seen=day + timedelta(minutes=40))
    make_error(environment, "earlier", 4, first_seen=day, last_seen=day + timedelta(minutes=2))
    for sort in ("last", "first", "count"):
        page = look(sort=sort, **night)
        assert (names(page), cells(page, "Records"), cells(page, "Users")) == (["lasting"], [str(5 * 14 + 7)], ["1+"])
    (link,) = [link for link in page.links() if lasting.fingerprint in link]
    assert "since=" in link
    page = show(lasting, **night)
    assert "77 records of shop in this time, at least 1 user affected." in " ".join(page.text.split())
    assert page.all("input", name="since", value=f"{day:%Y-%m-%d}T02:05:00")
    assert "until: choose a time after since" in show(lasting, since=night["until"], until=night["since"]).text
    assert names(look(since=night["until"], until=night["since"], state="all")) != []


def test_an_act_leads_back_to_the_time_that_was_shown(environment):
    client, error = sign_in(make_person(environment, "on-call")), make_error(environment)
    night = {"since": "2026-03-04T02:00:00Z", "until": "2026-03-04T03:00:00Z"}
    query = urlencode(night)
    assert act(client, environment, error, resolve="now", **night)["Location"].endswith(f"/?{query}")
    assert act(client, environment, error, reopen="1", since="nonsense")["Location"].endswith("/?range=24h")
    page = reverse("errors-act", args=[environment.slug])
    answer = client.post(page, {"error": error.fingerprint, "reopen": "1", "here": f"{query}&q=x&sort=count"})
    assert dict(parse_qsl(urlsplit(answer["Location"]).query)) == {**night, "q": "x", "sort": "count"}
