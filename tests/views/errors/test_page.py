"""One error on its page."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.incidents.transitions import Opening, open_incident
from alerts.models import AlertRule
from diagnostics.core import clock
from diagnostics.models import Event
from tests.people import client_with
from tests.views.errors.pages import HOSTILE, keep
from tests.views.reading import read
from tests.world import make_error, make_template


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


def test_a_record_and_the_overview_lead_to_its_error(environment, viewer):
    error = make_error(environment, error_type="Declined")
    record = keep(error)
    page = reverse("error", args=[environment.slug, error.fingerprint])
    detail = read(viewer.get(reverse("log-detail", args=[environment.slug, record.reference])))
    assert f"{page}?at={record.reference}" in detail.links("Error")
