"""Values of the wrong shape in a document: each is refused with its field, what is allowed and the way out; nothing is stored."""

import pytest
from django.db import models

from alerts.as_code.export import POLICY_FIELDS, RULE_FIELDS, TARGET_FIELDS, export_text
from alerts.as_code.shapes import JSON_SHAPES
from alerts.models import Target
from diagnostics.models import PrivacyPolicy
from tests.api.test_config import post

pytestmark = pytest.mark.django_db
RULE = "rules:\n- {slug: a, name: A, signal: errors, "
WRONG = [
    ("shared_fields: 5", "shared_fields: a list is needed"),
    ("shared_fields: summary", "use summary, rule, service"),
    ("shared_fields: {summary: true}", "shared_fields: a list is needed"),
    ("shared_fields: [summary, 5]", "shared_fields: 5 is none of its names"),
    ("shared_fields: [[summary]]", "shared_fields: ['summary'] is none of its names"),
    ("shared_fields: [secrets]", "shared_fields: secrets is none of its names"),
    ("shared_fields: null", "shared_fields: a value is needed; leave the line out"),
    ("config: 5", "config: a mapping of names to texts is needed"),
    ("config: [a]", "config: a mapping of names to texts is needed"),
    ("config: null", "config: a value is needed"),
    ("config: {recipients: [1]}", "config: recipients: one text is needed; put it in quotes"),
    ("config: {recipients: {a: b}}", "config: recipients: one text is needed"),
    ("config: {recipients: null}", "config: recipients: one text is needed"),
    ("config: {5: a}", "config: 5: one text is needed"),
    (f"config: {{other: {'x' * 2001}}}", "config: other: at most 2000 characters"),
    ("fallback: [x]", "fallback: the name of one target is needed"),
    ("fallback: {x: y}", "fallback: the name of one target is needed"),
    ("hours_begin: 5", 'hours_begin: write the time in quotes, such as "08:30"'),
    ("hours_begin: 8:30", "hours_begin: write the time in quotes"),
    ("hours_begin: 2026-01-01", "hours_begin: one value is needed"),
    ("hours_days: null", "hours_days: a value is needed"),
    ("hours_zone: {a: b}", "hours_zone: one value is needed"),
    ("enabled: null", "enabled: a value is needed"),
    ("hourly_budget: 1.5", "hourly_budget: a whole number is needed"),
    ("hourly_budget: .inf", "hourly_budget: a whole number is needed"),
    ("kind: !!binary YQ==", "kind: one value is needed"),
    ('hours_days: "mon\\0"', "NUL"),
]


@pytest.fixture
def address(world):
    return f"/api/v1/environments/{world.slug}/config"


@pytest.mark.parametrize(("line", "words"), WRONG, ids=[line[:40] for line, _ in WRONG])
def test_targets(world, address, admin, line, words):
    kind = "" if line.startswith("kind") else "kind: inbox, "
    check(world, admin, address, "targets:\n- {name: New, kind: inbox}\n- {name: X, " + kind + line + "}", words)
    assert not Target.objects.filter(name__in=("New", "X")).exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("targets: [[a]]", "targets: a list is needed, of targets' names"),
        ("targets: [{a: b}]", "targets: a list is needed, of targets' names"),
        ("targets: null", "targets: a list is needed"),
        ("query: null", "query: a value is needed"),
        ("window_minutes: 2.5", "window_minutes: a whole number is needed"),
        ("threshold: 1" + "0" * 400, "threshold: this value cannot be read"),
        ("threshold: null", "threshold: a value is needed"),
        ("service_name: 2026-01-01", "service_name: one value is needed; put a text in quotes"),
    ],
)
def test_rules(world, address, admin, line, words):
    check(world, admin, address, f"{RULE}{line}}}", words)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("detectors_off: {a: b}", "detectors_off: a list is needed, such as [email]; use email, phone"),
        ('detectors_off: "email"', "detectors_off: a list is needed"),
        ("detectors_off: [password]", "detectors_off: password is none of its names; use email"),
        ("detectors_off: [5]", "detectors_off: 5 is none of its names"),
        ("detectors_off: null", "detectors_off: a value is needed"),
        ("keys: null", "keys: a value is needed"),
        ("keys: [drop x]", "keys: one value is needed"),
        ("journey: {a: b}", "journey: one value is needed"),
    ],
)
def test_policies(world, address, admin, line, words):
    check(world, admin, address, f"policy: {{{line}}}", words)
    assert PrivacyPolicy.objects.filter(environment=world.environment).exclude(detectors_off=[]).count() == 0


def check(world, admin, address, text, words):
    before = export_text(world.environment)
    answer = post(admin, address, text)
    assert answer.status_code == 400
    assert words in answer.json()["document"][0]
    assert export_text(world.environment) == before


def test_what_forms_allow_is_taken(world, address, admin):
    text = "targets:\n- {name: X, kind: inbox, shared_fields: [], hours_begin: '08:30', hours_end: '17:00', hourly_budget: null}\n"
    text += "- {name: Y, kind: inbox, shared_fields: [summary, links], fallback: X}\npolicy: {detectors_off: [phone, email]}\n"
    assert post(admin, address, text).status_code == 200
    assert [row.shared_fields for row in Target.objects.filter(name__in="XY").order_by("name")] == [
        [],
        ["summary", "links"],
    ]
    assert post(admin, address, export_text(world.environment)).json()["changes"] == []


def test_every_json_field_of_a_document_has_a_shape():
    fields = [*TARGET_FIELDS.values(), *RULE_FIELDS.values(), *POLICY_FIELDS.values()]
    names = {f"{field.model._meta.model_name}.{field.name}" for field in fields if isinstance(field, models.JSONField)}
    assert names == set(JSON_SHAPES)
