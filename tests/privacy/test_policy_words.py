"""The words of a policy: read, refused with the line and the way out, previewed without a trace, audited, believed soon."""

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ValidationError
from django.urls import reverse

from alerts.delivery.own_patterns import hide_own
from alerts.delivery.preview import preview_message
from alerts.delivery.render import render_alert
from diagnostics.ingest import keys as ingest_keys
from diagnostics.models import AccessEvent, LogRecord, RestrictedFields
from diagnostics.pipeline.policy import Ending
from diagnostics.privacy.endings import read_endings
from diagnostics.privacy.policies import build_policy, compile_policy, lines_of, policy_of, read_keys, read_patterns
from diagnostics.storage.restricted import unseal
from tests.admin.forms import errors_of, send
from tests.factories import send_json
from tests.people import client_with, make_person
from tests.privacy.dump import tables_with
from tests.world import make_record, make_world


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("keep user.plan", "begin with one of allow, mask, pseudonymise, restrict, drop"),
        ("mask", "name one attribute"),
        ("mask two words", "without blanks"),
        ("mask *", "needs letters"),
        ("mask *a*b*c*d*", "at most 4 stars"),
        ("mask " + "x" * 201, "at most 200 characters"),
        ("allow user.id", "always becomes a pseudonym"),
        ("mask client.address", "always becomes a pseudonym"),
        pytest.param("\n".join(["mask x"] * 201), "at most 200", id="too many lines"),
    ],
)
def test_lines_of_attributes_that_are_refused(line, said):
    with pytest.raises(ValidationError, match=said):
        read_keys(line)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("staff", "name: pattern"),
        ("Staff: x", "small letters"),
        ("email: x", "a marker of ours"),
        ("staff: (", "not a pattern that RE2 knows"),
        (r"staff: (a)\1", "back-references"),
        ("staff: (?=a)b", "look-around"),
        ("staff: x*", "empty text"),
        ("staff: " + "x" * 501, "500 characters"),
        ("staff: ((x{9}){9}){9}.{900}", "too large"),
        ("staff: [a-z]+", "its own marker"),
        (r"staff: \d", "too broad"),
        ("staff: [a-z ]{20,}", "too broad"),
        ("staff: EMP-\nstaff: FOO-", "two patterns called staff"),
    ],
)
def test_patterns_that_are_refused(line, said):
    with pytest.raises(ValidationError, match=said):
        read_patterns(line)


def test_blank_lines_remarks_and_colons():
    policy = build_policy(
        (), "# ours\n\n restrict: invoice.to \nDROP internal.*", "staff: \\bEMP-\\d{6}\\b", "", False, False
    )
    assert [(rule.action.value, rule.name) for rule in policy.keys] == [
        ("restrict", "invoice.to"),
        ("drop", "internal.*"),
    ]
    assert policy.patterns[0].pattern == r"\bEMP-\d{6}\b"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("user:jane", "line 1: user: cannot be asked here"),
        ("paid -not", "line 1: -not: say what ends a journey"),
        ("event:paid -service:shop", "line 1: service: attributes, beginnings and what is left out"),
        ("event:paid @order:42", "line 1: order: attributes, beginnings"),
        ("paid\nx\na OR b", "line 3: OR: write each of them in a line of its own"),
        ("service:shop", "line 1: every record of the service would end"),
        ('"open', "line 1: a quotation mark is not closed"),
        ("colour:red", "line 1: there is no field 'colour'"),
        ("\n".join(["paid"] * 11), "11 lines; at most 10"),
    ],
)
def test_endings_that_are_refused(line, said):
    with pytest.raises(ValidationError, match=said):
        read_endings(lines_of(line))


def test_endings_are_lines_of_the_query_language():
    text = 'event:order.placed\n# ours\nroute:"POST /pay" service:shop\n"Confirmation Sent" mail'
    endings = build_policy((), "", "", "", False, False, text).endings
    assert endings.lines == (
        Ending(event="order.placed"),
        Ending(route="POST /pay", service="shop"),
        Ending(words=("confirmation sent", "mail")),
    )
    assert build_policy((), "", "", "", False, False, "").endings is None


@pytest.fixture
def world(db):
    return make_world("policy-one")


@pytest.fixture
def admin(world):
    return client_with(world.environment, "environment-admin")


def change(world, client, **words):
    return send(
        client, reverse("admin:diagnostics_privacypolicy_change", args=[world.environment.privacy_policy.pk]), **words
    )


def test_an_environment_has_a_policy_that_changes_nothing(world):
    assert compile_policy(world.environment.privacy_policy).is_default
    assert policy_of(world.environment) is None


def test_a_change_is_saved_audited_and_compiled_once(world, admin):
    answer = change(world, admin, keys="restrict invoice.*", detectors_off=["phone"], sample="jane@example.com")
    assert answer.status_code == 302
    policy = policy_of(world.environment)
    assert policy.off == {"phone"}
    assert policy_of(world.environment) is policy
    event = AccessEvent.objects.filter(action="policy.change").get()
    assert event.detail["after"]["keys"] == "restrict invoice.*"
    assert event.environment == world.environment
    assert tables_with("jane@example.com") == []


def test_what_is_wrong_is_said_at_its_field(world, admin):
    answer = change(world, admin, keys="keep x", patterns="staff: x*", journey_ends="status:200")
    assert set(errors_of(answer)) == {"keys", "patterns", "journey_ends"}
    assert policy_of(world.environment) is None


def preview(world, client, **words):
    row = world.environment.privacy_policy
    fields = {"keys": "", "patterns": "", "journey": "", "journey_minutes": "30", "sample": "", **words}
    return client.post(reverse("admin:diagnostics_privacypolicy_preview", args=[row.pk]), fields).content.decode()


def test_the_preview_shows_before_and_after_and_keeps_nothing(world, admin, caplog):
    make_record(world.environment, body="by EMP-123456", attributes={"form.a": "seen"}, has_restricted=False)
    page = preview(
        world, admin, patterns=r"staff: \bEMP-\d{6}\b", keys="mask form.*\nrestrict invoice",
        sample='mail pasted@example.com EMP-999999\n{"message": "m", "invoice": "Jane", "form.b": 1}',
    )  # fmt: skip
    assert "mail [email] [staff]" in page
    assert "by [staff]" in page
    assert "[masked]" in page
    assert "encrypted: invoice" in page
    assert tables_with("pasted@example.com") == []
    assert "pasted@example.com" not in caplog.text
    assert policy_of(world.environment) is None


def test_the_preview_says_what_is_wrong_and_when_nothing_would_change(world, admin):
    assert "begin with one of" in preview(world, admin, keys="keep x")
    assert "would be different" in preview(world, admin)


def test_a_neighbour_finds_no_preview(world):
    other = make_world("policy-two")
    neighbour = client_with(other.environment, "environment-admin")
    address = reverse("admin:diagnostics_privacypolicy_preview", args=[world.environment.privacy_policy.pk])
    assert neighbour.post(address, {}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_records_obey_from_the_door_to_the_restricted_table(transactional_db):
    world, other = make_world("policy-one"), make_world("policy-two")
    row = world.environment.privacy_policy
    row.keys, row.patterns = "restrict invoice.*\ndrop internal", r"staff: \bEMP-\d{6}\b"
    row.save()
    ingest_keys.CACHE.clear()
    body = {"message": "by EMP-123456", "invoice.to": "Jane Doe", "internal": "gone"}
    for each in (world, other):
        async_to_sync(send_json)(each.key_text, body)
    mine = LogRecord.objects.get(environment_id=world.environment.pk, body__startswith="by")
    assert (mine.body, mine.attributes, mine.has_restricted) == ("by [staff]", {}, True)
    sealed = RestrictedFields.objects.get(environment_id=world.environment.pk, pk=mine.pk)
    assert unseal(sealed.ciphertext, world.environment.pk) == {"invoice.to": "Jane Doe"}
    theirs = LogRecord.objects.get(environment_id=other.environment.pk, body__startswith="by")
    assert theirs.body == "by EMP-123456"
    assert theirs.attributes == {"invoice.to": "Jane Doe", "internal": "gone"}


def test_what_leaves_obeys_patterns_that_are_younger_than_what_it_quotes(world):
    row = world.environment.privacy_policy
    row.patterns, row.detectors_off = r"staff: \bEMP-\d{6}\b", ["email"]
    row.save()
    incident = world.incident
    incident.title = "EMP-123456 cannot pay as jane@example.com"
    incident.context = {"messages": [{"text": "by EMP-654321", "count": 2}]}
    incident.save()
    world.notification.refresh_from_db()
    alert = hide_own(render_alert(world.notification), world.environment)
    assert alert.title == "[staff] cannot pay as [email]"
    assert alert.messages == (("by [staff]", 2),)
    shown = preview_message(world.target, make_person(is_superuser=True))[1]
    assert "EMP-" not in shown
