"""Trying a rule: from the form before it is saved, progress, cancelling, neighbours, strangers."""

import re

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from alerts.backtest.jobs import MOST_WAITING, NotPossibleError, request_backtest, work_on
from alerts.backtest.variants import variants_of
from alerts.evaluation.history import moment_of, number_of
from alerts.models import AlertRule, Backtest
from diagnostics.core import clock
from diagnostics.models import MinuteRollup
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import make_world

pytestmark = pytest.mark.django_db
FORM = {
    "name": "Tried", "slug": "tried", "enabled": "on", "severity": "error", "signal": "errors", "condition": "threshold",
    "group_by": "service", "window_minutes": "5", "threshold": "20", "compare_to": "usual", "minimum_count": "1",
    "minimum_sample": "0", "for_seconds": "0", "keep_firing_seconds": "120", "minimum_firing_seconds": "0", "cooldown_seconds": "0",
}  # fmt: skip


@pytest.fixture
def world():
    return make_world("back-one")


@pytest.fixture
def developer(world):
    return client_with(world.environment, "developer")


def fill(world, days=2):
    """An error storm of eight minutes at the end of each day, in a service with a hostile name."""
    now = number_of(clock.now())
    rows = []
    for number in range(days):
        for minute in range(8):
            at = now - 60 - number * 1440 - minute
            rows.append(
                MinuteRollup(
                    environment=world.environment,
                    minute=moment_of(at),
                    source="log",
                    service_name="pay<b>",
                    errors=9,
                    records=9,
                )
            )
    MinuteRollup.objects.bulk_create(rows)


def finish(backtest):
    while not Backtest.objects.get(pk=backtest.pk).is_finished:
        work_on(str(backtest.pk))
    return Backtest.objects.get(pk=backtest.pk)


def test_a_rule_is_tried_from_its_form_and_not_saved(world, developer):
    fill(world)
    address = reverse("admin:alerts_alertrule_add")
    assert "formtarget" in developer.get(address).content.decode()
    rules = AlertRule.objects.count()
    answer = developer.post(address, {**FORM, "environment": world.environment.pk, "_backtest": "7"})
    assert AlertRule.objects.count() == rules
    backtest = Backtest.objects.exclude(pk=world.backtest.pk).get()
    assert answer.url == reverse("backtest", args=[world.slug, backtest.pk])
    waiting = developer.get(answer.url).content.decode()
    assert "0% looked at" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    finish(backtest)
    page = developer.get(answer.url).content.decode()
    assert "<strong>2 incidents</strong> since <time" in page
    assert re.search(
        r"when its data begins \(13\.\d a week\)", page
    )  # of the day and an hour that have data, not of the seven
    assert "not saved yet" in page
    assert "<b>" not in page
    assert "pay&lt;b&gt;" in page
    assert page.count("would have fired") >= 2
    part = developer.get(answer.url, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "2 incidents" in part


def test_less_than_a_day_says_nothing_of_a_week_and_one_incident_has_one_beginning(world, developer):
    fill(world, days=1)
    backtest = finish(request_backtest(world.rule, 7, None))
    assert backtest.until - backtest.result["data_since"] < 120
    assert (backtest.result["count"], backtest.result["a_week"]) == (1, None)
    page = read(developer.get(reverse("backtest", args=[world.slug, backtest.pk])))
    text = " ".join(page.text.split())
    assert "when its data begins, watching 1 series. It began " in text
    assert "a week)" not in text
    assert "the last" not in text
    assert [cell.text for cell in page.all("td", data_label="A week")] == ["—"] * len(backtest.result["neighbours"])


def test_a_week_that_is_whole_is_counted_by_its_days(world, developer):
    fill(world, days=7)
    backtest = finish(request_backtest(world.rule, 7, None))
    assert (backtest.result["data_since"], backtest.result["count"]) == (None, 7)
    text = " ".join(read(developer.get(reverse("backtest", args=[world.slug, backtest.pk]))).text.split())
    assert "7 incidents in 7 days (7.0 a week)" in text
    assert "The first was" in text


def test_a_form_that_is_wrong_says_so_first(world, developer):
    values = {
        **FORM,
        "environment": world.environment.pk,
        "_backtest": "7",
        "condition": "share",
        "signal": "latency_p95",
    }
    answer = developer.post(reverse("admin:alerts_alertrule_add"), values)
    assert answer.status_code == 200
    assert "no share of anything" in answer.content.decode()
    assert Backtest.objects.count() == 1


def test_a_saved_rule_is_tried_with_what_stands_in_the_form(world, developer):
    address = reverse("admin:alerts_alertrule_change", args=[world.rule.pk])
    developer.post(address, {**FORM, "slug": "own", "threshold": "77", "_backtest": "30"})
    backtest = Backtest.objects.exclude(pk=world.backtest.pk).get()
    assert (backtest.rule, backtest.days, backtest.values["threshold"]) == (world.rule, 30, 77.0)
    world.rule.refresh_from_db()
    assert world.rule.threshold == 10


def test_neighbours_are_tried_and_taken_over(world, developer):
    fill(world)
    backtest = finish(request_backtest(world.rule, 7, make_person()))
    labels = {one["label"]: one["count"] for one in backtest.result["neighbours"]}
    assert labels["10"] == 2
    assert max(labels.values()) >= 2
    page = developer.get(reverse("backtest", args=[world.slug, backtest.pk]))
    limits = {one.attributes["value"] for one in read(page).all("button", name="limit")}
    assert "20.0" in limits
    again = developer.post(reverse("backtest-again", args=[world.slug, backtest.pk]), {"limit": "20.0"})
    assert again.url != page.wsgi_request.path
    developer.post(reverse("backtest-take", args=[world.slug, backtest.pk]), {"limit": "20.0"})
    world.rule.refresh_from_db()
    assert world.rule.threshold == 20
    for limit in ("19", "-1", "x"):
        assert (
            developer.post(reverse("backtest-take", args=[world.slug, backtest.pk]), {"limit": limit}).status_code
            == 404
        )
    assert (
        developer.post(reverse("backtest-again", args=[world.slug, backtest.pk]), {"days": "3650"}).status_code == 404
    )


def test_it_can_be_cancelled_and_stays_so(world, developer):
    backtest = request_backtest(world.rule, 90, make_person())
    developer.post(reverse("backtest-cancel", args=[world.slug, backtest.pk]))
    work_on(str(backtest.pk))
    assert finish(backtest).state == "cancelled"
    assert "Cancelled" in developer.get(reverse("backtest", args=[world.slug, backtest.pk])).content.decode()


def test_cancelling_in_the_middle_of_a_slice_stays(world, monkeypatch):
    from alerts.backtest import jobs

    backtest = request_backtest(world.rule, 7, make_person())
    play = jobs.play

    def cancel_then_play(*args, **options):
        jobs.cancel_backtest(backtest)
        play(*args, **options)

    monkeypatch.setattr(jobs, "play", cancel_then_play)
    work_on(str(backtest.pk))
    assert Backtest.objects.get(pk=backtest.pk).state == "cancelled"


def test_what_minutes_cannot_tell_is_said(world, developer):
    matches = AlertRule(environment=world.environment, signal="matches", query="x", slug="m", name="m")
    with pytest.raises(NotPossibleError, match="save it"):
        request_backtest(matches, 7, make_person())


def test_there_is_an_end_to_how_many_wait(world):
    for _ in range(MOST_WAITING):
        request_backtest(world.rule, 7, make_person())
    with pytest.raises(NotPossibleError, match="cancel one"):
        request_backtest(world.rule, 7, make_person())


def test_a_fault_ends_the_trial_and_nothing_else(world, monkeypatch):
    from alerts.backtest import jobs

    monkeypatch.setattr(jobs, "play", lambda *_, **__: 1 / 0)
    backtest = finish(request_backtest(world.rule, 7, make_person()))
    assert backtest.state == "failed"
    assert "ZeroDivisionError" in backtest.error


def test_strangers_and_those_of_another_environment_find_nothing(world):
    other = make_world("back-two")
    for client in (
        client_with(other.environment, "environment-admin"),
        client_with(world.environment, "viewer"),
        sign_in(make_person()),
    ):
        for slug in (world.slug, other.slug):
            address = reverse("backtest", args=[slug, world.backtest.pk])
            assert client.get(address).status_code == 404
            assert client.post(reverse("backtest-take", args=[slug, world.backtest.pk])).status_code == 404
    viewer = client_with(world.environment, "viewer")
    viewer.post(reverse("admin:alerts_alertrule_change", args=[world.rule.pk]), {**FORM, "_backtest": "7"})
    assert Backtest.objects.filter(environment=world.environment).count() == 1
    assert User.objects.exists()


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ({"signal": "errors", "condition": "threshold", "threshold": 20}, ["20", "10", "15", "30", "40"]),
        ({"signal": "status_5xx", "condition": "share", "threshold": 0.6}, ["60%", "30%", "45%", "90%"]),
        ({"signal": "latency_p95", "condition": "threshold", "threshold": 1500}, ["1.5 s", "750 ms", "1.1 s", "2.2 s", "3.0 s"]),
        ({"signal": "errors", "condition": "baseline", "threshold": 0.6}, ["score 0.6", "score 0.5", "score 0.55", "score 0.65", "score 0.7"]),
        ({"signal": "requests", "condition": "absence", "window_minutes": 10}, ["10 min", "5 min", "8 min", "15 min", "20 min"]),
        ({"signal": "requests", "condition": "change", "threshold": 0.8}, ["0.8 times", "0.4 times", "0.6 times"]),
    ],
)  # fmt: skip
def test_neighbours_make_sense(values, labels):
    rule = AlertRule(slug="x", name="x", **values)
    assert [re.sub(r"\s+", " ", one.label) for one in variants_of(rule)] == labels
