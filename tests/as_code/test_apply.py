"""Targets, rules, monitors and policy as a document: what goes out comes in unchanged, what is wrong is named, nothing is done by halves."""

import pytest
import yaml
from django.core.management import CommandError, call_command

from alerts.as_code.apply import apply_document
from alerts.as_code.document import MOST_BYTES, DocumentError, read_document
from alerts.as_code.export import export_text
from alerts.as_code.tell import tell_steps
from alerts.models import AlertRule, Incident, Monitor, RuleState, Target
from alerts.targets import read_secrets, write_secrets
from diagnostics.core import clock
from diagnostics.detection.templates.ids import write_id
from diagnostics.environments import create_environment
from diagnostics.models import AccessEvent, PrivacyPolicy
from tests.world import make_world

pytestmark = pytest.mark.django_db
ALL = """
version: 1
targets:
- {name: Inbox, kind: inbox}
- name: hook
  kind: webhook
  minimum_severity: error
  fallback: Inbox
  answer_minutes: 15
  escalation: Inbox
  hours_begin: "08:30"
  hours_end: "17:00"
  secrets: {url: {env: HOOK_URL}, signing_key: {env: HOOK_SECRET}}
rules:
- slug: too-many
  name: Too many errors
  signal: errors
  threshold: 25
  window_minutes: 10
  severity: critical
  targets: [hook]
monitors:
- {slug: nightly, schedule: 0 2 * * *, zone: Europe/Berlin, grace_minutes: 30}
policy:
  journey: order.id
"""
URL = "https://hooks.example.com/very-secret-path"
KEY = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def shop(monkeypatch):
    monkeypatch.setenv("HOOK_SECRET", KEY)
    monkeypatch.setenv("HOOK_URL", URL)
    return create_environment("as-code")


def apply(environment, text, **options):
    return tell_steps(apply_document(None, environment, read_document(text), trusted=True, **options))


def test_a_document_makes_what_it_says_and_the_second_time_nothing(shop):
    said = apply(shop, ALL)
    hook = Target.objects.get(environment=shop, name="hook")
    assert (hook.fallback.name, hook.minimum_severity, hook.hours_begin.isoformat()) == ("Inbox", "error", "08:30:00")
    assert (hook.answer_minutes, hook.escalation.name) == (15, "Inbox")
    assert read_secrets(hook) == {"signing_key": KEY, "url": URL}
    rule = AlertRule.objects.get(environment=shop, slug="too-many")
    assert (rule.threshold, rule.window_minutes, rule.enabled, list(rule.targets.all())) == (25.0, 10, True, [hook])
    nightly = Monitor.objects.get(environment=shop, slug="nightly")
    assert (nightly.name, nightly.schedule, nightly.grace_minutes) == ("nightly", "0 2 * * *", 30)
    assert PrivacyPolicy.objects.get(environment=shop).journey == "order.id"
    assert {"+ target hook", "+ rule too-many", "+ monitor nightly", "~ policy as-code"} <= set(said)
    assert KEY not in "\n".join(said)
    assert apply(shop, ALL) == []


def test_what_is_exported_is_applied_elsewhere_to_the_same(shop, monkeypatch):
    apply(shop, ALL)
    text = export_text(shop)
    assert KEY not in text
    assert URL not in text
    assert apply(shop, text) == []
    twin = create_environment("as-code-twin")
    document = {**yaml.safe_load(text), "environment": twin.slug}
    for target in document["targets"]:
        if "secrets" in target:
            target["secrets"] = {"signing_key": {"env": "HOOK_SECRET"}, "url": {"env": "HOOK_URL"}}
    apply(twin, yaml.safe_dump(document))
    assert yaml.safe_load(export_text(twin)) == {**yaml.safe_load(text), "environment": twin.slug}


def test_every_field_that_people_set_survives_the_way_out_and_in(shop):
    for rule in AlertRule.objects.filter(environment=shop):
        rule.for_seconds, rule.runbook_url, rule.recover_threshold = 30, "https://wiki.example.com/x", rule.threshold
        rule.save()
    before = list(AlertRule.objects.filter(environment=shop).order_by("slug").values())
    assert apply(shop, export_text(shop)) == []
    assert list(AlertRule.objects.filter(environment=shop).order_by("slug").values()) == before


PATTERNS = [
    {"signal": "template_records", "template": write_id(0o17), "threshold": 40.0, "condition": "threshold"},
    {"signal": "template_records", "level": "warn", "condition": "baseline", "threshold": 0.6},
    {
        "signal": "template_records",
        "template": write_id(0x1234567890123456),
        "condition": "absence",
        "window_minutes": 30,
    },
    {"signal": "new_templates", "level": "error", "condition": "first_seen", "except_services": "a, b"},
    {"signal": "matches", "query": 'say "yes: no" -null level:error', "pattern": r"^order \d+ (?:#|:) {}\s$"},
]


@pytest.mark.parametrize("fields", PATTERNS, ids=lambda fields: f"{fields['signal']}-{fields.get('condition', '')}")
def test_rules_of_patterns_come_in_as_they_went_out(shop, fields, tmp_path, capsys):
    rule = AlertRule(environment=shop, slug="words", name="Words", **fields)
    rule.full_clean()
    rule.save()
    file = tmp_path / "rules.yaml"
    call_command("rules", "export", shop.slug, "--output", str(file))
    call_command("rules", "apply", shop.slug, str(file), "--dry-run")
    assert "Nothing to change" in capsys.readouterr().out
    before = {name: getattr(rule, name) for name in fields}
    rule.delete()
    call_command("rules", "apply", shop.slug, str(file))
    made = AlertRule.objects.get(environment=shop, slug="words")
    assert {name: getattr(made, name) for name in fields} == before
    assert apply(shop, export_text(shop)) == []


def test_a_dry_run_says_the_same_and_changes_nothing(shop):
    events = AccessEvent.objects.count()
    would = apply(shop, ALL, dry_run=True)
    assert not Target.objects.filter(environment=shop, name="hook").exists()
    assert AccessEvent.objects.count() == events
    assert would == apply(shop, ALL)


def test_changes_are_shown_field_by_field_and_written_down(shop):
    apply(shop, ALL)
    said = apply(shop, ALL.replace("threshold: 25", "threshold: 30"))
    assert said == ["~ rule too-many", "    threshold: 25.0 -> 30.0"]
    event = AccessEvent.objects.filter(action="rule.change").latest("id")
    assert (event.actor_name, event.detail["after"]["threshold"]) == ("system", 30.0)


def test_a_secret_that_changes_is_told_and_not_shown(shop, monkeypatch):
    apply(shop, ALL)
    other = KEY[:-4] + "AAAA"
    monkeypatch.setenv("HOOK_SECRET", other)
    said = apply(shop, ALL)
    assert said[0] == "~ target hook"
    assert KEY not in str(said)
    assert other not in str(said)
    assert read_secrets(Target.objects.get(environment=shop, name="hook"))["signing_key"] == other


def test_what_is_not_named_stays_unless_it_is_pruned(shop):
    apply(shop, ALL)
    less = "rules:\n- {slug: other, name: Other, signal: fatals}\n"
    apply(shop, less)
    assert AlertRule.objects.filter(environment=shop, slug="too-many").exists()
    said = apply(shop, less, prune=True)
    assert "- rule too-many" in said
    assert Target.objects.filter(environment=shop, name="hook").exists()  # the document says nothing of targets
    rules = AlertRule.objects.filter(environment=shop)
    assert {rule.slug for rule in rules if rule.enabled} == {"other"}
    assert rules.filter(builtin=True).exists()  # switched off: they would come back


def test_a_monitor_that_changes_keeps_how_it_stands(shop):
    apply(shop, ALL)
    Monitor.objects.filter(environment=shop).update(paused=True, last_outcome="failed", failures=3)
    said = apply(shop, ALL.replace("grace_minutes: 30", "grace_minutes: 45"))
    assert said == ["~ monitor nightly", "    grace_minutes: 30 -> 45"]
    nightly = Monitor.objects.get(environment=shop)
    assert (nightly.grace_minutes, nightly.paused, nightly.last_outcome, nightly.failures) == (45, True, "failed", 3)
    assert apply(shop, "monitors: []", prune=True) == ["- monitor nightly"]
    assert not Monitor.objects.filter(environment=shop).exists()


def test_the_last_target_of_a_rule_is_not_pruned(shop):
    apply(shop, ALL)
    less = "targets:\n- {name: Inbox, kind: inbox}\n"
    with pytest.raises(DocumentError) as said:
        apply(shop, less, prune=True)
    assert str(said.value) == (
        "targets: hook cannot be deleted. The rule 'Too many errors' names no other target and would tell all of the environment: "
        "name another target in it first, or none."
    )
    assert Target.objects.filter(environment=shop, name="hook").exists()
    AlertRule.objects.get(environment=shop, slug="too-many").targets.add(
        Target.objects.get(environment=shop, name="Inbox")
    )
    assert "- target hook" in apply(shop, less, prune=True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "a mapping is needed"),
        ("- a", "a mapping is needed"),
        ("rules: 5", "rules: a list of mappings"),
        ("rulez: []", "rulez: unknown"),
        ("version: 2", "version: only 1"),
        ("a: [", "line 2"),
        ("a: &x [1]\nb: *x", "aliases"),
        ("rules:\n- {name: x}", "rules, number 1: slug is needed"),
        ("rules:\n- {slug: a, name: A, signal: errors}\n- {slug: a, name: A, signal: errors}", "a stands there twice"),
        ("rules:\n- {slug: a, name: A, signal: errors, treshold: 5}", "did you mean threshold?"),
        ("rules:\n- {slug: a, name: A, signal: errors, threshold: many}", "rules, a: threshold"),
        ("rules:\n- {slug: a, name: A, signal: errors, threshold: yes}", "rules, a: threshold"),
        ("rules:\n- {slug: a, name: A, signal: noise}", "rules, a: signal"),
        ("rules:\n- {slug: a, name: A, signal: errors, enabled: 1}", "true or false"),
        ("rules:\n- {slug: a, name: A, signal: latency_p95, condition: share}", "no share of anything"),
        ("rules:\n- {slug: a, name: A, signal: errors, targets: [nobody]}", "there is no target nobody"),
        ("rules:\n- {slug: a, name: A, signal: errors, targets: nobody}", "a list is needed"),
        ("targets:\n- {name: x, kind: pigeon}", "targets, x: There is no kind"),
        ("targets:\n- {name: x, kind: inbox, fallback: y}", "there is no target y"),
        ("targets:\n- {name: Inbox, kind: webhook}", "kind cannot be changed"),
        ("targets:\n- {name: x, kind: webhook, secrets: {signing_key: hunter2}}", "does not belong here"),
        ("targets:\n- {name: x, kind: webhook, secrets: {signing_key: keep}}", "none to keep"),
        ("targets:\n- {name: x, kind: webhook, secrets: {signing_key: {env: NOT_SET}}}", "NOT_SET is empty"),
        ("targets:\n- {name: x, kind: webhook, secrets: {signing_key: {file: /nowhere}}}", "cannot read the file"),
        ("targets:\n- {name: x, kind: inbox, answer_minutes: 5, escalation: x}", "Leave it empty"),
        ("monitors:\n- {slug: m, schedule: sometimes}", "monitors, m: schedule"),
        ("monitors:\n- {slug: m m, schedule: 1h}", "monitors, m m: slug"),
        ("monitors:\n- {slug: m, schedule: 1h, paused: true}", "paused is not a field"),
        ("monitors:\n- {slug: m, schedule: 1h}\n- {slug: n, schedule: 1h, severity: loud}", "monitors, n: severity"),
        ("policy: [1]", "policy: a mapping"),
        ("policy: {keys: 'burn everything'}", "policy: "),
        ("policy: {patterns: 'x: ['}", "policy: "),
        ("environment: elsewhere", "this is the document of elsewhere"),
        ("a: " + "[" * 1_000_000, "line 1: nested more than 50 deep"),
        ("- " * 500_000, "line 1: nested more than 50 deep"),
        ("a: " + "{a: " * 51 + "}" * 51, "nested more than 50 deep"),
        ("".join(" " * deep + "a:\n" for deep in range(60)), "line 51: nested more than 50 deep"),
        ("a: [" + "x," * 200_000 + "]", "more than 120,000 values"),
        ("a: " + "1:" * 500_000 + "1", "a number with so many colons"),
        ("a: !!int '" + "1:" * 500_000 + "1'", "a number with so many colons"),
        ("{" + ",".join(f"{hex(step * (2**61 - 1))}: 1" for step in range(1, 30_000)) + "}", "a number of so many digits is no name"),
        ("a:\n- <<: {b: 1}", "line 2: merging (<<) is not understood"),
        ("#" * (MOST_BYTES + 1), "more than"),
    ],
    ids=lambda text: text[:60],
)  # fmt: skip
def test_what_is_wrong_is_named_and_nothing_is_done(shop, text, words):
    before = export_text(shop)
    with pytest.raises(DocumentError) as caught:
        apply(shop, text)
    assert words in str(caught.value)
    assert export_text(shop) == before


def test_half_a_document_is_not_applied(shop):
    good_then_bad = ALL + "\n- x"
    with pytest.raises(DocumentError):
        apply(shop, good_then_bad)
    bad_rule = ALL.replace("signal: errors", "signal: noise")
    with pytest.raises(DocumentError):
        apply(shop, bad_rule)
    assert not Target.objects.filter(environment=shop, name="hook").exists()


def test_a_secret_in_a_file(shop, tmp_path):
    (tmp_path / "secret").write_text(KEY + "\n")
    apply(shop, ALL.replace("{env: HOOK_SECRET}", f"{{file: {tmp_path}/secret}}"))
    assert read_secrets(Target.objects.get(environment=shop, name="hook"))["signing_key"] == KEY


def test_a_rule_that_is_switched_off_by_a_document_resolves_what_it_opened():
    world = make_world("as-code-firing")
    RuleState.objects.create(
        rule=world.rule,
        series="shop",
        state="firing",
        since=clock.now(),
        evaluated_at=clock.now(),
        incident=world.incident,
    )
    apply(world.environment, "rules:\n- {slug: own, name: Own rule, signal: errors, enabled: false}")
    assert not Incident.objects.get(pk=world.incident.pk).is_open


def test_the_command_tells_and_does(shop, tmp_path, capsys):
    file = tmp_path / "rules.yaml"
    file.write_text(ALL)
    call_command("rules", "apply", "as-code", str(file), "--dry-run")
    assert "would change." in capsys.readouterr().out
    call_command("rules", "apply", "as-code", str(file))
    assert "+ rule too-many" in capsys.readouterr().out
    call_command("rules", "apply", "as-code", str(file))
    assert "Nothing to change." in capsys.readouterr().out
    call_command("rules", "export", "as-code", "--output", str(tmp_path / "out.yaml"))
    assert yaml.safe_load((tmp_path / "out.yaml").read_text())["environment"] == "as-code"
    with pytest.raises(CommandError, match="no environment 'nowhere'"):
        call_command("rules", "export", "nowhere")
    file.write_text("rules: 5")
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rules", "apply", "as-code", str(file))


def test_keeping_a_secret(shop):
    hook = Target(environment=shop, name="hook", kind="webhook")
    write_secrets(hook, {"signing_key": KEY, "url": URL})
    hook.save()
    text = export_text(shop, ["targets"])
    assert "signing_key: keep" in text
    assert apply(shop, text) == []


def test_a_target_that_asks_for_no_answer_any_more_leads_nowhere(shop):
    apply(shop, ALL)
    said = apply(
        shop, ALL.replace("  answer_minutes: 15\n  escalation: Inbox\n", "").replace("  fallback: Inbox\n", "")
    )
    hook = Target.objects.get(environment=shop, name="hook")
    assert (hook.answer_minutes, hook.escalation, hook.fallback) == (None, None, None)
    assert [line.strip() for line in said] == [
        "~ target hook", "answer_minutes: 15 -> none", "fallback: Inbox -> none", "escalation: Inbox -> none",
    ]  # fmt: skip
