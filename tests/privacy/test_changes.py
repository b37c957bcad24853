"""Changes of configuration: who, when, before and after, never a secret; and putting them back."""

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404

from alerts.changes import delete_target, save_rule, save_target
from alerts.models import AlertRule, RuleState, Target
from diagnostics.core import clock
from diagnostics.environments import save_environment
from diagnostics.ingest.keys import save_key
from diagnostics.models import AccessEvent, Environment
from diagnostics.privacy.changes import SECRET, stored_values, tracked_change
from diagnostics.privacy.revert import can_be_reverted, revert_change
from tests.people import make_person
from tests.world import make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return make_world("shop-one")


@pytest.fixture
def other():
    return make_world("shop-two")


@pytest.fixture
def boss(world):
    return make_person(world.environment, "environment-admin")


def last(action):
    return AccessEvent.objects.filter(action=action).latest("id")


def change_threshold(boss, rule, value):
    rule.threshold = value
    save_rule(boss, rule)
    return last("rule.change")


def test_a_change_tells_only_what_is_not_the_same(world, boss):
    event = change_threshold(boss, world.rule, 25)
    assert event.detail == {"before": {"threshold": 10.0}, "after": {"threshold": 25.0}}
    assert (event.actor, event.environment, event.object_ref) == (
        boss, world.environment, f"alerts.alertrule:{world.rule.pk}",
    )  # fmt: skip
    save_rule(boss, world.rule)
    assert AccessEvent.objects.filter(action="rule.change", actor=boss).count() == 1


def test_making_and_deleting_tell_everything_there_was(world, boss):
    target = Target(environment=world.environment, name="hook", kind="webhook", config={"a": "b"})
    save_target(boss, target, {"url": "https://receiver.example/very-secret"})
    made = last("target.create").detail
    assert (made["before"], made["after"]["name"], made["secrets_set"]) == (None, "hook", ["url"])
    delete_target(boss, target)
    gone = last("target.delete")
    assert (gone.detail["after"], gone.detail["before"]["name"]) == (None, "hook")
    assert gone.object_ref == last("target.create").object_ref


def test_secrets_never_get_in(world, boss):
    save_target(boss, world.target, {"signing_secret": "whsec_very-secret"})
    world.target.config = {"nested": {"api_token": "tok-very-secret", "list": [{"password": "very-secret"}]}, "open": 1}
    save_target(boss, world.target)
    world.environment.retention_days = 9
    save_environment(boss, world.environment)
    world.key.name = "renamed"
    save_key(boss, world.key)
    told = " ".join(f"{event.subject} {event.detail}" for event in AccessEvent.objects.all())
    assert "very-secret" not in told
    assert "[secret]" in told
    assert bytes(world.environment.pseudonym_key).hex() not in told
    for row in (world.environment, world.target, world.key):
        assert not [name for name in stored_values(row) if SECRET.search(name)], row


def test_steps_of_one_change_make_one_event(world, boss):
    world.rule.name = "Renamed"
    with tracked_change(boss, world.rule):
        save_rule(boss, world.rule)
        world.rule.targets.set([world.target])
    (event,) = AccessEvent.objects.filter(action="rule.change", actor=boss)
    assert event.detail["after"] == {"name": "Renamed", "targets": [world.target.pk]}


def test_a_change_that_fails_leaves_no_event(world, boss):
    def fail():
        world.rule.name = "Renamed"
        with tracked_change(boss, world.rule):
            world.rule.save()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert not AccessEvent.objects.filter(action="rule.change", actor=boss).exists()
    assert AlertRule.objects.get(pk=world.rule.pk).name == "Own rule"


def test_a_change_is_put_back_and_that_is_a_change_too(world, boss):
    event = change_threshold(boss, world.rule, 25)
    revert_change(boss, event)
    assert AlertRule.objects.get(pk=world.rule.pk).threshold == 10
    back = last("rule.change")
    assert back.detail == {"before": {"threshold": 25.0}, "after": {"threshold": 10.0}, "reverts": event.pk}
    revert_change(boss, back)
    assert AlertRule.objects.get(pk=world.rule.pk).threshold == 25


def test_only_what_the_change_changed_is_put_back(world, boss):
    event = change_threshold(boss, world.rule, 25)
    world.rule.name = "Renamed since"
    save_rule(boss, world.rule)
    revert_change(boss, event)
    rule = AlertRule.objects.get(pk=world.rule.pk)
    assert (rule.threshold, rule.name) == (10, "Renamed since")


def test_targets_come_back_if_they_are_still_there_and_of_the_environment(world, other, boss):
    gone = Target.objects.create(environment=world.environment, name="gone", kind="inbox")
    with tracked_change(boss, world.rule):
        world.rule.targets.set([world.target, gone])
    with tracked_change(boss, world.rule):
        world.rule.targets.set([])
    event = last("rule.change")
    gone.delete()
    event.detail["before"]["targets"].append(other.target.pk)  # as if somebody had written it there
    revert_change(boss, event)
    assert list(world.rule.targets.all()) == [world.target]


def test_switching_off_by_putting_back_resolves_what_the_rule_opened(world, boss):
    now = clock.now()
    RuleState.objects.create(
        rule=world.rule, series="shop", state="firing", incident=world.incident, since=now, evaluated_at=now
    )
    world.rule.enabled = False
    world.rule.save()
    world.rule.enabled = True
    save_rule(boss, world.rule)
    event = last("rule.change")
    revert_change(boss, event)
    world.incident.refresh_from_db()
    assert world.incident.state == "resolved"


def test_an_environment_and_a_key_go_back_too(world, boss):
    world.environment.retention_days = 9
    save_environment(boss, world.environment)
    revert_change(boss, last("environment.change"))
    assert Environment.objects.get(pk=world.environment.pk).retention_days == 30
    world.key.name = "renamed"
    save_key(boss, world.key)
    revert_change(boss, last("key.change"))
    world.key.refresh_from_db()
    assert world.key.name == "first"


def test_values_that_no_longer_fit_are_refused(world, boss):
    world.rule.slug = "other"
    save_rule(boss, world.rule)
    event = last("rule.change")
    AlertRule.objects.create(environment=world.environment, slug="own", name="x", signal="errors", threshold=1)
    with pytest.raises(ValidationError):
        revert_change(boss, event)
    assert AlertRule.objects.get(pk=world.rule.pk).slug == "other"


def test_a_value_with_a_hidden_secret_is_not_put_back(world, boss):
    world.target.config = {"api_token": "kept"}
    world.target.save()
    world.target.config = {"api_token": "newer", "x": 1}
    save_target(boss, world.target)
    revert_change(boss, last("target.change"))
    assert Target.objects.get(pk=world.target.pk).config == {"api_token": "newer", "x": 1}


@pytest.mark.parametrize("role", ["viewer", "support", "on-call", "privacy-officer"])
def test_who_may_not_change_it_may_not_put_it_back(world, other, boss, role):
    event = change_threshold(boss, world.rule, 25)
    world.target.name = "renamed"
    save_target(boss, world.target)
    targets = last("target.change")
    person = make_person(world.environment, role)
    with pytest.raises(Http404):
        revert_change(person, targets)
    neighbour = make_person(other.environment, "environment-admin")
    for change in (event, targets):
        with pytest.raises(Http404):
            revert_change(neighbour, change)


def test_events_that_are_no_changes_cannot_be_put_back(world, boss):
    for event in AccessEvent.objects.exclude(pk=world.change.pk):
        assert not can_be_reverted(event), event
        with pytest.raises(Http404):
            revert_change(boss, event)
