"""Rules, targets and silences in the admin: what changing them does, and what is written down."""

from html import unescape

import pytest
from django.urls import reverse

from alerts.delivery.run import deliver_due
from alerts.integrations.webhook.signature import check_keys
from alerts.models import AlertRule, Incident, Notification, RuleState, Silence, Target
from alerts.targets import read_secrets
from diagnostics.core import clock
from diagnostics.models import AccessEvent
from tests.admin.forms import errors_of, send
from tests.views.reading import read

SECRET = "https://hooks.example.com/services/T0/B0/s3cr3t-part"
SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def written(action):
    return AccessEvent.objects.filter(action=action)


def fire(rule, incident):
    incident.rule, incident.state = rule, "triggered"
    incident.save()
    now = clock.now()
    RuleState.objects.create(rule=rule, series="x", state="firing", incident=incident, since=now, evaluated_at=now)


@pytest.mark.parametrize("act", ["switch off", "delete", "delete several"])
def test_a_rule_that_goes_resolves_what_it_opened(act, world, admin, manager):
    fire(world.rule, world.incident)
    address = reverse("admin:alerts_alertrule_change", args=[world.rule.pk])
    if act == "switch off":
        assert send(admin, address, enabled=None).status_code == 302
        assert not AlertRule.objects.get(pk=world.rule.pk).enabled
    elif act == "delete":
        admin.post(reverse("admin:alerts_alertrule_delete", args=[world.rule.pk]), {"post": "yes"})
    else:
        several = {"action": "delete_selected", "_selected_action": [world.rule.pk], "post": "yes"}
        admin.post(reverse("admin:alerts_alertrule_changelist"), several)
    world.incident.refresh_from_db()
    assert world.incident.state == "resolved"
    assert world.incident.events.last().text == "Its rule was switched off."
    event = written("rule.change" if act == "switch off" else "rule.delete").latest("id")
    assert (event.actor, event.environment) == (manager, world.environment)
    if act == "switch off":
        assert event.detail == {"before": {"enabled": True}, "after": {"enabled": False}}
    else:
        assert (event.detail["before"]["name"], event.detail["after"]) == (world.rule.name, None)


def test_a_rule_takes_targets_and_environments_of_its_own_only(world, other, admin, superuser):
    address = reverse("admin:alerts_alertrule_change", args=[world.rule.pk])
    assert "targets" in errors_of(send(admin, address, targets=[str(other.target.pk)]))
    page = admin.get(address).content.decode()
    assert other.environment.name not in page
    said = errors_of(send(superuser, address, targets=[str(other.target.pk)]))
    assert "of another environment" in said["targets"][0]
    assert send(admin, address, targets=[str(world.target.pk)]).status_code == 302
    assert list(world.rule.targets.all()) == [world.target]
    new = send(admin, reverse("admin:alerts_alertrule_add"), environment=str(other.environment.pk), slug="x", name="X",
               signal="errors", threshold="1")  # fmt: skip
    assert "environment" in errors_of(new)
    assert "threshold" in errors_of(send(admin, address, threshold="nan"))


def test_the_kind_is_chosen_before_the_form_asks_for_what_it_needs(world, admin):
    page = admin.get(reverse("admin:alerts_target_add")).content.decode()
    assert {kind for kind in ("inbox", "slack", "webhook") if f'href="?kind={kind}"' in page} == {
        "inbox",
        "slack",
        "webhook",
    }
    assert "<form" not in page.split("<main")[-1] or 'name="name"' not in page
    assert "?kind=slack" in admin.get(reverse("admin:alerts_target_add") + "?kind=pigeon").content.decode()
    form = admin.get(reverse("admin:alerts_target_add") + "?kind=webhook").context["adminform"].form
    assert {"field_url", "field_signing_key"} <= set(form.fields)
    assert not any(
        name.startswith("field_")
        for name in admin.get(reverse("admin:alerts_target_add") + "?kind=inbox").context["adminform"].form.fields
    )


def make_webhook(admin, world, **changes):
    values = {"environment": str(world.environment.pk), "name": "hook", "field_url": SECRET,
              "field_signing_key": SIGNING_KEY}  # fmt: skip
    return send(admin, reverse("admin:alerts_target_add") + "?kind=webhook", **{**values, **changes})


def test_a_target_says_what_it_lacks_and_its_secrets_stay_when_left_empty(world, admin):
    refused = make_webhook(admin, world, field_signing_key="short")
    assert "s3cr3t" not in refused.content.decode()
    assert make_webhook(admin, world).status_code == 302
    target = Target.objects.get(name="hook")
    address = reverse("admin:alerts_target_change", args=[target.pk])
    assert "one is made" not in admin.get(address).content.decode()
    page = admin.get(address).content.decode()
    assert page.count("leave it empty to keep it") == 2
    assert send(admin, address, name="renamed", kind="slack").status_code == 302
    target.refresh_from_db()
    assert (target.name, target.kind, target.config) == ("renamed", "webhook", {})
    assert read_secrets(target) == {"url": SECRET, "signing_key": SIGNING_KEY}
    assert send(admin, address, field_url=SECRET + "2").status_code == 302
    target.refresh_from_db()
    assert read_secrets(target) == {"url": SECRET + "2", "signing_key": SIGNING_KEY}
    said = (
        page
        + admin.get(address).content.decode()
        + admin.get(reverse("admin:alerts_target_changelist")).content.decode()
    )
    said += str(list(AccessEvent.objects.values_list("subject", "detail")))
    said += admin.get(reverse("admin:alerts_target_history", args=[target.pk])).content.decode()
    assert "s3cr3t" not in said
    assert SIGNING_KEY not in said
    changes = [event.detail for event in written("target.change").order_by("id")]
    assert (changes[0]["after"], changes[1]) == (
        {"name": "renamed"},
        {"before": {}, "after": {}, "secrets_set": ["url"]},
    )


def test_a_signing_key_that_is_left_empty_is_made_and_shown_once(world, admin):
    add = admin.get(reverse("admin:alerts_target_add") + "?kind=webhook").content.decode()
    assert "Leave it empty and one is made, and shown once." in add
    answer = make_webhook(admin, world, field_signing_key="")
    target = Target.objects.get(name="hook")
    key = read_secrets(target)["signing_key"]
    assert check_keys(key) == []
    assert key in unescape(answer.content.decode())
    assert "no-store" in answer.headers["Cache-Control"]
    said = admin.get(reverse("admin:alerts_target_change", args=[target.pk])).content.decode()
    said += admin.get(reverse("admin:alerts_target_changelist")).content.decode()
    assert key not in unescape(said + str(list(AccessEvent.objects.values_list("subject", "detail"))))
    assert "Name" in str(
        make_webhook(admin, world, field_signing_key="").content
    )  # the name is taken: nothing is shown
    assert Target.objects.filter(kind="webhook").count() == 1
    assert make_webhook(admin, world, name="other").status_code == 302
    send(admin, reverse("admin:alerts_target_change", args=[target.pk]), name="renamed")
    target.refresh_from_db()
    assert read_secrets(target)["signing_key"] == key


def test_a_test_goes_the_real_way_and_leads_to_what_came_of_it(world, other, admin, manager):
    incident = world.incident
    answer = admin.get(reverse("admin:alerts_target_send_test", args=[world.target.pk]))
    test = Notification.objects.get(action="test")
    assert answer.url == reverse("admin:alerts_notification_change", args=[test.pk])
    assert (test.target, test.state, test.incident) == (world.target, "pending", None)
    page = admin.get(answer.url)
    assert page.headers["Refresh"] == "3"
    assert f"Test to {world.target.name}: pending" in page.content.decode()
    assert "Next attempt at" in page.content.decode()
    deliver_due()
    page = admin.get(answer.url)
    assert "Refresh" not in page.headers
    assert f"Test to {world.target.name}: sent" in page.content.decode()
    assert "Next attempt at" not in page.content.decode()
    assert "none: a test" in admin.get(reverse("admin:alerts_notification_changelist")).content.decode()
    alert = reverse("admin:alerts_notification_change", args=[incident.notifications.exclude(action="test").get().pk])
    Notification.objects.update(state="pending")
    assert "Refresh" not in admin.get(alert).headers  # nobody waits for it
    assert written("target.test").get().actor == manager
    assert admin.get(reverse("admin:alerts_target_send_test", args=[other.target.pk])).status_code in (302, 403, 404)
    assert Notification.objects.filter(action="test").count() == 1


def test_the_menu_leads_to_lists_of_the_environment_and_new_rows_begin_in_it(world, other, superuser, admin):
    page = read(superuser.get(reverse("incidents", args=[world.slug])))
    for label, name in (("Rules", "alertrule"), ("Targets", "target")):
        [address] = page.links(label)
        assert address == f"{reverse(f'admin:alerts_{name}_changelist')}?environment={world.environment.pk}"
        listed = superuser.get(address).content.decode()
        assert world.environment.name in listed
        assert (
            f"{reverse(f'admin:alerts_{name}_add')}?_changelist_filters=environment%3D{world.environment.pk}" in listed
        )
    assert page.links("Ingest keys")[0].endswith(f"?environment={world.environment.pk}")
    for client, listed, begins in ((superuser, world, world), (superuser, other, other), (admin, other, None)):
        query = {"_changelist_filters": f"environment={listed.environment.pk}"}
        for address in (
            reverse("admin:alerts_alertrule_add"),
            reverse("admin:alerts_target_add"),
            reverse("admin:alerts_silence_add"),
        ):
            form = client.get(address, {**query, "kind": "slack"}).context["adminform"].form
            found = str(form.get_initial_for_field(form.fields["environment"], "environment") or "")
            own = str(world.environment.pk) if client is admin and "alertrule" in address else ""
            assert found == (str(begins.environment.pk) if begins else own)
    choose = superuser.get(
        reverse("admin:alerts_target_add"), {"_changelist_filters": "environment=7"}
    ).content.decode()
    assert "?kind=slack&amp;_changelist_filters=environment%3D7" in choose


def test_a_silence_has_an_author_an_end_after_its_beginning_and_a_rule_of_its_own(world, other, admin, manager):
    add = reverse("admin:alerts_silence_add")
    times = {"starts_at_0": "2030-01-01", "starts_at_1": "10:00:00", "ends_at_0": "2030-01-01", "ends_at_1": "09:00:00"}
    values = {"environment": str(world.environment.pk), "reason": "move", **times}
    assert list(errors_of(send(admin, add, **values))) == ["ends_at"]
    values["ends_at_1"] = "11:00:00"
    assert "rule" in errors_of(send(admin, add, **values, rule=str(other.rule.pk)))
    assert send(admin, add, **values, rule=str(world.rule.pk)).status_code == 302
    silence = Silence.objects.get(reason="move")
    assert (silence.author, silence.rule) == (manager, world.rule)
    admin.post(reverse("admin:alerts_silence_delete", args=[silence.pk]), {"post": "yes"})
    assert [event.action for event in AccessEvent.objects.filter(action__startswith="silence").order_by("id")] == [
        "silence.create", "silence.delete",
    ]  # fmt: skip


def test_silences_that_are_deleted_together_are_written_down_each(world, admin):
    several = {"action": "delete_selected", "_selected_action": [world.silence.pk], "post": "yes"}
    admin.post(reverse("admin:alerts_silence_changelist"), several)
    assert not Silence.objects.filter(pk=world.silence.pk).exists()
    assert written("silence.delete").count() == 1


def test_rows_of_other_environments_are_neither_listed_nor_deleted(world, other, admin):
    for model, row in (
        ("alertrule", other.rule),
        ("target", other.target),
        ("silence", other.silence),
        ("incident", other.incident),
    ):
        listed = admin.get(reverse(f"admin:alerts_{model}_changelist"))
        assert listed.status_code == 200
        assert other.environment.name not in listed.content.decode()
        several = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        admin.post(reverse(f"admin:alerts_{model}_changelist"), several)
        assert type(row).objects.filter(pk=row.pk).exists()
    assert Incident.objects.get(pk=other.incident.pk).state == "triggered"


def test_built_in_rules_are_switched_off_not_deleted(world, admin):
    builtin = AlertRule.objects.filter(environment=world.environment, builtin=True).first()
    admin.post(reverse("admin:alerts_alertrule_delete", args=[builtin.pk]), {"post": "yes"})
    several = {"action": "delete_selected", "_selected_action": [builtin.pk, world.rule.pk], "post": "yes"}
    admin.post(reverse("admin:alerts_alertrule_changelist"), several)
    assert AlertRule.objects.filter(pk=builtin.pk).exists()
    assert not AlertRule.objects.filter(pk=world.rule.pk).exists()


def test_how_much_a_target_gets_and_when_is_set_in_its_form(world, other, admin):
    address = reverse("admin:alerts_target_change", args=[world.target.pk])
    reserve = Target.objects.create(environment=world.environment, name="reserve", kind="inbox", fallback=world.target)
    said = errors_of(send(admin, address, fallback=str(reserve.pk)))
    assert "lead back" in said["fallback"][0]
    assert "fallback" in errors_of(send(admin, address, fallback=str(other.target.pk)))
    for wrong in ({"escalation": str(other.target.pk), "answer_minutes": "5"}, {"escalation": str(reserve.pk)}):
        assert "escalation" in errors_of(send(admin, address, **wrong))
    said = errors_of(send(admin, address, hours_days="weekdays", hours_zone="Berlin", hours_begin="09:00"))
    assert set(said) == {"hours_days", "hours_zone", "hours_end"}
    Target.objects.filter(pk=reserve.pk).update(fallback=None)
    changes = {
        "fallback": str(reserve.pk), "hourly_budget": "60", "digest_seconds": "300", "hours_days": "mon-fri",
        "hours_begin": "09:00", "hours_end": "17:00", "hours_zone": "Europe/Berlin", "urgent_severity": "error",
        "answer_minutes": "10", "escalation": str(reserve.pk),
    }  # fmt: skip
    assert send(admin, address, **changes).status_code == 302
    world.target.refresh_from_db()
    assert (world.target.fallback, world.target.hourly_budget, world.target.digest_seconds) == (reserve, 60, 300)
    assert (world.target.answer_minutes, world.target.escalation) == (10, reserve)
    assert world.target.hours.zone.key == "Europe/Berlin"


def test_the_history_of_a_row_shows_before_and_after_and_puts_back(world, other, admin):
    address = reverse("admin:alerts_alertrule_change", args=[world.rule.pk])
    assert send(admin, address, threshold="77").status_code == 302
    page = admin.get(reverse("admin:alerts_alertrule_history", args=[world.rule.pk])).content.decode()
    assert "<del>10.0</del>" in page
    assert "<ins>77.0</ins>" in page
    event = written("rule.change").latest("id")
    assert reverse("audit-revert", args=[event.pk]) in page
    assert admin.post(reverse("audit-revert", args=[event.pk])).status_code == 302
    assert AlertRule.objects.get(pk=world.rule.pk).threshold == 10
    assert admin.get(reverse("admin:alerts_alertrule_history", args=[other.rule.pk])).status_code == 404


@pytest.mark.parametrize("several", [False, True])
def test_the_last_target_of_a_rule_is_not_deleted_and_the_page_says_why(world, admin, several):
    world.rule.targets.set([world.target])
    if several:
        address = reverse("admin:alerts_target_changelist")
        form = {"action": "delete_selected", "_selected_action": [world.target.pk]}
    else:
        address, form = reverse("admin:alerts_target_delete", args=[world.target.pk]), {}
    for posted in (form, {**form, "post": "yes"}):
        page = admin.post(address, posted).content.decode() if posted else admin.get(address).content.decode()
        assert "would tell all of the environment: name another target in it first, or none." in page
        assert world.rule.name in page
    assert Target.objects.filter(pk=world.target.pk).exists()
    world.rule.targets.clear()
    admin.post(address, {**form, "post": "yes"})
    assert not Target.objects.filter(pk=world.target.pk).exists()


def test_targets_to_choose_from_say_of_which_environment_they_are(world, other, admin, superuser):
    address = reverse("admin:alerts_target_change", args=[world.target.pk])
    for name in ("fallback", "escalation"):
        labels = {label for _, label in superuser.get(address).context["adminform"].form.fields[name].choices}
        assert {f"{each.target.name} · {each.environment.name}" for each in (world, other)} <= labels
    assert other.environment.name not in admin.get(address).content.decode()
