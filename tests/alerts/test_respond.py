"""What comes in from receivers and out of mails: proven, within its time, once, and about this target's incidents alone."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.urls import reverse

from alerts.delivery.one_time import SALT, link_of
from alerts.delivery.run import deliver_due
from alerts.incidents.people import reopen_incident
from alerts.incidents.transitions import resolve_incident
from alerts.integrations.opsgenie.inbound import read_moment
from alerts.models import Handled, Incident, Notification, Target
from alerts.targets import write_secrets
from tests.factories import make_environment, make_user

SECRET = "a secret of at least 24 characters"
FIELDS = {"pagerduty": "webhook_secret", "opsgenie": "webhook_token", "jsm": "webhook_token", "slack": "signing_secret"}


@pytest.fixture
def told_target(environment, make_incident, standing):
    """(target, incident) of a kind: the target was told of the incident."""

    def make(kind, **config):
        target = Target(environment=environment, name="Pager", kind=kind, config=config)
        write_secrets(target, {FIELDS.get(kind, "url"): SECRET})
        target.save()
        return target, make_incident()

    return make


class Vendor:
    """Plays each receiver: builds what it would send, signed as it signs."""

    def __init__(self, kind, target, incident, standing):
        self.kind, self.target, self.incident, self.standing = kind, target, incident, standing
        self.key = f"{incident.dedup_key}-{incident.pk}"
        self.secret, self.event, self.stamp = SECRET, "01-EVENT", int(standing.now.timestamp())
        self.agent = "user_reference"

    def build(self, act):
        if self.kind == "pagerduty":
            event = {
                "id": self.event, "event_type": {"acknowledge": "incident.acknowledged", "resolve": "incident.resolved"}[act],
                "resource_type": "incident", "occurred_at": self.standing.now.isoformat(),
                "agent": {"type": self.agent, "summary": "Ann Other"},
                "data": {"id": "Q1", "type": "incident", "incident_key": self.key, "status": act},
            }  # fmt: skip
            body = json.dumps({"event": event}).encode()
            signature = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
            return body, {"x-pagerduty-signature": f"v1=00,v1={signature}"}, "application/json"
        if self.kind == "slack":
            payload = {"type": "block_actions", "user": {"id": "U1", "name": "Ann Other"},
                       "actions": [{"action_id": act, "value": str(self.incident.pk)}]}  # fmt: skip
            body = urlencode({"payload": json.dumps(payload)}).encode()
            signed = f"v0:{self.stamp}:".encode() + body
            signature = "v0=" + hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
            headers = {"x-slack-request-timestamp": str(self.stamp), "x-slack-signature": signature}
            return body, headers, "application/x-www-form-urlencoded"
        action = {"acknowledge": "Acknowledge", "resolve": "Close"}[act]
        body = json.dumps(
            {
                "action": action,
                "n": self.event,
                "alert": {"alias": self.key, "username": "Ann Other", "updatedAt": self.updated_at()},
            }
        ).encode()
        return body, {"authorization": f"Bearer {self.secret}"}, "application/json"

    def updated_at(self):
        """In nanoseconds, as its webhooks have it."""
        return int(self.standing.now.timestamp() * 1_000_000_000)

    def post(self, client, act="acknowledge", body=None, drop=(), pk=None, kind=None):
        built, headers, content_type = self.build(act)
        address = reverse("respond-hook", args=[kind or self.kind, pk or self.target.pk])
        kept = {name: value for name, value in headers.items() if name not in drop}
        return client.post(address, body if body is not None else built, content_type=content_type, headers=kept)


KINDS = sorted(FIELDS)


@pytest.fixture
def vendor(told_target, standing):
    return lambda kind: Vendor(kind, *told_target(kind), standing)


@pytest.mark.parametrize("kind", KINDS)
def test_who_acknowledges_or_resolves_there_does_it_here(client, vendor, kind, standing):
    plays = vendor(kind)
    assert plays.post(client).status_code == 200
    plays.incident.refresh_from_db()
    assert (plays.incident.state, plays.incident.acknowledged_by) == ("acknowledged", None)
    assert "Pager by Ann Other" in plays.incident.events.get(kind="acknowledged").text
    standing.advance(seconds=5)
    plays.event, plays.stamp = "02-EVENT", plays.stamp + 5
    assert plays.post(client, "resolve").status_code == 200
    plays.incident.refresh_from_db()
    assert plays.incident.state == "resolved"


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_message_again_changes_nothing(client, vendor, kind):
    plays = vendor(kind)
    for _ in range(3):
        assert plays.post(client).status_code == 200
    assert plays.incident.events.filter(kind="acknowledged").count() == 1
    assert Handled.objects.count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_changes_nothing_and_learns_nothing(client, vendor, kind):
    plays = vendor(kind)
    signed = {"pagerduty": "x-pagerduty-signature", "slack": "x-slack-signature"}.get(kind, "authorization")
    answers = [
        plays.post(client, drop=[signed]),
        plays.post(client, pk=plays.target.pk + 999),
        plays.post(client, kind="webhook"),
    ]
    plays.secret = SECRET + "x"
    answers.append(plays.post(client))
    plays.secret = ""
    answers.append(plays.post(client))
    plays.secret = SECRET
    if kind not in ("opsgenie", "jsm"):
        answers.append(plays.post(client, body=plays.build("resolve")[0] + b" "))  # another body under this signature
    Target.objects.filter(pk=plays.target.pk).update(enabled=False)
    answers.append(plays.post(client))
    assert {answer.status_code for answer in answers} == {403}
    assert len({answer.content for answer in answers}) == 1
    plays.incident.refresh_from_db()
    assert plays.incident.state == "triggered"


@pytest.mark.parametrize("kind", KINDS)
def test_a_target_without_its_secret_listens_to_nobody(client, vendor, kind):
    plays = vendor(kind)
    write_secrets(plays.target, {})
    plays.target.save()
    for secret in ("", SECRET):
        plays.secret = secret
        assert plays.post(client).status_code == 403


@pytest.mark.parametrize("kind", ["pagerduty", "slack"])
@pytest.mark.parametrize("hours", [-25, 25])
def test_an_old_message_is_not_believed_however_well_it_is_signed(client, vendor, kind, hours, standing):
    plays = vendor(kind)
    built = plays.build("acknowledge")
    plays.build = lambda act: built
    standing.advance(hours=hours)
    assert plays.post(client).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_incidents_of_other_environments_and_targets_are_out_of_reach(client, vendor, kind, make_rule, make_incident):
    plays = vendor(kind)
    elsewhere = make_environment(name="Elsewhere")
    foreign = make_incident(make_rule(environment=elsewhere))
    untold = make_incident(make_rule())
    Notification.objects.filter(incident=untold).delete()
    for other in (foreign, untold):
        plays.incident, plays.key = other, f"{other.dedup_key}-{other.pk}"
        assert plays.post(client).status_code == 200
        other.refresh_from_db()
        assert other.state == "triggered"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{}", b"payload=%7B", b'{"event": []}', b'{"alert": 3, "action": {}}', b"\xff\x00"]
)
def test_what_is_signed_and_makes_no_sense_is_no_error_of_ours(client, vendor, kind, body, standing):
    plays = vendor(kind)

    def build(act):
        signed = f"v0:{plays.stamp}:".encode() + body if kind == "slack" else body
        digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        headers = {"x-pagerduty-signature": f"v1={digest}", "x-slack-signature": f"v0={digest}",
                   "x-slack-request-timestamp": str(plays.stamp), "authorization": f"Bearer {SECRET}"}  # fmt: skip
        return body, headers, "application/json"

    plays.build = build
    assert plays.post(client).status_code in (200, 403)
    plays.incident.refresh_from_db()
    assert plays.incident.state == "triggered"


@pytest.mark.parametrize("kind", KINDS)
def test_a_body_is_bounded_and_only_post_is_heard(client, vendor, kind):
    plays = vendor(kind)
    assert plays.post(client, body=b"x" * 200_000).status_code == 413
    assert client.get(reverse("respond-hook", args=[kind, plays.target.pk])).status_code == 405


@pytest.mark.django_db
def test_a_wrong_sign_in_a_header_is_a_refusal(client, vendor):
    plays = vendor("slack")
    built = plays.build("acknowledge")
    for stamp in ("", "x", "١٢٣", "9" * 400, "-1", "1e9"):
        plays.build = lambda act, stamp=stamp: (built[0], {**built[1], "x-slack-request-timestamp": stamp}, built[2])
        assert plays.post(client).status_code == 403


@pytest.mark.parametrize("kind", ["pagerduty", "opsgenie", "jsm"])
def test_what_comes_late_does_not_close_what_came_back_meanwhile(client, vendor, kind, standing):
    plays = vendor(kind)
    late = plays.build("resolve")
    standing.advance(minutes=1)
    resolve_incident(plays.incident, make_user())
    standing.advance(minutes=1)
    reopen_incident(plays.incident, make_user())
    standing.advance(minutes=1)
    plays.event = "02-EVENT"
    in_time = plays.build("resolve")
    for built, state in ((late, "triggered"), (in_time, "resolved")):
        plays.build = lambda act, built=built: built
        assert plays.post(client).status_code == 200
        plays.incident.refresh_from_db()
        assert plays.incident.state == state


def test_a_clock_that_is_behind_costs_no_answer(client, vendor, standing):
    plays = vendor("pagerduty")
    built = plays.build("acknowledge")
    Incident.objects.update(opened_at=standing.now + timedelta(seconds=20))
    plays.build = lambda act: built
    plays.post(client)
    plays.incident.refresh_from_db()
    assert plays.incident.state == "acknowledged"


@pytest.mark.parametrize("agent", ["events_api_v2_inbound_integration_reference", "inbound_integration_reference"])
def test_what_an_integration_did_at_pagerduty_is_no_answer(client, vendor, agent):
    plays = vendor("pagerduty")
    plays.agent = agent
    assert plays.post(client, "resolve").status_code == 200
    plays.incident.refresh_from_db()
    assert plays.incident.state == "triggered"


@pytest.mark.parametrize("value", [1_772_366_430, 1_772_366_430_000, 1_772_366_430_000_000, 1_772_366_430 * 10**9])
def test_opsgenies_times_are_read_whatever_they_count(value):
    assert read_moment(value) == datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("value", [None, "", "x", 0, -1, 10**30, [], {}])
def test_what_is_no_time_of_opsgenies_is_none(value):
    assert read_moment(value) is None


# Links that act once


@pytest.fixture
def ticket(told_target):
    target, incident = told_target("email", action_links="yes")
    return target, incident, link_of(incident, target, "acknowledge").removeprefix("http://testserver")


def test_following_a_link_only_asks(client, ticket):
    _, incident, address = ticket
    for _ in range(3):  # scanners of mail, previews of chats
        page = client.get(address)
        assert page.status_code == 200
        assert "<button" in page.content.decode()
        client.head(address)
    incident.refresh_from_db()
    assert incident.state == "triggered"
    assert "no-store" in page.headers["cache-control"]


def test_the_button_acts_once(client, ticket):
    target, incident, address = ticket
    assert "Acknowledged." in client.post(address).content.decode()
    incident.refresh_from_db()
    assert incident.state == "acknowledged"
    assert incident.events.get(kind="acknowledged").text == f"By a link in a mail of {target.name}."
    Incident.objects.update(state="triggered")  # it came back; the old mail must not speak for the new trouble
    for again in (client.post(address), client.get(address)):
        assert "has been used" in again.content.decode()
        assert "<button" not in again.content.decode()
    incident.refresh_from_db()
    assert incident.state == "triggered"


def test_the_page_says_what_is_wrong_since_when_and_how_it_stands_then(client, ticket):
    _, incident, address = ticket
    asked, done = client.get(address).content.decode(), client.post(address).content.decode()
    for page in (asked, done):
        assert incident.summary in page
        assert "Since <time" in page
        assert "2026-03-01 12:00:30 UTC" in page
        assert ">Open the incident</a>" in page
        assert "Open Diagnostics" not in page
    assert ("Triggered</span>" in asked, "Triggered</span>" in done) == (True, False)
    assert "Acknowledged</span>" in done


def test_the_page_tells_no_more_than_the_mail_did(client, ticket):
    target, incident, address = ticket
    Target.objects.filter(pk=target.pk).update(shared_fields=["rule"])
    page = client.get(address).content.decode()
    assert incident.summary not in page
    assert "checkout" not in page
    assert "Errors: [service]" in page


@pytest.mark.parametrize(
    ("state", "said"), [("acknowledged", "It is acknowledged already."), ("resolved", "It is over already.")]
)
def test_where_nothing_is_to_be_done_any_more_the_link_is_kept(client, ticket, state, said):
    _, _, address = ticket
    Incident.objects.update(state=state)
    for page in (client.get(address), client.post(address)):
        assert said in page.content.decode()
        assert "<button" not in page.content.decode()
    assert not Handled.objects.exists()
    Incident.objects.update(state="triggered")
    assert "Acknowledged." in client.post(address).content.decode()


def test_a_link_that_is_forged_old_or_of_a_target_that_gives_none_is_unknown(client, ticket, told_target, monkeypatch):
    target, incident, address = ticket
    token = address.split("/")[2]
    forged = [
        token[:-1] + ("A" if token[-1] != "A" else "B"), "x", "x" * 900, signing.dumps([incident.pk, target.pk, "acknowledge"]),
        signing.dumps([incident.pk, target.pk, "delete"], salt=SALT), signing.dumps([0, target.pk, "resolve"], salt=SALT),
        signing.dumps({"a": 1}, salt=SALT), signing.dumps(7, salt=SALT),
    ]  # fmt: skip
    for text in forged:
        assert client.post(f"/respond/{text}/").status_code == 404
    monkeypatch.setattr("alerts.delivery.one_time.VALID_FOR", -1)
    assert client.post(address).status_code == 404
    monkeypatch.undo()
    for change in ({"config": {}}, {"config": {"action_links": "yes"}, "enabled": False}):
        Target.objects.filter(pk=target.pk).update(**change)
        assert client.post(address).status_code == 404
    incident.refresh_from_db()
    assert incident.state == "triggered"


def test_a_link_is_of_its_own_environment(client, ticket):
    target, incident, address = ticket
    Target.objects.filter(pk=target.pk).update(environment=make_environment(name="Elsewhere"))
    assert client.post(address).status_code == 404
    incident.refresh_from_db()
    assert incident.state == "triggered"


def test_what_was_done_at_the_pager_is_told_to_the_others(client, vendor, make_target, told):
    make_target("inbox")
    plays = vendor("pagerduty")
    plays.post(client)
    deliver_due()
    assert ("acknowledge", "sent", "") in told(target__kind="inbox")
