"""The page, the API and the count in the frame: what is shown, who may act, what an act does."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.models import AlertRule, Suggestion, SuggestionScan
from alerts.muting import is_muted
from alerts.suggestions.draft import draft_rule, set_limit, values_of_draft
from diagnostics.core import clock
from diagnostics.models import AccessEvent, MinuteRollup
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import make_world

pytestmark = pytest.mark.django_db
HOSTILE = "pay<b>\u202e"


@pytest.fixture
def world():
    return make_world("suggest-one")


@pytest.fixture
def developer(world):
    return client_with(world.environment, "developer")


@pytest.fixture
def limit(world):
    """A limit of its own for a service with a hostile name, in the place of a rule of all services."""
    rule = draft_rule("latency_p95", "threshold", HOSTILE, world.rule)
    set_limit(rule, 2700.0)
    now = clock.now()
    minute = int(now.timestamp()) // 60
    evidence = {
        "reason": "quieter", "days": 7, "since": minute - 10_080, "until": minute, "windows": 9_000, "median": 80.0,
        "high": 1800.0, "peak": 30_000.0, "count": 1, "firings": [[minute - 300, minute - 290, 30_000.0]],
        "present": [{"rule": world.rule.pk, "name": "Own rule", "sentence": "Fires.", "limit": "1.5 s", "count": 14,
                     "replaced": True}],
        "before": 14, "spans": [[minute - 900, minute - 890, 1800.0]], "acknowledged": 1,
        "neighbours": [[1500.0, "1.5 s", 14, False], [2700.0, "2.7 s", 1, True]], "hours": [float(n) for n in range(168)],
    }  # fmt: skip
    change = {"values": values_of_draft(rule), "targets": [world.target.pk], "leaves": [world.rule.pk]}
    return Suggestion.objects.create(
        environment=world.environment, kind="threshold", service_name=HOSTILE, fingerprint="a" * 64, change=change,
        evidence=evidence, weight=13, created_at=now, seen_at=now,
    )  # fmt: skip


def page_of(world, client):
    return client.get(reverse("suggestions", args=[world.slug])).content.decode()


def test_the_page_tells_why_and_what_and_harms_nobody(world, developer, limit):
    page = page_of(world, developer)
    assert "Own rule would have opened 14 incidents about pay&lt;b&gt;[U+202E] in 7 days" in page
    assert "This limit would have opened 1 incident in the last 7 days" in page
    assert "Usual is 80 ms; 99 of 100 windows of 5 min reach 1.8 s at most; the highest was 30.0 s" in page
    assert "It still tells of 1 incident that somebody took on" in page
    assert "has a p95 of at least 2.7 s" in page
    assert "(but not pay&lt;b&gt;[U+202E])" in page
    assert "<b>" not in page
    assert page.index("pay&lt;b&gt;") < page.index("Mute for a week"), "the most useful first"
    assert page.count("<svg viewBox") == 2
    assert "Make this rule" in page


def test_one_click_makes_the_rule_and_leaves_the_service_to_it(world, developer, limit):
    address = reverse("suggestion-accept", args=[world.slug, limit.pk])
    page = developer.post(address, {"revision": "1"}, follow=True).content.decode()
    rule = AlertRule.objects.get(service_name=HOSTILE)
    assert (rule.threshold, rule.recover_threshold, rule.enabled) == (2700, 1900, True)
    assert list(rule.targets.all()) == [world.target]
    world.rule.refresh_from_db()
    assert world.rule.leaves_out(HOSTILE)
    assert not world.rule.leaves_out("shop")
    actions = list(AccessEvent.objects.filter(environment=world.environment).order_by("-id")[:3])
    assert {event.action for event in actions} == {"suggestion.accept", "rule.change", "rule.create"}
    assert reverse("admin:alerts_alertrule_history", args=[rule.pk]) in page
    assert not read(developer.get(reverse("suggestions", args=[world.slug]))).all("button", name="revision")
    again = developer.post(address, {"revision": "1"}, follow=True).content.decode()
    assert "was accepted by" in again
    assert AlertRule.objects.filter(service_name=HOSTILE).count() == 1


def test_one_more_click_takes_the_rule_back(world, developer, limit):
    undo = reverse("suggestion-undo", args=[world.slug, limit.pk])
    assert "Only what was accepted" in developer.post(undo, follow=True).content.decode()
    page = developer.post(reverse("suggestion-accept", args=[world.slug, limit.pk]), follow=True).content.decode()
    assert f'action="{undo}"' in page
    made = AlertRule.objects.get(service_name=HOSTILE)
    AlertRule.objects.filter(pk=made.pk).update(threshold=3000)
    assert "was changed since" in developer.post(undo, follow=True).content.decode()
    AlertRule.objects.filter(pk=made.pk).update(threshold=2700)
    AlertRule.objects.filter(pk=world.rule.pk).update(except_services=f"{HOSTILE}, reports")
    page = developer.post(undo, follow=True).content.decode()
    assert "p95 of pay&lt;b&gt;[U+202E] was deleted" in page
    assert f'action="{undo}"' not in page
    assert not AlertRule.objects.filter(service_name=HOSTILE).exists()
    world.rule.refresh_from_db()
    assert world.rule.except_services == "reports"


def test_what_changed_since_it_was_shown_is_not_accepted(world, developer, limit):
    Suggestion.objects.filter(pk=limit.pk).update(revision=2)
    page = developer.post(
        reverse("suggestion-accept", args=[world.slug, limit.pk]), {"revision": "1"}, follow=True
    ).content.decode()
    assert "look at it again" in page
    assert not AlertRule.objects.filter(service_name=HOSTILE).exists()


def test_dismissed_is_gone(world, developer):
    page = developer.post(
        reverse("suggestion-dismiss", args=[world.slug, world.suggestion.pk]), follow=True
    ).content.decode()
    assert "not suggested again for six weeks" in page
    assert "Mute for a week</button>" not in page
    world.rule.refresh_from_db()
    assert not is_muted(world.rule)


def test_the_frame_counts_them_for_who_may_change_rules(world, developer):
    def counted(client):
        return (
            '<span class="count is-calm">1</span>'
            in client.get(reverse("logs", args=[world.slug]))
            .content.decode()
            .split("Suggestions", 1)[-1]
            .split("</a>", 1)[0]
        )

    assert counted(developer)
    assert (
        "Suggestions"
        not in client_with(world.environment, "viewer").get(reverse("logs", args=[world.slug])).content.decode()
    )


@pytest.mark.parametrize("state", ["nothing", "young", "under way", "well"])
def test_an_empty_page_says_when_something_can_be_expected(world, developer, state):
    Suggestion.objects.all().delete()
    now = clock.now()
    if state != "nothing":
        days = 2 if state == "young" else 8
        MinuteRollup.objects.create(
            environment=world.environment, minute=clock.floor_minute(now) - timedelta(days=days), source="log"
        )
    if state in ("under way", "well"):
        SuggestionScan.objects.create(
            environment=world.environment, started_at=now, finished_at=now if state == "well" else None
        )
    said = {
        "nothing": "a week after the first record", "young": "The first suggestions can be expected",
        "under way": "Come back in some minutes", "well": "Your rules fit what the last week showed",
    }  # fmt: skip
    page = page_of(world, developer)
    assert [name for name, text in said.items() if text in page] == [state]


def test_a_look_can_be_asked_for(world, developer):
    address = reverse("suggestions-look", args=[world.slug])
    assert "takes some minutes" in developer.post(address, follow=True).content.decode()
    SuggestionScan.objects.update(finished_at=clock.now())
    assert "just now" in developer.post(address, follow=True).content.decode()


def test_the_api_lists_accepts_and_dismisses(world, developer, limit):
    listed = developer.get("/api/v1/suggestions", {"environment": world.slug, "state": "open"}).json()["results"]
    assert {one["kind"] for one in listed} == {"threshold", "mute"}
    told = next(one for one in listed if one["kind"] == "threshold")
    assert told["told"]["after"][0].startswith("Fires when")
    gone = developer.post(f"/api/v1/suggestions/{world.suggestion.pk}/dismiss", content_type="application/json").json()
    assert (gone["state"], gone["told"]) == ("dismissed", None)
    address = f"/api/v1/suggestions/{limit.pk}"
    refused = developer.post(f"{address}/accept", {"revision": 9}, content_type="application/json")
    assert (refused.status_code, "look at it again" in refused.content.decode()) == (400, True)
    done = developer.post(f"{address}/accept", {"revision": 1}, content_type="application/json").json()
    assert (done["state"], AlertRule.objects.get(pk=done["outcome"]).service_name) == ("accepted", HOSTILE)
    back = developer.post(f"{address}/undo", content_type="application/json").json()
    assert (back["state"], back["outcome"]) == ("undone", None)
    assert developer.post(f"{address}/undo", content_type="application/json").status_code == 400
    twice = developer.post(f"/api/v1/suggestions/{world.suggestion.pk}/dismiss", content_type="application/json")
    assert twice.status_code == 400


def test_strangers_and_those_of_another_environment_change_nothing(world, limit):
    other = make_world("suggest-two")
    for client in (
        client_with(other.environment, "environment-admin"),
        client_with(world.environment, "viewer"),
        sign_in(make_person()),
    ):
        for slug in (world.slug, other.slug):
            for act in ("suggestion-accept", "suggestion-dismiss", "suggestion-undo"):
                assert client.post(reverse(act, args=[slug, limit.pk])).status_code == 404
        for act in ("accept", "dismiss", "undo"):
            assert client.post(f"/api/v1/suggestions/{limit.pk}/{act}").status_code == 404
        assert client.get(f"/api/v1/suggestions/{limit.pk}").status_code == 404
    limit.refresh_from_db()
    assert limit.state == "open"


def test_a_get_accepts_nothing(world, developer, limit):
    assert developer.get(reverse("suggestion-accept", args=[world.slug, limit.pk])).status_code == 405
    assert Suggestion.objects.get(pk=limit.pk).is_open
