"""A rule's form: its sentence, limits with units, what it begins with; copying, muting, changes that are put back."""

from datetime import timedelta

import pytest
from django.urls import reverse
from guardian.shortcuts import assign_perm

from alerts.admin.rule_defaults import BEGINNINGS, beginning_of, offer_of
from alerts.admin.rule_fields import OF_CONDITIONS, OF_SIGNALS, LimitField, form_facts, offers_of
from alerts.models import AlertRule
from alerts.models.sense import find_problems
from alerts.muting import SPANS, end_of, is_muted, mute_rule
from diagnostics.core import clock
from diagnostics.environments import grant_role
from diagnostics.models import AccessEvent
from tests.admin.forms import errors_of, fields_of, send
from tests.people import client_with, make_person, sign_in
from tests.views.reading import read
from tests.world import make_template

ADD = reverse("admin:alerts_alertrule_add")
LIST = reverse("admin:alerts_alertrule_changelist")


def address(view, rule):
    return reverse(f"admin:alerts_alertrule_{view}", args=[rule.pk if hasattr(rule, "pk") else rule])


def tell(client, rule, **changes):
    page = client.get(ADD if rule == "new" else address("change", rule))
    values = {**fields_of(page), **changes}
    return client.post(address("sentence", rule), values).json()


def test_the_sentence_follows_the_form_and_nothing_is_saved(world, admin):
    said = tell(admin, world.rule, threshold="250", window_minutes="7", service_name="shop")
    assert said == {"sentence": "Fires when shop has at least 250 errors in 7 min.", "problems": []}
    world.rule.refresh_from_db()
    assert (world.rule.threshold, world.rule.service_name) == (10, "")
    assert AlertRule.objects.filter(slug="own").count() == 1
    # It is told before the rule has a name, an environment or a slug.
    assert tell(admin, "new")["sentence"].startswith("Fires when a service has a number of errors unlike")
    assert "10 errors" in admin.get(address("sentence", world.rule)).json()["sentence"]


def test_what_makes_no_sense_is_said_with_the_way_out(world, admin):
    said = tell(admin, world.rule, signal="latency_p95", condition="share")
    assert said["sentence"] == ""
    assert "A response time is no share of anything" in said["problems"][0]
    said = tell(admin, world.rule, threshold="3", minimum_count="15")
    assert "use 3 or less here, or a limit of 15" in said["problems"][0]
    said = tell(admin, world.rule, signal="matches", query="a AND (", pattern="(")
    assert len(said["problems"]) >= 1
    assert "<b>" not in str(tell(admin, world.rule, service_name="<b>")["problems"])


@pytest.mark.parametrize("who", ["viewer", "support"])
def test_nobody_else_is_told_or_acts(who, world, other, admin):
    strangers = (client_with(world.environment, who), client_with(other.environment, "environment-admin"))
    for client in strangers:
        for view in ("sentence", "mute", "clone", "history"):
            for method in (client.get, client.post):
                answer = method(address(view, world.rule), {"span": "1h"})
                assert answer.status_code in (302, 403, 404), view
                assert "Own rule" not in answer.content.decode()
    assert strangers[0].post(address("sentence", "new")).status_code in (302, 403, 404)
    world.rule.refresh_from_db()
    assert world.rule.muted_until is None
    # Copying reads the other's rule: it must be one's own, too.
    assert strangers[1].get(ADD, {"copy": world.rule.pk}).status_code == 404
    # Acts on chosen rows do nothing to rows of others.
    strangers[1].post(LIST, {"action": "mute_hour", "_selected_action": [world.rule.pk]})
    world.rule.refresh_from_db()
    assert world.rule.muted_until is None


def test_a_percentage_is_one_and_a_time_is_one(world, admin):
    change = address("change", world.rule)
    shares = {"signal": "status_5xx", "condition": "share"}
    assert send(admin, change, **shares, threshold="2.5%", recover_threshold="1 %").status_code == 302
    world.rule.refresh_from_db()
    assert (world.rule.threshold, world.rule.recover_threshold) == (0.025, 0.01)
    page = admin.get(change)
    assert fields_of(page)["threshold"] == "2.5%"
    assert send(admin, change).status_code == 302  # as it stands, it stays
    world.rule.refresh_from_db()
    assert world.rule.threshold == 0.025
    assert "write 0.05" in errors_of(send(admin, change, threshold="5"))["threshold"][0]
    slow = {"signal": "latency_p95", "condition": "threshold", "threshold": "1.5 s", "recover_threshold": "900 ms"}
    assert send(admin, change, **slow).status_code == 302
    world.rule.refresh_from_db()
    assert (world.rule.threshold, world.rule.recover_threshold) == (1500, 900)
    wrong = {"signal": "errors", "condition": "threshold", "recover_threshold": ""}
    assert "is at least a share" in errors_of(send(admin, change, **wrong, threshold="5%"))["threshold"][0]
    assert "a plain number" in errors_of(send(admin, change, **wrong, threshold="5 s"))["threshold"][0]
    for text in ("nan", "inf", "5%%", "-1", "five"):
        assert "threshold" in errors_of(send(admin, change, **wrong, threshold=text)), text


def test_a_limit_that_is_written_otherwise_is_no_change():
    field = LimitField()
    assert not field.has_changed("5%", "0.05")
    assert field.has_changed("5%", "6%")
    assert field.has_changed("5%", "x")


@pytest.mark.parametrize("signal", AlertRule.Signal.values)
def test_what_a_rule_begins_with_makes_sense(signal):
    assert signal in BEGINNINGS
    rule = AlertRule(**beginning_of(signal), query="x" if signal == "matches" else "")
    assert find_problems(rule) == {}
    facts = form_facts()
    assert rule.condition in facts["fits"][signal]
    assert ("share" in facts["fits"][signal]) == (not signal.startswith("latency") and signal not in
                                                 ("records", "requests", "new_errors", "regressions", "new_templates", "template_records", "check_ins"))  # fmt: skip


def test_the_script_knows_fields_of_the_form_alone(world, admin):
    page = admin.get(ADD)
    fields = page.context["adminform"].form.fields
    assert {*OF_CONDITIONS, *OF_SIGNALS, *form_facts()["chosen"]} <= set(fields)
    text = page.content.decode()
    assert 'id="rule-facts"' in text
    assert "diagnostics/rule_form.js" in text
    assert 'href="?signal=latency_p95"' in text
    assert "shown_health" not in str(page.context["adminform"].fieldsets)
    begun = fields_of(admin.get(ADD, {"signal": "status_5xx"}))
    assert begun["environment"] == str(world.environment.pk)  # there is no other to choose
    assert (begun["condition"], begun["threshold"], begun["minimum_sample"]) == ("share", "5%", "20")


def test_a_copy_is_filled_in_switched_off_and_saved_by_hand(world, admin):
    world.rule.targets.set([world.target])
    answer = admin.get(address("clone", world.rule))
    assert answer.url == f"{ADD}?copy={world.rule.pk}"
    assert AlertRule.objects.filter(slug__startswith="own").count() == 1
    begun = fields_of(admin.get(answer.url))
    assert (begun["name"], begun["slug"], begun["threshold"]) == ("Own rule (copy)", "own-2", "10")
    assert "enabled" not in begun
    assert send(admin, answer.url).status_code == 302
    copy = AlertRule.objects.get(slug="own-2")
    assert (copy.enabled, copy.environment, list(copy.targets.all())) == (False, world.environment, [world.target])
    chosen = admin.post(LIST, {"action": "copy_chosen", "_selected_action": [world.rule.pk]})
    assert chosen.url == answer.url
    assert fields_of(admin.get(chosen.url))["slug"] == "own-3"


def test_muting_has_a_reason_an_end_and_an_undo(world, admin, manager):
    page = admin.get(address("mute", world.rule)).content.decode()
    assert all(f'value="{span}"' in page for span in SPANS)
    admin.post(address("mute", world.rule), {"span": "8h", "reason": "known <b>"})
    world.rule.refresh_from_db()
    assert is_muted(world.rule)
    assert timedelta(hours=7) < world.rule.muted_until - clock.now() <= timedelta(hours=8)
    event = AccessEvent.objects.get(action="rule.mute")
    assert (event.actor, event.detail["after"]["mute_reason"]) == (manager, "known <b>")
    for shown in (admin.get(address("change", world.rule)), admin.get(LIST), admin.get(address("mute", world.rule))):
        text = shown.content.decode()
        assert "known &lt;b&gt;" in text
        assert "known <b>" not in text
    admin.post(address("mute", world.rule), {"span": "none"})
    world.rule.refresh_from_db()
    assert (world.rule.muted_until, world.rule.mute_reason) == (None, "")
    assert AccessEvent.objects.filter(action="rule.unmute").count() == 1
    # Looking mutes nothing, nor does a span that is not offered.
    admin.get(address("mute", world.rule), {"span": "1h"})
    admin.post(address("mute", world.rule), {"span": "ever"})
    world.rule.refresh_from_db()
    assert world.rule.muted_until is None


def test_chosen_rules_are_muted_and_told_of_again(world, admin):
    chosen = list(AlertRule.objects.filter(environment=world.environment).values_list("pk", flat=True))
    admin.post(LIST, {"action": "mute_hour", "_selected_action": chosen})
    assert AlertRule.objects.filter(muted_until__gt=clock.now()).count() == len(chosen)
    admin.post(LIST, {"action": "unmute", "_selected_action": chosen})
    assert not AlertRule.objects.exclude(muted_until=None).exists()


def test_until_tomorrow_is_the_next_morning():
    now = clock.now().replace(hour=23, minute=30)
    end = end_of("tomorrow", now)
    assert (end.hour, end.minute, end.date()) == (8, 0, (now + timedelta(days=1)).date())


def test_muting_saves_nothing_else_of_the_rule(world, manager):
    stale = AlertRule.objects.get(pk=world.rule.pk)
    AlertRule.objects.filter(pk=world.rule.pk).update(threshold=99)
    mute_rule(manager, stale, clock.now() + timedelta(hours=1))
    world.rule.refresh_from_db()
    assert world.rule.threshold == 99


def test_changes_are_shown_and_put_back(world, admin, manager):
    send(admin, address("change", world.rule), threshold="123", name="<i>New</i>")
    page = admin.get(address("history", world.rule)).content.decode()
    assert "123" in page
    assert manager.get_username() in page
    assert "<i>New" not in page
    event = AccessEvent.objects.filter(action="rule.change").latest("pk")
    back = reverse("audit-revert", args=[event.pk])
    assert back in page
    admin.post(back, {"next": address("history", world.rule)})
    world.rule.refresh_from_db()
    assert (world.rule.threshold, world.rule.name) == (10, "Own rule")


def test_the_list_tells_how_rules_stand(world, admin):
    world.rule.states.create(series="a", state="firing", since=clock.now(), evaluated_at=clock.now())
    world.rule.states.create(series="b", state="firing", since=clock.now(), evaluated_at=clock.now())
    quiet = AlertRule.objects.create(environment=world.environment, slug="q", name="Quiet", signal="errors")
    quiet.states.create(series="a", state="pending", since=clock.now(), evaluated_at=clock.now())
    world.furnish()
    page = admin.get(LIST)
    text = page.content.decode()
    assert "Firing (2)" in text
    assert "Pending (1)" in text
    rows = {row.slug: row for row in page.context["cl"].result_list}
    assert (rows["own"].fired_this_week, rows["q"].fired_this_week, rows["q"].last_fired) == (1, 0, None)
    assert rows["own"].last_fired == world.incident.opened_at


def test_the_list_names_a_pattern_by_its_words_for_who_may_see_records(world, admin):
    AlertRule.objects.filter(environment=world.environment).exclude(pk=world.rule.pk).delete()
    root = make_template(world.environment, text="payment of <*> \u202efailed")
    joined = make_template(world.environment, text="older words", merged_into=root.template_id)
    for number, reference in enumerate((root.reference, joined.reference, "00000000000000ff", "no id")):
        AlertRule.objects.create(
            environment=world.environment, slug=f"p{number}", name=f"P{number}", signal="template_records",
            template=reference, threshold=5,
        )  # fmt: skip
    page = admin.get(LIST).content.decode()
    assert page.count("the pattern “payment of &lt;*&gt; [U+202E]failed” has at least 5 records") == 2
    assert "the pattern 00000000000000ff has" in page
    blind = make_person()
    assign_perm("manage_rules", blind, world.environment)
    page = sign_in(blind).get(LIST).content.decode()
    assert f"the pattern {root.reference} has at least 5 records" in page


def test_limits_of_a_condition_that_is_chosen_make_a_rule(world):
    for signal in AlertRule.Signal.values:
        for condition, offered in offers_of(signal).items():
            given = {**beginning_of(signal), **offer_of(signal, condition)}
            if signal == "matches":
                given["query"] = "boom"
            if signal == "template_records" and condition in ("below", "absence"):
                given["template"] = "0123456789abcdef"
            rule = AlertRule(environment=world.environment, slug="x", name="x", **given)
            assert find_problems(rule) == {}, (signal, condition)
            assert offered["condition"] == condition
    assert offers_of("errors")["share"]["threshold"] == "5%"
    assert offers_of("latency_p95")["threshold"]["threshold"] == "1500"


def test_targets_are_told_apart_by_their_environment(world, other, admin):
    person = make_person(world.environment, "developer")
    grant_role(person, other.environment, "developer")
    everybody = sign_in(person)
    new = everybody.get(ADD).content.decode()
    assert f"Inbox ({world.environment.name})" in new
    assert f"Inbox ({other.environment.name})" in new
    own = everybody.get(address("change", world.rule)).content.decode()
    assert f"Inbox ({world.environment.name})" in own
    assert f"Inbox ({other.environment.name})" not in own


def test_targets_are_boxes_that_say_of_which_environment_they_are(world, other, admin, superuser):
    boxes = [
        box for box in read(superuser.get(ADD)).all("input", type="checkbox") if box.attributes["name"] == "targets"
    ]
    assert {box.attributes["data-environment"] for box in boxes} == {
        str(world.environment.pk),
        str(other.environment.pk),
    }
    page = read(superuser.get(address("change", world.rule)))
    boxes = [box for box in page.all("input", type="checkbox") if box.attributes["name"] == "targets"]
    assert {box.attributes["data-environment"] for box in boxes} == {str(world.environment.pk)}
