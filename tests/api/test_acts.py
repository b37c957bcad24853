"""What is changed over the API: incidents, rules, targets; each with its history, none beyond one's environments."""

from datetime import timedelta

import pytest

from alerts.changes import save_target
from alerts.models import AlertRule, Incident, IncidentEvent, Notification, RuleState, Target
from alerts.targets import read_secrets
from diagnostics.core import clock
from diagnostics.models import AccessEvent, EnvironmentGroupGrant
from tests.api.calling import caller_with
from tests.world import make_world

SECRET = "https://hooks.example.com/services/T0/B0/s3cr3t-part"
SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RULE = {"slug": "mine", "name": "Mine", "signal": "errors", "threshold": 5}


@pytest.fixture
def other(db):
    return make_world("shop-two")


def told(incident, action):
    return Notification.objects.filter(incident=incident, action=action).count()


def test_acknowledging_twice_is_acknowledging_once(world, on_call):
    address = f"/api/v1/incidents/{world.incident.pk}/acknowledge"
    first, second = on_call.post(address), on_call.post(address + "/")
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["state"] == "acknowledged"
    assert first.json()["acknowledged_by"] == on_call.person.username
    assert [(line["kind"], line["actor"]) for line in first.json()["history"]] == [
        ("triggered", None), ("acknowledged", on_call.person.username),
    ]  # fmt: skip
    assert told(world.incident, "acknowledge") == Target.objects.filter(environment=world.environment).count() == 1
    assert {row["action"] for row in first.json()["notifications"]} == {"trigger", "acknowledge"}


def test_resolving_twice_keeps_the_first_person_and_note(world, on_call):
    address = f"/api/v1/incidents/{world.incident.pk}/resolve"
    first = on_call.post(address, {"note": "restarted it"}).json()
    second = caller_with(world.environment, "on-call").post(address, {"note": "me too"}).json()
    assert first == second
    assert (first["state"], first["resolved_by"]) == ("resolved", on_call.person.username)
    assert first["history"][-1]["text"] == "restarted it"
    assert told(world.incident, "resolve") == 1
    on_call.post(address.replace("resolve", "acknowledge"))
    assert Incident.objects.get(pk=world.incident.pk).state == "resolved"
    assert IncidentEvent.objects.filter(incident=world.incident).count() == 2


def test_a_note_that_is_too_long_resolves_nothing(world, on_call):
    answer = on_call.post(f"/api/v1/incidents/{world.incident.pk}/resolve", {"note": "x" * 501})
    assert (answer.status_code, list(answer.json())) == (400, ["note"])
    assert Incident.objects.get(pk=world.incident.pk).state == "triggered"


def test_samples_are_for_who_may_see_logs(world, viewer):
    address = f"/api/v1/incidents/{world.incident.pk}"
    Incident.objects.update(samples=[{"body": "what it said"}])
    assert viewer.get(address).json()["samples"] == [{"body": "what it said"}]
    EnvironmentGroupGrant.objects.filter(permission__codename="view_logs").delete()
    assert viewer.get(address).json()["samples"] == []


def test_a_rule_is_made_read_changed_and_deleted_each_written_down(world, on_call):
    made = on_call.post("/api/v1/rules", {**RULE, "environment": world.slug, "targets": [world.target.pk]})
    assert made.status_code == 201, made.content
    address = f"/api/v1/rules/{made.json()['id']}"
    assert made.json()["targets"] == [world.target.pk]
    assert made.json()["environment"] == world.slug
    assert made.json()["builtin"] is False
    changed = on_call.patch(address, {"threshold": 7.5, "builtin": True, "environment": "shop-two"}).json()
    assert (changed["threshold"], changed["builtin"], changed["environment"]) == (7.5, False, world.slug)
    assert on_call.patch(address, {"targets": []}).json()["targets"] == []
    assert on_call.get(address).json()["name"] == "Mine"
    assert on_call.delete(address).status_code == 204
    assert on_call.get(address).status_code == 404
    events = AccessEvent.objects.filter(actor=on_call.person).order_by("id")
    assert events[0].action == "rule.create"
    assert events.last().action == "rule.delete"
    assert events[1].detail == {
        "before": {"threshold": RULE["threshold"]}, "after": {"threshold": 7.5}, "token": events[1].detail["token"],
    }  # fmt: skip
    assert events[1].detail["token"].startswith("dt_")  # with which token it was done
    assert events[2].detail["after"] == {"targets": []}
    assert {event.environment_slug for event in events} == {world.slug}


def test_a_rule_that_is_switched_off_or_deleted_resolves_what_it_opened(world, on_call):
    builtin = AlertRule.objects.filter(environment=world.environment, builtin=True).first()
    for rule, act in (
        (builtin, lambda address: on_call.patch(address, {"enabled": False})),
        (world.rule, on_call.delete),
    ):
        incident = Incident.objects.get(pk=world.incident.pk)
        incident.state, incident.rule = "triggered", rule
        incident.save()
        incident.evidence.update(rule=rule, ended_at=None)  # it is this rule that shows it
        RuleState.objects.create(
            rule=rule, series="x", state="firing", incident=incident, since=clock.now(), evaluated_at=clock.now()
        )
        address = f"/api/v1/rules/{rule.pk}"
        act(address)
        assert Incident.objects.get(pk=incident.pk).state == "resolved"
    assert on_call.delete(f"/api/v1/rules/{builtin.pk}").json() == {
        "builtin": ["A built-in rule cannot be deleted; set `enabled` to false."]
    }


WRONG = {
    "slug": ["", "with blank", "x" * 61, "error-spike"],
    "name": ["", None, "x" * 121],
    "signal": ["feelings"],
    "condition": ["often"],
    "threshold": [-1, "many", None, "nan", "inf"],
    "recover_threshold": [-1, "Infinity"],
    "window_minutes": [0, 1441, 10**9],
    "for_seconds": [-1, 86_401],
    "minimum_count": [-1, 10**12],
    "severity": ["awful"],
    "targets": [[0], [10**30], ["x"], "all"],
    "runbook_url": ["javascript:alert(1)", "wiki"],
    "muted_until": ["soon"],
    "environment": ["", "elsewhere", "shop-two", None, 7, ["shop-one"], "a\0b", "\ud800"],
}


def test_a_rule_that_is_wrong_is_refused_by_the_name_of_the_field(world, other, on_call):
    before = AlertRule.objects.count()
    for field, value in ((field, value) for field, values in WRONG.items() for value in values):
        answer = on_call.post("/api/v1/rules", {**RULE, "environment": world.slug, field: value})
        assert (answer.status_code, list(answer.json())) == (400, [field]), (field, value)
    assert AlertRule.objects.count() == before


def test_a_number_that_json_cannot_say_back_is_refused(world, on_call):
    body = b'{"environment": "shop-one", "slug": "mine", "name": "n", "signal": "errors", "threshold": 1e999}'
    answer = on_call.client.post("/api/v1/rules", body, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, ["threshold"])
    assert on_call.get("/api/v1/rules").status_code == 200


def test_a_wrong_change_changes_nothing(world, on_call):
    address = f"/api/v1/rules/{world.rule.pk}"
    before = on_call.get(address).json()
    assert list(on_call.patch(address, {"name": "New", "window_minutes": 0}).json()) == ["window_minutes"]
    assert list(
        on_call.patch(address, {"slug": AlertRule.objects.filter(environment=world.environment).last().slug}).json()
    ) == ["slug"]
    assert on_call.get(address).json() == before


def test_a_target_of_another_environment_is_refused_in_the_words_of_one_that_is_missing(world, other, on_call):
    said = []
    for target in (other.target.pk, 10**6):
        for answer in (
            on_call.post("/api/v1/rules", {**RULE, "environment": world.slug, "targets": [target]}),
            on_call.patch(f"/api/v1/rules/{world.rule.pk}", {"targets": [target]}),
        ):
            assert answer.status_code == 400
            said.append(str(answer.json()).replace(str(target), "N"))
    assert len(set(said)) == 1
    assert not world.rule.targets.exists()


def make_webhook(caller, owner, **changes):
    body = {"environment": owner.slug, "name": "hook", "kind": "webhook",
            "secrets": {"url": SECRET, "signing_key": SIGNING_KEY}, **changes}  # fmt: skip
    return caller.post("/api/v1/targets", body)


def test_secrets_of_a_target_are_written_and_never_come_back(world, admin):
    said = [made := make_webhook(admin, world.environment)]
    assert made.status_code == 201, made.content
    address = f"/api/v1/targets/{made.json()['id']}"
    said += [admin.get(address), admin.get("/api/v1/targets"), admin.patch(address, {"name": "renamed"})]
    said += [admin.patch(address, {"secrets": {"url": SECRET + "2"}}), admin.patch(address, {"secrets": {"url": ""}})]
    said += [make_webhook(admin, world.environment, name="second", secrets={"url": SECRET, "signing_key": SECRET})]
    said += [admin.patch(address, {"config": {"url": SECRET}}), admin.patch(address, {"secrets": {SECRET: "x"}})]
    target = Target.objects.get(pk=made.json()["id"])
    assert read_secrets(target) == {"url": SECRET + "2", "signing_key": SIGNING_KEY}
    assert made.json()["secrets_set"] == ["signing_key", "url"]
    assert [answer.status_code for answer in said] == [201, 200, 200, 200, 200, 400, 400, 400, 400]
    said += [admin.delete(address)]
    written = str(list(AccessEvent.objects.values_list("subject", "detail")))
    stored = bytes(target.secrets) + str(target.config).encode()
    for text in (*(answer.content.decode() for answer in said), written, stored.decode("latin-1")):
        assert "s3cr3t-part" not in text.replace(f"'{SECRET[:40]}'", "")
        assert SIGNING_KEY not in text
    assert AccessEvent.objects.filter(action__startswith="target.").count() == 4


def test_the_last_target_of_a_rule_is_not_deleted(world, admin):
    world.rule.targets.set([world.target])
    address = f"/api/v1/targets/{world.target.pk}"
    answer = admin.delete(address)
    assert (answer.status_code, Target.objects.filter(pk=world.target.pk).exists()) == (400, True)
    assert f"'{world.rule.name}' names no other target and would tell all of the environment" in str(answer.json())
    world.rule.targets.clear()
    assert admin.delete(address).status_code == 204


WRONG_TARGETS = [
    ({"name": ""}, "name"),
    ({"name": "Inbox"}, "name"),
    ({"kind": "pigeon"}, "kind"),
    ({"secrets": {"url": SECRET}}, "config"),
    ({"secrets": {"url": SECRET, "signing_key": "short"}}, "config"),
    ({"secrets": {"url": SECRET, "signing_key": SIGNING_KEY, "colour": "red"}}, "config"),
    ({"config": {"url": SECRET}}, "config"),
    ({"minimum_severity": "awful"}, "minimum_severity"),
    ({"environment": "shop-two"}, "environment"),
    ({"environment": ""}, "environment"),
]


def test_a_target_that_is_wrong_is_refused_by_the_name_of_the_field(world, other, admin):
    for changes, field in WRONG_TARGETS:
        answer = make_webhook(admin, world.environment, **changes)
        assert (answer.status_code, list(answer.json())) == (400, [field]), changes
        assert "s3cr3t" not in answer.content.decode()


def test_a_targets_kind_and_environment_stay(world, other, admin):
    address = f"/api/v1/targets/{world.target.pk}"
    assert list(admin.patch(address, {"kind": "slack", "secrets": {"url": SECRET}}).json()) == ["kind"]
    assert admin.patch(address, {"environment": other.slug}).json()["environment"] == world.slug


def test_switching_a_target_on_again_forgets_why_it_was_off(world, admin):
    world.target.enabled, world.target.disabled_reason = False, "gone (410)"
    save_target(admin.person, world.target)
    assert admin.get(f"/api/v1/targets/{world.target.pk}").json()["disabled_reason"] == "gone (410)"
    assert admin.patch(f"/api/v1/targets/{world.target.pk}", {"enabled": True}).json()["disabled_reason"] == ""


def test_rows_of_other_environments_are_missing_not_forbidden(world, other, admin):
    for address in (
        f"incidents/{other.incident.pk}",
        f"rules/{other.rule.pk}",
        f"targets/{other.target.pk}",
        f"sessions/{other.session.pk}",
        f"journeys/{other.journey.pk}",
    ):
        missing = admin.get(f"/api/v1/{address.split('/')[0]}/{10**9}")
        theirs = admin.get(f"/api/v1/{address}")
        assert theirs.status_code == missing.status_code == 404
        assert theirs.content == missing.content
    for act in ("acknowledge", "resolve"):
        assert admin.post(f"/api/v1/incidents/{other.incident.pk}/{act}").status_code == 404
    assert Incident.objects.get(pk=other.incident.pk).state == "triggered"


def test_an_id_of_any_size_or_a_body_of_any_form_is_answered(world, admin):
    assert admin.get(f"/api/v1/rules/{'9' * 40}").status_code == 404
    for body in (b"", b"[]", b"null", b"{", b'"x"', b"\xff", b'{"environment": {"a": 1}}'):
        answer = admin.client.post("/api/v1/rules", body, content_type="application/json")
        assert answer.status_code == 400, body


def test_a_targets_hours_and_links_are_checked_and_name_nothing_of_others(world, other, admin):
    address = f"/api/v1/targets/{world.target.pk}"
    hours = {"hours_begin": "09:00", "hours_end": "17:00", "hours_zone": "Europe/Berlin", "hours_days": "mon-fri"}
    assert admin.patch(address, {**hours, "hourly_budget": 60}).status_code == 200
    for wrong, field in [
        ({"hours_zone": "Mars"}, "hours_zone"),
        ({"hours_days": "often"}, "hours_days"),
        ({"hours_end": None}, "hours_end"),
        ({"hourly_budget": 0}, "hourly_budget"),
        ({"fallback": world.target.pk}, "fallback"),
        ({"escalation": world.target.pk, "answer_minutes": 5}, "escalation"),
        ({"answer_minutes": 0}, "answer_minutes"),
    ]:
        answer = admin.patch(address, wrong)
        assert (answer.status_code, field in answer.json()) == (400, True), answer.json()
    for link in ("fallback", "escalation"):
        said = [admin.patch(address, {link: pk}).json() for pk in (other.target.pk, 10**6)]
        assert link in said[0]
        assert str(said[0]).replace(str(other.target.pk), "N") == str(said[1]).replace(str(10**6), "N")


def test_an_incident_is_assigned_noted_snoozed_silenced_and_opened_again(world, on_call):
    address = f"/api/v1/incidents/{world.incident.pk}"
    assert on_call.post(f"{address}/assign", {"person": "nobody-here"}).status_code == 400
    assert on_call.post(f"{address}/assign", {"person": ""}).json()["assigned_to"] is None
    assert on_call.post(f"{address}/note", {"text": "seen"}).json()["history"][-1]["text"] == "seen"
    assert "until" in on_call.post(f"{address}/snooze", {"until": "2020-01-01T00:00:00Z"}).json()
    later = (clock.now() + timedelta(hours=2)).isoformat()
    assert on_call.post(f"{address}/snooze", {"until": later}).json()["snoozed_until"]
    assert on_call.post(f"{address}/silence", {"hours": 500, "reason": "x"}).status_code == 400
    assert on_call.post(f"{address}/silence", {"hours": 1, "reason": "deploy"}).status_code == 200
    on_call.post(f"{address}/resolve", {})
    assert on_call.post(f"{address}/reopen", {}).json()["state"] == "triggered"
