"""A rule takes no private words: they would stand in the audit trail for good. Those of before stay until they change."""

import pytest
from django.core.exceptions import ValidationError

from alerts.as_code.apply import apply_document
from alerts.as_code.document import DocumentError, read_document
from alerts.models import AlertRule
from alerts.models.private import plain_words
from diagnostics.models import AccessEvent
from tests.admin.forms import errors_of, fields_of, send
from tests.api.calling import caller_with
from tests.people import client_with
from tests.world import make_world

pytestmark = pytest.mark.django_db
PRIVATE = {"query": "jane.doe@example.com", "pattern": "(?i)password=(hunter22zz|x)"}


def make(environment, **fields):
    return AlertRule(environment=environment, slug="r", name="R", signal="matches", threshold=3, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"query": "jane.doe@example.com"},
        {"query": "payment -jane.doe@example.com"},
        {"query": '"password=hunter22zz" level:error'},
        {"query": "logger:jane.doe@example.com"},
        {"query": "payment @note:jane.doe@example.com"},
        {"query": "@password:hunter22zz level:error"},
        {"query": "timeout OR -jane.doe@example.com"},
        {"pattern": r"jane\.doe@example\.com"},
        {"pattern": r"\QJane@example.com\E failed"},
        {"pattern": r"pass(?:word)?=hunter22zz"},
        {"pattern": r"from 93\.184\.216\.34"},
    ],
)
def test_private_words_are_refused_with_the_way_out(environment, fields):
    with pytest.raises(ValidationError) as refused:
        make(environment, **fields).full_clean()
    assert "such as [email]" in refused.value.message_dict[next(iter(fields))][0]


@pytest.mark.parametrize(
    "fields",
    [
        {"query": "[email] is refused password=[password] level:error"},
        {"pattern": r"password=\S+"},
        {"pattern": r"token=[A-Za-z0-9]{8,} for \[email\]"},
        {"pattern": r"(?i)timeout.*order \d{16}"},
        {"pattern": r"[^@]+@example\.com"},
    ],
)
def test_words_about_what_is_private_are_not(environment, fields):
    make(environment, **fields).full_clean()


def test_what_is_no_text_of_a_pattern_is_left_out():
    assert plain_words(r"^a(?:b|c)?\.d{2}\w+[^]x\]]*.*\b$") == "ab\nc.d<*><*><*>"


def test_what_stands_in_a_rule_already_stays_until_it_is_changed(environment):
    rule = make(environment, **PRIVATE)
    rule.save()
    rule.threshold = 7
    rule.full_clean()
    rule.query = "joe.doe@example.com"
    with pytest.raises(ValidationError) as refused:
        rule.full_clean()
    assert list(refused.value.message_dict) == ["query"]


@pytest.mark.parametrize("field", PRIVATE)
def test_api_admin_and_files_refuse_them_and_the_trail_knows_none(field):
    world = make_world("shop-one")
    fields = {"slug": "r", "name": "R", "signal": "matches", "threshold": 3, field: PRIVATE[field]}
    answer = caller_with(world.environment, "developer").post(
        "/api/v1/rules", {**fields, "environment": world.slug, "condition": "threshold"}
    )
    assert (answer.status_code, "something private" in answer.json()[field][0]) == (400, True)
    client, address = client_with(world.environment, "developer"), f"/admin/alerts/alertrule/{world.rule.pk}/change/"
    values = {**fields_of(client.get(address)), "signal": "matches", "threshold": "3", field: PRIVATE[field]}
    assert "something private" in errors_of(send(client, address, **values))[field][0]
    lines = "".join(f", {name}: {value!r}" for name, value in fields.items())
    with pytest.raises(DocumentError, match=f"{field}: This holds something private"):
        apply_document(None, world.environment, read_document(f"version: 1\nrules:\n- {{{lines[2:]}}}\n"), trusted=True)
    assert not AlertRule.objects.filter(**{field: PRIVATE[field]}).exists()
    assert not [event for event in AccessEvent.objects.all() if PRIVATE[field] in str(event.detail)]
