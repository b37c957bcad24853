"""The pages of monitors: what they say, what may be done, and to whom the ping address is shown."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.backtest.jobs import why_not
from alerts.evaluation.run import evaluate_environment
from alerts.models import Incident, Monitor, Outcome
from alerts.monitors.misses import notice_misses
from alerts.monitors.telling import Report, take_check_in
from diagnostics.core import clock
from diagnostics.models import AccessEvent
from tests.people import client_with
from tests.views.reading import read
from tests.world import begin_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return begin_world("shop-one")


@pytest.fixture
def admin(world):
    return client_with(world.environment, "environment-admin")


@pytest.fixture
def viewer(world):
    return client_with(world.environment, "viewer")


@pytest.fixture
def make(world):
    def make(slug="nightly-backup", *outcomes, **fields):
        given = {"name": slug, "schedule": "1h", **fields}
        monitor = Monitor.objects.create(environment=world.environment, slug=slug, **given)
        now = clock.now() - timedelta(minutes=len(outcomes))
        for number, outcome in enumerate(outcomes):
            report = Report(Outcome(outcome), duration_ms=1000 * (number + 1), run=f"r-{number}", message="disk full")
            take_check_in(monitor.pk, report, now + timedelta(minutes=number))
        monitor.refresh_from_db()
        return monitor

    return make


def listed(world, client):
    return read(client.get(reverse("monitors", args=[world.slug])))


def shown(world, client, monitor):
    return read(client.get(reverse("monitor", args=[world.slug, monitor.pk])))


def test_without_any_it_says_what_to_do_next(world, viewer, admin):
    page = listed(world, viewer)
    assert "No monitors yet" in page.text
    assert "/api/v1/checkins/nightly-backup" in page.text
    assert not page.links("New monitor")
    assert listed(world, admin).links("New monitor")


def test_what_is_down_comes_first(world, viewer, make):
    make("a-fine", "ok", "ok")
    make("b-new")
    make("c-down", "ok", "failed")
    make("d-paused", paused=True)
    page = listed(world, viewer)
    assert [link.text for link in page.all("a", class_="row-link")] == ["c-down", "a-fine", "b-new", "d-paused"]
    assert "c-down failed" in page.text
    strips = [element.attributes["aria-label"] for element in page.all("span", class_="strip")]
    assert strips == ["The last 2: 1 failed, 1 ok", "The last 2: 2 ok"]


def test_many_cost_no_more_statements_than_few(world, viewer, make, django_assert_max_num_queries):
    for number in range(12):
        make(f"job-{number}", "ok")
    listed(world, viewer)
    with django_assert_max_num_queries(22):
        listed(world, viewer)


@pytest.mark.parametrize(
    ("outcomes", "words"),
    [
        ((), "It has never checked in."),
        (("ok",), "All is well."),
        (("started",), "It runs"),
        (("failed",), "nightly-backup failed"),
    ],
)
def test_the_sentence_says_how_it_stands(world, viewer, make, outcomes, words):
    assert words in shown(world, viewer, make("nightly-backup", *outcomes)).text


def test_late_and_missed(world, viewer, make):
    monitor = make("nightly-backup", "ok", schedule="2m", grace_minutes=5)
    Monitor.objects.update(due_at=clock.now() - timedelta(minutes=1), deadline_at=clock.now() + timedelta(minutes=4))
    assert "Nothing has come yet." in shown(world, viewer, monitor).text
    notice_misses(world.environment.pk, clock.now() + timedelta(minutes=10), None)
    page = shown(world, viewer, monitor)
    assert "did not report" in page.text
    assert "Missed" in page.text


def test_what_may_have_come_while_the_product_was_down(world, viewer, make):
    monitor = make("nightly-backup", "ok", schedule="10m")
    later = clock.now() + timedelta(minutes=20)
    notice_misses(world.environment.pk, later, later)
    page = shown(world, viewer, monitor)
    assert "It may have been missed." in page.text
    assert "Diagnostics was down around then" in listed(world, viewer).text
    monitor.refresh_from_db()
    assert monitor.state == "late"


def test_check_ins_durations_and_what_they_said(world, viewer, make):
    page = shown(world, viewer, make("nightly-backup", "ok", "ok", "failed"))
    assert page.text.count("disk full") == 3
    assert page.all("svg", role="img")


def test_the_ping_address_is_shown_to_who_may_manage_rules_alone(world, viewer, admin, make):
    monitor = make()
    address = f"/ping/{monitor.ping_id}"
    assert address in shown(world, admin, monitor).text
    for client in (viewer, client_with(world.environment, "support")):
        page = client.get(reverse("monitor", args=[world.slug, monitor.pk])).content.decode()
        assert str(monitor.ping_id) not in page


def test_pausing_resuming_and_a_new_address(world, admin, make):
    monitor = make("nightly-backup", "failed")
    before = monitor.ping_id
    for act, state in (("pause", "paused"), ("resume", "up"), ("rotate", "up")):
        assert admin.post(reverse(f"monitor-{act}", args=[world.slug, monitor.pk])).status_code == 302
        monitor.refresh_from_db()
        assert monitor.state == state
    assert monitor.ping_id != before
    actions = list(
        AccessEvent.objects.filter(action__startswith="monitor.").order_by("id").values_list("action", flat=True)
    )
    assert actions == ["monitor.change", "monitor.change", "monitor.rotate"]


def test_hostile_words_are_made_visible(world, viewer, make):
    monitor = make("nightly-backup", "failed", name="<b>\u202eevil")
    for page in (listed(world, viewer), shown(world, viewer, monitor)):
        assert "\u202e" not in page.text
        assert not page.all("b")


def test_its_incident_leads_to_it_and_back(world, viewer, make):
    monitor = make("nightly-backup", "failed")
    evaluate_environment(world.environment.pk)
    links = shown(world, viewer, monitor).links("nightly-backup failed")
    assert links
    page = read(viewer.get(links[0]))
    assert reverse("monitor", args=[world.slug, monitor.pk]) in page.links()
    assert "disk full" in page.text
    assert "Sample records" not in page.text


def test_every_page_about_its_incident_and_rule_opens(world, admin, make):
    make("nightly-backup", "failed")
    evaluate_environment(world.environment.pk)
    incident = Incident.objects.get()
    assert read(admin.get(reverse("incident-explain", args=[world.slug, incident.pk])))
    assert read(admin.get(reverse("ledger", args=[world.slug])))
    assert "nightly-backup failed" in read(admin.get(reverse("incidents", args=[world.slug]))).text
    page = read(admin.get(reverse("admin:alerts_alertrule_change", args=[incident.rule_id])))
    assert "Fires when a monitor fails, or does not check in on time." in page.text
    assert "cannot be tried on the past" in why_not(incident.rule)
