"""The releases pages: the list, one release, and the ways that lead to it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from alerts.incidents.transitions import Opening, open_incident
from alerts.models import Incident
from diagnostics.core import clock
from diagnostics.models import Event
from diagnostics.releases import listing
from diagnostics.search.page import SearchTooSlowError
from tests.people import client_with
from tests.releases.telling import deploy, tell
from tests.views.reading import read
from tests.world import begin_world, make_error, make_record, make_session

HOUR = timedelta(hours=1)
NAMES = [
    "a/b/c", "a//b/", 'it\'s "quoted"', "release-äöü-漢字-🙂", "50% & more?x=1#y", "a b", "<b>", "../..", "x" * 200,
    "\u202etxt.exe",
]  # fmt: skip


@pytest.fixture
def look(environment, viewer):
    def ask(client=viewer, **params):
        return read(client.get(reverse("releases", args=[environment.slug]), query_params=params))

    return ask


@pytest.fixture
def show(environment, viewer):
    def ask(release="2.4.1", service="checkout", client=viewer, **params):
        address = reverse("release", args=[environment.slug])
        return read(client.get(address, query_params={"service": service, "release": release, **params}))

    return ask


def rows(page):
    return [element.text for element in page.all("a", class_="row-link mono")]


def cells(page, label):
    return [" ".join(element.text.split()) for element in page.all("td", data_label=label)]


def test_the_list_says_which_release_did_it(environment, look):
    deploy(environment)
    make_error(environment, service_name="checkout", first_release="2.4.1")
    page = look()
    assert rows(page) == ["2.4.1", "2.4.0"]
    assert cells(page, "Verdict") == [
        "▲Worse than 2.4.0failed requests 0.2% → 3.1%", "nothing before it",
    ]  # fmt: skip
    assert cells(page, "Failed requests") == ["3.1%of 1,000", "0.2%of 1,000"]
    assert cells(page, "Now") == ["○quiet", "○quiet"]
    assert cells(page, "New errors") == ["1", "0"]
    leads = parse_qs(urlsplit(page.links("1")[-1]).query)
    assert (leads["first_release"], leads["service"], leads["state"]) == (["2.4.1"], ["checkout"], ["all"])


def test_sessions_stand_there_for_who_may_see_them(environment, look):
    deploy(environment)
    make_session(environment, session_id="s", release="2.4.1", services=["checkout"], crashed=True)
    assert "Crash-free" not in look().text
    page = look(client_with(environment, "support"))
    assert cells(page, "Crash-free sessions") == ["0%of 1", "—"]


def test_an_environment_without_releases_says_how_to_name_one(environment, look):
    assert "service.version" in look().text
    deploy(environment)
    assert "No releases match" in look(service="nobody").text
    assert "No releases in this time" in look(range="15m").text


def test_a_list_that_takes_too_long_says_so(environment, look, monkeypatch):
    def stop(*_, **__):
        raise SearchTooSlowError("The search was stopped.")

    deploy(environment)
    monkeypatch.setattr(listing, "find_arrivals", stop)
    assert "The search was stopped" in look().text


def test_one_release_begins_with_the_whole_of_it_in_a_sentence(environment, show):
    tell(environment, "2.4.0", 8 * HOUR, requests=1000, failures=2)
    tell(environment, "2.4.1", 3 * HOUR, requests=900, failures=31)
    tell(environment, "2.4.1", timedelta(minutes=2), requests=100)
    make_error(environment, "price is missing", service_name="checkout", first_release="2.4.1")
    page = show()
    said = " ".join(page.all("div", class_="sentence is-bad")[0].text.split())
    assert said == (
        "2.4.1 came to checkout 3 h ago and carries 100% of its traffic. "
        "Failed requests went from 0.2% to 3.1%, against 2.4.0. 1 new error."
    )
    assert "price is missing" in page.text
    assert [chart.attributes["aria-label"].split(",")[0] for chart in page.all("svg", role="img")] == [
        "Failed requests", "p95", "Requests a minute", "Errors a minute",
    ]  # fmt: skip


def test_the_pages_say_against_which_and_why_where_it_is_not_the_one_before(environment, look, show):
    tell(environment, "2.4.0", 9 * HOUR, requests=1000, failures=7)
    tell(environment, "2.4.1", HOUR + timedelta(minutes=2), requests=1000, failures=702)
    tell(environment, "2.4.2", HOUR, requests=1000, failures=97)
    make_error(environment, service_name="checkout", first_release="2.4.2", is_fatal=True)
    why = "as 2.4.1, the one before it, stayed for less than an hour"
    page = show("2.4.2")
    said = " ".join(page.all("div", class_="sentence is-bad")[0].text.split())
    assert f"Failed requests went from 0.7% to 9.7%; 1 new error is fatal, against 2.4.0, {why}." in said
    assert "Compared with2.4.0" in "".join(page.text.split("\n"))
    assert cells(look(), "Verdict")[0] == f"▲Worse than 2.4.0, {why}failed requests 0.7% → 9.7%1 new error is fatal"


def test_the_list_says_of_which_time_each_figure_is(environment, look):
    deploy(environment)
    heads = ["".join(element.text.split("\n")) for element in look().all("th")]
    assert heads == [
        "Release", "Came", "Nowlast 10 minutes", "Verdictits first day", "Failed requests7d", "p957d",
        "Errors per 1,000 records7d", "New errorsever",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ((1000, 40), (1000, 2), "Failed requests went from 4% to 0.2%"),
        ((1000, 2), (1000, 2), "does about as well as"),
        ((10, 2), (10, 2), "too little to tell"),
    ],
)
def test_the_sentence_does_not_say_more_than_is_known(environment, show, old, new, said):
    deploy(environment, old=old, new=new)
    assert said in show().text


def test_a_first_release_has_nothing_to_be_compared_with(environment, show):
    deploy(environment)
    page = show("2.4.0")
    assert "is the first release that checkout was seen with" in page.text
    assert "against" not in page.all("div", class_="sentence is-open")[0].text


def test_a_release_that_only_a_deploy_tells_of_has_a_page(environment, show):
    deploy(environment)
    Event.objects.create(
        environment=environment, timestamp=clock.now(), kind="deploy", service_name="checkout", release="3", title="t",
        is_sent=True,
    )  # fmt: skip
    assert "nothing was heard of it yet" in show("3").text


def test_charts_may_be_of_another_time_and_a_bad_one_is_named(environment, show):
    deploy(environment)
    assert "Around its deploy" not in show().text
    assert "Around its deploy" in show(range="7d").text
    assert "until: choose a time after since" in show(since="2026-01-02", until="2026-01-01").text
    assert show(since="1970-01-01", until="2099-01-01").text


@pytest.mark.parametrize("name", NAMES)
def test_a_release_of_any_name_is_listed_and_opened(environment, viewer, look, name):
    tell(environment, name, 2 * HOUR, name[:100], requests=5)
    link = look().all("a", class_="row-link mono")[0].attributes["href"]
    assert parse_qs(urlsplit(link).query) == {"service": [name[:100]], "release": [name]}
    page = read(viewer.get(link))
    assert "is the first release" in page.text
    for href in page.links():
        if href.startswith("/e/"):
            assert viewer.get(href).status_code in (200, 302, 404)


def test_a_service_without_a_name_has_releases_too(environment, look, viewer):
    tell(environment, "1", 2 * HOUR, "", requests=5)
    page = look()
    assert "(no service)" in page.text
    assert viewer.get(page.all("a", class_="row-link mono")[0].attributes["href"]).status_code == 200


def test_what_is_not_known_and_what_is_anothers_is_missing(environment, viewer):
    deploy(environment)
    other = begin_world("shop-two").environment
    deploy(other, service="theirs")
    address = reverse("release", args=[environment.slug])
    for params in ({"service": "checkout", "release": "9"}, {"service": "theirs", "release": "2.4.1"}):
        assert viewer.get(address, query_params=params).status_code == 404
    stranger = client_with(other, "on-call")
    for params in ({"service": "checkout", "release": "2.4.1"}, {"service": "checkout", "release": "9"}, {}):
        assert stranger.get(address, query_params=params).status_code == 404
    assert viewer.get(address)["Location"] == reverse("releases", args=[environment.slug])


def open_one(rule, service, **fields):
    title = f"Trouble: {service}"
    incident = open_incident(Opening(rule, service, service, "", title, "15 errors.", 15, clock.now()))
    Incident.objects.filter(pk=incident.pk).update(**fields)


def test_incidents_that_name_it_stand_there_for_who_may_see_them(world, environment, show):
    deploy(environment)
    deployed = {"deploy": {"title": "t", "service": "checkout", "release": "2.4.1"}}
    open_one(world.rule, "checkout", release="2.4.1")
    open_one(world.rule, "front", context=deployed)
    open_one(world.rule, "pay", release="2.4.1")
    open_one(world.rule, "cart", release="2.4.1", opened_at=clock.now() - timedelta(days=9))
    page = show()
    assert "Trouble: checkout" in page.text
    assert "Trouble: front elsewhere: it is what changed before" in " ".join(page.text.split())
    assert "Trouble: pay" not in page.text
    assert "Trouble: cart" not in page.text
    officer = show(client=client_with(environment, "privacy-officer"))
    assert "Trouble" not in officer.text


def test_sessions_in_it_stand_there_for_who_may_see_them(environment, show):
    deploy(environment)
    make_session(environment, session_id="bad-one", release="2.4.1", services=["checkout"], errors=2, crashed=True)
    make_session(environment, session_id="fine", release="2.4.1", services=["checkout"], errors=0)
    page = show(client=client_with(environment, "support"))
    assert "2 since it came, 1 with trouble; 50% met no crash in it." in page.text
    assert "bad-one" in page.text
    assert "fine" not in [element.text for element in page.all("a")]
    assert "bad-one" not in show().text


def test_deploys_lead_to_it_wherever_they_stand(world, environment, viewer):
    deploy(environment)
    address = f"{reverse('release', args=[environment.slug])}?service=checkout&release=2.4.1"
    overview = read(viewer.get(reverse("overview", args=[environment.slug]), query_params={"range": "6h"}))
    assert address in overview.links("checkout deployed 2.4.1")
    error = make_error(environment, service_name="checkout", first_release="2.4.1", release="2.4.1")
    page = read(viewer.get(reverse("error", args=[environment.slug, error.fingerprint])))
    assert page.links("2.4.1").count(address) == 2
    context = {"deploy": {"title": "checkout deployed 2.4.1", "timestamp": "2026-01-01T00:00", "release": "2.4.1"}}
    for number, deployed in enumerate((context["deploy"], {**context["deploy"], "service": "checkout"})):
        open_one(world.rule, "checkout" if number == 0 else "front", context={"deploy": deployed})
    for incident in Incident.objects.filter(environment=environment):
        page = read(viewer.get(reverse("incident", args=[environment.slug, incident.pk])))
        assert address in page.links("checkout deployed 2.4.1")
    make_session(environment, session_id="of-it", release="2.4.1")
    support = client_with(environment, "support")
    session = read(support.get(reverse("session", args=[environment.slug, "of-it"])))
    assert f"{reverse('releases', args=[environment.slug])}?release=2.4.1&range=30d" in session.links("2.4.1")
    began = clock.now() - 4 * HOUR
    make_session(environment, session_id="meanwhile", services=["checkout"], started_at=began)
    for moment in (began, clock.now()):
        make_record(environment, session_id="meanwhile", timestamp=moment, service_name="checkout")
    session = read(support.get(reverse("session", args=[environment.slug, "meanwhile"])))
    assert address in session.links("checkout deployed 2.4.1")


def test_errors_are_cut_to_those_that_a_release_brought(environment, viewer):
    make_error(environment, "brought", first_release="2", releases=["2"])
    make_error(environment, "older", first_release="1", releases=["2", "1"])
    page = read(viewer.get(reverse("errors", args=[environment.slug]), query_params={"first_release": "2"}))
    assert [element.text for element in page.all("a", class_="row-link")] == ["brought"]
    assert "first seen in 2" in page.text
