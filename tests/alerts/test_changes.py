"""The change that an incident names: one that came before it, whatever was deployed since."""

from datetime import timedelta

import pytest

from alerts.incidents.leading import take_lead
from alerts.incidents.opening import Opening
from alerts.models import AlertRule, Incident
from diagnostics.core import clock
from diagnostics.models import Event
from tests.world import make_record

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def rule(make_rule):
    return make_rule(window_minutes=10)


def deploy(rule, release, ago, service="checkout"):
    Event.objects.create(
        environment=rule.environment, timestamp=clock.now() - ago, kind="deploy", service_name=service, release=release,
        title=f"{service} deployed {release}",
    )  # fmt: skip


def fail(rule, release, *agos):
    for ago in agos:
        make_record(
            rule.environment, service_name="checkout", release=release, timestamp=clock.now() - ago, severity_number=17,
            trace_id=None, has_restricted=False,
        )  # fmt: skip


def opened(rule, level="error"):
    return Opening(rule, "checkout", "checkout", "", "t", "s", 5.0, clock.now(), severity=level)


def named(incident):
    return (incident.context["deploy"] or {}).get("title", "")


def test_what_was_deployed_since_it_began_has_not_brought_it(rule, make_incident):
    deploy(rule, "1.0", 20 * MINUTE)
    deploy(rule, "1.1", 2 * MINUTE)
    deploy(rule, "7", MINUTE / 6, "mailer")
    fail(rule, "1.0", 5 * MINUTE, 4 * MINUTE)
    assert named(make_incident(rule)) == "checkout deployed 1.0"


def test_a_change_elsewhere_counts_only_before_it_began(rule, make_incident):
    deploy(rule, "7", 2 * MINUTE, "mailer")
    fail(rule, "1.0", 5 * MINUTE)
    assert named(make_incident(rule)) == ""
    deploy(rule, "8", 7 * MINUTE, "mailer")
    Incident.objects.all().delete()
    assert named(make_incident(rule)) == "mailer deployed 8"


def test_a_release_that_is_told_a_moment_after_its_first_records_has_brought_it(rule, make_incident):
    fail(rule, "1.1", 5 * MINUTE, 4 * MINUTE)
    deploy(rule, "1.1", 5 * MINUTE - timedelta(seconds=40))
    assert named(make_incident(rule)) == "checkout deployed 1.1"


def test_an_incident_that_grows_worse_keeps_the_change_that_brought_it(rule, make_incident):
    deploy(rule, "1.1", 6 * MINUTE)
    fail(rule, "1.1", 5 * MINUTE)
    incident = make_incident(rule)
    deploy(rule, "1.2", 3 * MINUTE)
    fail(rule, "1.2", 2 * MINUTE, MINUTE)
    AlertRule.objects.filter(pk=rule.pk).update(window_minutes=3)
    rule.refresh_from_db()
    take_lead(incident, opened(rule, "critical"))
    assert (named(incident), incident.severity, len(incident.samples)) == ("checkout deployed 1.1", "critical", 2)
