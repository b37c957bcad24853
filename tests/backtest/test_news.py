"""What is seen for the first time, tried on the past: the incidents that live evaluation opened, from what the digest noted."""

import random
from datetime import timedelta

import pytest

from alerts.backtest.incidents import Incidents
from alerts.backtest.jobs import request_backtest, work_on
from alerts.evaluation.history import moment_of, number_of
from alerts.evaluation.run import evaluate_environment
from alerts.models import AlertRule, Backtest, Incident
from diagnostics.core import clock
from diagnostics.digest.errors import fold_errors
from diagnostics.environments import ensure_role_groups
from diagnostics.models import ErrorGroup, IngestBatch, Template
from tests.factories import make_environment, make_user
from tests.people import client_with
from tests.world import make_template

pytestmark = pytest.mark.django_db
MINUTES = 130


@pytest.fixture
def environment():
    return make_environment(name="Shop")


@pytest.fixture
def at(monkeypatch):
    """A clock that is set by hand."""

    def go(moment):
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment

    return go


@pytest.fixture
def make_rule(environment):
    def make(signal="new_errors", **fields):
        given = {"slug": signal, "name": "News", "condition": "first_seen", "keep_firing_seconds": 600, **fields}
        rule = AlertRule.objects.create(environment=environment, signal=signal, **given)
        AlertRule.objects.filter(environment=environment).exclude(pk=rule.pk).update(enabled=False)
        return rule

    return make


def see(environment, now, fingerprint, service, ago=0):
    at = clock.to_ns(now - timedelta(minutes=ago)) // 1000
    row = [fingerprint, service, "Broken", f"broken <b>{fingerprint}", "2.4.1", 3, at, at]
    fold_errors([IngestBatch(id=1, environment=environment, received_at=now, findings={"errors": [row]})])


def try_rule(rule, since, until):
    backtest = request_backtest(rule, 7, make_user())
    Backtest.objects.filter(pk=backtest.pk).update(since=since, reached=since, until=until)
    work_on(str(backtest.pk))
    backtest.refresh_from_db()
    assert backtest.state == "done", backtest.error
    return backtest


@pytest.mark.parametrize("seed", range(3))
def test_new_errors_are_told_as_they_were_live(environment, make_rule, at, seed):
    chance, until = random.Random(seed), number_of(clock.now())
    since = until - MINUTES
    rule = make_rule()
    for minute in range(since, until):
        now = at(moment_of(minute) + timedelta(seconds=59))
        for number in range(chance.choice([0] * 20 + [1, 1, 2, 8])):
            see(environment, now, f"{minute}-{number}", chance.choice(["cart", "pay", ""]))
        evaluate_environment(environment.pk, now)
    incidents = list(Incident.objects.filter(rule=rule).order_by("opened_at"))
    assert len(incidents) > 3, "a case in which nothing is told proves little"
    result = try_rule(rule, since, until).result
    assert result["count"] == len(incidents)
    assert result["news"] == ErrorGroup.objects.count()
    live = sorted((number_of(one.opened_at), one.title, one.summary.replace("; 3 records", "")) for one in incidents)
    assert sorted((one[1], *one[4].split("\n")) for one in result["firings"]) == live
    over = {number_of(one.resolved_at) for one in incidents if one.resolved_at and one.evidence.count() == 1}
    assert over <= {one[2] for one in result["firings"]}, "each was seen once, so its end is known"


def test_what_was_imported_was_no_news_and_what_came_back_is_known(environment, make_rule, at):
    start = clock.now() - timedelta(days=40)
    see(environment, at(start), "old", "pay", ago=12 * 60)
    see(environment, at(start), "new", "pay")
    at(start + timedelta(days=20))
    see(environment, clock.now(), "new", "pay")
    at(start + timedelta(days=40))
    since, until = number_of(start) - 5, number_of(clock.now())
    fresh, back = make_rule(), make_rule("regressions")
    told = try_rule(fresh, since, until).result["firings"]
    assert [(number_of(start), "pay new")] == [(one[1], one[0]) for one in told]
    told = try_rule(back, since, until).result["firings"]
    assert [number_of(start + timedelta(days=20))] == [one[1] for one in told]
    assert "came back" in told[0][4]


def test_an_error_that_kept_coming_is_over_an_hour_after_its_last_record(environment, make_rule, at):
    start = clock.now() - timedelta(days=2)
    see(environment, at(start), "f", "pay")
    see(environment, at(start + timedelta(hours=5)), "f", "pay")
    at(start + timedelta(days=2))
    rule = make_rule(window_minutes=5, keep_firing_seconds=3600)
    result = try_rule(rule, number_of(start) - 5, number_of(clock.now())).result
    assert 365 <= result["longest"] <= 367
    assert result["minutes"] == result["longest"]


def test_new_patterns_of_a_service_join_while_its_incident_is_open(environment, make_rule, at):
    until = number_of(clock.now())
    since = until - 3 * 1440
    make_template(environment, service_name="pay", text="old words")
    Template.objects.update(created_at=moment_of(since - 2000), last_seen=moment_of(until))
    for number, (minute, level) in enumerate([(100, 13), (103, 17), (130, 13), (600, 13), (700, 9)]):
        moment = moment_of(since + minute)
        template = make_template(environment, text=f"words {number} <*>", service_name="pay", severity_number=level)
        Template.objects.filter(pk=template.pk).update(created_at=moment, first_seen=moment, last_seen=moment)
    rule = make_rule("new_templates", window_minutes=30)
    result = try_rule(rule, since, until).result
    assert (result["count"], result["fired"], result["news"]) == (2, 4, 4)
    assert [one[1] for one in result["firings"]] == [since + 600, since + 100]
    assert result["firings"][1][4].endswith("pay: “words 0 <*>” (warn) was never seen before.")


def test_the_page_tells_it_plainly(environment, make_rule, at):
    ensure_role_groups(environment)
    start = clock.now() - timedelta(days=1)
    see(environment, at(start), "f", "pay")
    at(start + timedelta(days=1))
    rule = make_rule()
    backtest = request_backtest(rule, 7, make_user())
    work_on(str(backtest.pk))
    page = client_with(environment, "developer").get(f"/e/{environment.slug}/backtests/{backtest.pk}/").content.decode()
    assert "<strong>1 incident</strong> in 7 days" in page
    assert "telling of 1 error." in page
    assert "How many records there were by then is not kept" in page
    assert "broken &lt;b&gt;f was never seen before in release 2.4.1." in page
    assert "Other limits" not in page
    backtest = request_backtest(make_rule("regressions"), 7, make_user())
    work_on(str(backtest.pk))
    page = client_with(environment, "developer").get(f"/e/{environment.slug}/backtests/{backtest.pk}/").content.decode()
    assert "Nothing was news in these 7 days" in page


def test_firings_of_a_service_within_ten_minutes_are_one_incident_and_what_returns_is_the_same():
    found = Incidents()
    assert found.begin("a /x", "a", 100) == "opens"
    assert found.begin("a /y", "a", 110) == "joins"
    assert found.begin("a /z", "a", 111) == "opens", "what breaks later is another cause"
    assert found.begin("", "", 111) == "opens"
    found.end("a /x", 120)
    assert found.begin("a /x", "a", 125) == "joins", "the other still shows it"
    found.end("a /x", 130)
    found.end("a /y", 131)
    found.load(found.save())
    assert found.begin("a /y", "a", 141) == "returns"
    found.end("a /y", 142)
    assert found.begin("a /y", "a", 153) == "opens"
