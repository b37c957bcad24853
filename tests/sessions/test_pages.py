"""The pages and the list of sessions: found by any id, of this environment only."""

import re
from datetime import timedelta
from urllib.parse import unquote, urljoin

import pytest
from django.urls import resolve, reverse

from diagnostics.core import clock
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy.pseudonyms import present_key
from tests.people import ask_page, client_with
from tests.views.reading import read
from tests.world import make_journey, make_record, make_session, make_span, make_world

IDS = [
    "a/b/c",
    "a//b/",
    "/a",
    'it\'s "quoted"',
    "sitzung-äöü-漢字-🙂",
    "50% & more?x=1#y",
    "a b",
    "<b>",
    "x" * 200,
    "..",
    "../../../admin/",
    "a/./b",
    "a/..",
    "~../b",
    "~",
    "...",
]


@pytest.fixture
def world(db):
    return make_world("shop-one")


@pytest.fixture
def support(world):
    return client_with(world.environment, "support")


def look(client, world, **params):
    return read(ask_page(client, reverse("sessions", args=[world.slug]), **params))


def test_a_session_of_any_id_is_listed_found_and_opened(world, support):
    for session_id in IDS:
        make_session(world.environment, session_id=session_id)
        record = make_record(world.environment, session_id=session_id, body="what it did", has_restricted=False)
        address = reverse("session", args=[world.slug, session_id])
        found = look(support, world, session=session_id)
        assert address in found.links()
        assert len(found.all("tr")) == 2
        page = read(support.get(address))
        assert "what it did" in page.text
        assert page.all("div", id=f"r{record.reference}")
        detail = read(support.get(reverse("log-detail", args=[world.slug, record.reference])))
        assert f"{address}?at={record.reference}#r{record.reference}" in detail.links("Session")


def test_another_environments_session_of_the_same_id_is_neither_listed_nor_opened(world, support):
    other = make_world("shop-two")
    make_session(other.environment, session_id="only-there")
    make_record(other.environment, session_id="s-1", body="done elsewhere", has_restricted=False)
    assert "done elsewhere" not in read(support.get(reverse("session", args=[world.slug, "s-1"]))).text
    assert support.get(reverse("session", args=[world.slug, "only-there"])).status_code == 404
    assert support.get(reverse("session", args=[other.slug, "s-1"])).status_code == 404
    assert len(look(support, world).all("tr")) == 2


def test_the_list_is_cut_by_user_service_trouble_and_time(world, support):
    environment, now = world.environment, clock.now()
    key = user_key(present_key(environment), "jane@example.com")
    make_session(environment, session_id="hers", user_key=key, errors=0, services=["web", "db"], release="2.1")
    make_session(environment, session_id="crash", crashed=True, errors=1, services=["app"])
    make_session(
        environment, session_id="old", last_seen_at=now - timedelta(days=3), started_at=now - timedelta(days=4)
    )

    def listed(**params):
        return {
            name
            for name in ("hers", "crash", "old", "s-1")
            if f"/sessions/{name}/" in str(look(support, world, **params).links())
        }

    assert listed() == {"hers", "crash", "s-1"}
    assert listed(range="7d") == {"hers", "crash", "old", "s-1"}
    assert listed(user="jane@example.com") == listed(user=key) == {"hers"}
    assert listed(service="db") == {"hers"}
    assert listed(service="d") == set()
    assert listed(release="2.1") == {"hers"}
    assert listed(release="2") == set()
    assert listed(show="errors") == {"crash", "s-1"}
    assert listed(show="crashed") == {"crash"}
    assert "No sessions here" in look(support, world, session="nobody's").text


def test_a_session_is_found_by_each_release_that_it_touched_and_its_trouble_by_the_one_it_met_it_in(world, support):
    touched = {"pay": {"7": {"errors": True, "crashed": True}}, "web": {"3": {}}}
    make_session(
        world.environment, session_id="both", crashed=True, services=["pay", "web"], release="3", releases=touched
    )

    def is_listed(**params):
        return any("/sessions/both/" in link for link in look(support, world, **params).links())

    assert is_listed(release="3")
    assert is_listed(release="3", service="web")
    assert is_listed(release="7", service="pay", show="crashed")
    assert is_listed(release="7", show="errors")
    assert not is_listed(release="3", show="crashed")
    assert not is_listed(release="7", service="web")
    page = look(support, world, release="7", show="crashed")
    assert "and crashed in it. State and counts are of the whole session" in page.text
    assert "Sessions that touched 3, and crashed in it." in look(support, world, release="3", show="crashed").text


def test_pages_of_the_list_follow_each_other(world, support):
    for number in range(60):
        make_session(world.environment, session_id=f"n{number:02}", last_seen_at=world.session.last_seen_at)
    first = look(support, world, range="6h", service="shop")
    (older,) = first.links("Older")
    second = read(support.get(reverse("sessions", args=[world.slug]) + older))
    assert len(first.all("tr")) - 1 == 50
    assert len(second.all("tr")) - 1 == 11
    assert second.links("Older") == []
    seen = [page.all("a", class_="row-link mono") for page in (first, second)]
    assert len({element.attributes["href"] for found in seen for element in found}) == 61
    assert "cursor: not one" in look(support, world, cursor="mine").all("p", role="alert")[0].text


def test_the_page_shows_signs_of_time_and_ways_to_the_errors(world, support):
    session = make_session(world.environment, session_id="s-9", errors=2)
    began = session.started_at
    records = [
        make_record(world.environment, session_id="s-9", severity_number=level, has_restricted=False,
                    timestamp=began + timedelta(milliseconds=at), body=f"step {at}")
        for at, level in ((-500, 9), (0, 17), (1500, 17))
    ]  # fmt: skip
    page = read(support.get(reverse("session", args=[world.slug, "s-9"]), {"at": records[2].reference}))
    assert page.links("First error") == [f"#r{records[1].reference}"]
    assert page.links("next error") == [f"#r{records[2].reference}"]
    assert [element.text for element in page.all("span", title="Since the session began")] == [
        "-500 ms",
        "+0 ms",
        "+1.5 s",
    ]
    assert [element.attributes["id"] for element in page.all("div", class_="row is-error is-here")] == [
        f"r{records[2].reference}"
    ]


def test_who_sees_no_traces_sees_no_spans_and_where_traces_are_off_nobody_does(world):
    make_span(world.environment, session_id="s-1", service_name="spanning")
    address = reverse("session", args=[world.slug, "s-1"])
    assert "spanning" not in read(client_with(world.environment, "support").get(address)).text
    developer = client_with(world.environment, "developer")
    assert "spanning" in read(developer.get(address)).text
    world.environment.tracing_enabled = False
    world.environment.save()
    assert "spanning" not in read(developer.get(address)).text


def test_a_session_names_what_was_undertaken_in_it(world, support):
    make_journey(world.environment, journey_id="order/<17>", session_ids=["s-0", "s-1"])
    make_journey(world.environment, journey_id="elsewhere", session_ids=["s-2"])
    make_journey(make_world("shop-two").environment, journey_id="order/of/others", session_ids=["s-1"])
    page = read(support.get(reverse("session", args=[world.slug, "s-1"])))
    address = reverse("journey", args=[world.slug, "order/<17>"])
    found = {link for link in page.links() if "/journeys/" in link} - {reverse("journeys", args=[world.slug])}
    assert found == {address, reverse("journey", args=[world.slug, "j-1"])}
    assert "order/<17>" in page.text


@pytest.mark.parametrize("name", ["session", "journey"])
@pytest.mark.parametrize("given", IDS)
def test_no_id_leads_a_browser_out_of_its_page(name, given):
    address = reverse(name, args=["shop-one", given])
    assert urljoin("https://diagnostics.example/", address) == f"https://diagnostics.example{address}"
    assert not re.search(r"/(\.|%2e)+(/|$)", address.replace("...", ""), re.IGNORECASE)
    assert resolve(unquote(address)).kwargs[f"{name}_id"] == given


def test_addresses_that_people_kept_lead_to_the_same():
    for kept in ("a/b/c", "~", "~a", ".hidden", "a/..b", "...", "~..."):
        assert resolve(f"/e/shop-one/sessions/{kept}/").kwargs["session_id"] == kept
        assert reverse("session", args=["shop-one", kept]) == f"/e/shop-one/sessions/{kept}/"
