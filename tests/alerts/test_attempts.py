"""What an attempt keeps of a failure: no secret, no address, no more than it must."""

import pytest

from alerts.delivery.errors import DeliveryError
from alerts.delivery.run import deliver_due
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import DeliveryAttempt, Notification

pytestmark = pytest.mark.django_db
CANARIES = ("tok-3n-s3cr3t", "whsec_", "MfKQ9r8G", "hunter2secret", "AKIAIOSFODNN7EXAMPLE", "127.0.0.1")


@pytest.mark.parametrize(
    "answer",
    [
        (400, {"X-Token": "password=hunter2secret"}, b"password=hunter2secret AKIAIOSFODNN7EXAMPLE"),
        (500, {}, b"your token tok-3n-s3cr3t"),
        (302, {"Location": "https://u:hunter2secret@x.com/tok-3n-s3cr3t"}, b""),
    ],
)
@pytest.mark.parametrize("kind", ["webhook", "slack"])
def test_no_attempt_keeps_a_secret(make_target, receiver, make_incident, kind, answer, caplog):
    receiver.answer(answer)
    make_target(kind, receiver.url)
    make_incident()
    deliver_due()
    error = DeliveryAttempt.objects.get().error
    assert error.startswith("the receiver answered")
    assert not any(canary in error or canary in caplog.text for canary in CANARIES)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/tok-3n-s3cr3t", "https://10.0.0.1/tok-3n-s3cr3t", "ht tp://tok-3n-s3cr3t"]
)
def test_no_attempt_names_the_address_that_could_not_be_reached(make_target, receiver, make_incident, url, caplog):
    make_target("webhook", url)
    make_incident()
    deliver_due()
    error = DeliveryAttempt.objects.get().error
    assert error
    assert not any(canary in error or canary in caplog.text for canary in (*CANARIES, "10.0.0.1"))


def test_the_text_of_a_failure_is_redacted_and_bounded(make_target, make_incident, monkeypatch):
    class Talkative:
        def send(self, alert, setup):
            raise DeliveryError("refused for bob@shop.com password=hunter2secret " + "x" * 900)

    monkeypatch.setitem(INTEGRATIONS, "talkative", Talkative())
    make_target("talkative")
    make_incident()
    deliver_due()
    error = DeliveryAttempt.objects.get().error
    assert len(error) == 300
    assert "bob@shop.com" not in error
    assert "hunter2secret" not in error


def test_a_target_without_its_address_fails_for_good(make_target, make_incident):
    make_target("webhook")
    make_target("slack")
    make_incident()
    deliver_due()
    assert set(Notification.objects.values_list("state", flat=True)) == {"failed"}
