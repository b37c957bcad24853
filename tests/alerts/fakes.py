"""Every kind of target with its receiver played by a server of ours: how it is set up, what it answers, what it refuses,
and by what a receiver recognises a repetition. A kind without an entry here fails the battery."""

import json
from dataclasses import dataclass, field

from alerts.integrations.registry import INTEGRATIONS
from tests.alerts.samples import SIGNING_KEY

RETRY, REFUSED, DEAD = "retry", "refused", "dead"
COMMON = {
    408: RETRY,
    429: RETRY,
    500: RETRY,
    502: RETRY,
    503: RETRY,
    504: RETRY,
    302: REFUSED,
    400: REFUSED,
    413: REFUSED,
}
SERVICE = {**COMMON, 401: DEAD, 403: DEAD, 404: DEAD, 410: DEAD}
MACHINE = {**COMMON, 401: REFUSED, 403: REFUSED, 404: REFUSED, 410: DEAD}
# A receiver of one's own that is redeployed may answer anything for a while.
OWN = {**COMMON, 400: RETRY, 401: RETRY, 403: RETRY, 404: RETRY, 413: RETRY, 422: RETRY, 410: DEAD}
PAGERDUTY_KEY = "0123456789abcdef0123456789abcdef"
GENIE_KEY = "7f5c2f0e-genie-key-4f0e-9a53-3f3f6f2f3b11"
BOT_TOKEN = "xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcHrzqqgy"


@dataclass
class Fake:
    """`answer` is what the receiver says when all is well; `identity` what it tells a repetition by."""

    kind: str
    answer: tuple = (200, {}, b"ok")
    statuses: dict = field(default_factory=lambda: OWN)
    config: dict = field(default_factory=dict)
    reads_answer: bool = False  # success depends on the answer's text
    is_at_most_one: bool = True  # False: the receiver cannot tell a repetition, one extra message is possible
    secrets: dict = field(default_factory=dict)

    def arrange(self, receiver, monkeypatch):
        """(config, secrets) that lead to the receiver."""
        receiver.answers.clear()
        receiver.answers.append(self.answer)
        return self.config, {"url": receiver.url, **self.secrets}

    def identity(self, headers, body):
        return headers.get("webhook-id")


class PagerDutyFake(Fake):
    def arrange(self, receiver, monkeypatch):
        super().arrange(receiver, monkeypatch)
        monkeypatch.setattr("alerts.integrations.pagerduty.transport.BASES", {"us": receiver.base})
        return {}, {"routing_key": PAGERDUTY_KEY}

    def identity(self, headers, body):
        return json.loads(body).get("dedup_key")


class OpsgenieFake(Fake):
    def arrange(self, receiver, monkeypatch):
        super().arrange(receiver, monkeypatch)
        integration = INTEGRATIONS[self.kind]
        monkeypatch.setattr(integration, "bases", dict.fromkeys(integration.bases, f"{receiver.base}/v2/alerts"))
        return {}, {"api_key": GENIE_KEY}

    def identity(self, headers, body):
        return json.loads(body).get("alias")


class SlackFake(Fake):
    def identity(self, headers, body):
        return None


class TeamsFake(SlackFake):
    pass


class AlertmanagerFake(Fake):
    def arrange(self, receiver, monkeypatch):
        super().arrange(receiver, monkeypatch)
        return {}, {"url": receiver.base}

    def identity(self, headers, body):
        return json.dumps(json.loads(body)[0]["labels"], sort_keys=True)


class AppriseFake(SlackFake):
    def arrange(self, receiver, monkeypatch):
        super().arrange(receiver, monkeypatch)
        return {}, {"url": f"json://127.0.0.1:{receiver.server_port}/tok-3n-s3cr3t"}


PAGERDUTY_ANSWER = (202, {}, b'{"status": "success", "message": "Event processed", "dedup_key": "x"}')
OPSGENIE_ANSWER = (202, {}, b'{"result": "Request will be processed", "took": 0.1, "requestId": "43a29c5c"}')
FAKES = {
    fake.kind: fake
    for fake in (
        PagerDutyFake("pagerduty", PAGERDUTY_ANSWER, SERVICE),
        OpsgenieFake("opsgenie", OPSGENIE_ANSWER, SERVICE),
        OpsgenieFake("jsm", OPSGENIE_ANSWER, SERVICE),
        SlackFake("slack", statuses={**COMMON, 401: REFUSED, 403: DEAD, 404: DEAD, 410: DEAD}, reads_answer=True,
                  is_at_most_one=False),
        TeamsFake("teams", (202, {}, b""), SERVICE, is_at_most_one=False),
        Fake("webhook", secrets={"signing_key": SIGNING_KEY}),
        AlertmanagerFake("alertmanager", (200, {}, b""), MACHINE),
        Fake("custom_webhook", config={"template": '{"text": "{{ headline }} {{ summary }} {{ messages }}"}'},
             secrets={"headers": "Authorization: Bearer tok-3n-s3cr3t", "signing_key": SIGNING_KEY}),
        AppriseFake("apprise", statuses={500: RETRY, 403: RETRY}, is_at_most_one=False),
    )
}  # fmt: skip
# Kinds without an HTTP receiver; each has a file of tests for what can go wrong with it instead.
ELSEWHERE = {"inbox": "test_integrations.py", "email": "test_email.py", "task": "test_task.py"}
HTTP_KINDS = sorted(FAKES)
QUICK_KINDS = sorted(set(FAKES) - {"apprise"})  # each message of Apprise starts a process
