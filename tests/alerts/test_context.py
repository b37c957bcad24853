"""What an incident keeps of its records: messages that read the same are told once."""

import pytest
from django.db import connection

from alerts.incidents import context
from alerts.incidents.context import top_messages
from diagnostics.models import LogRecord


def test_messages_that_read_the_same_are_one_though_their_errors_differ():
    records = [LogRecord(body="slow query: [sql]", fingerprint=f"f{number}") for number in range(3)]
    records += [LogRecord(body="timed out", fingerprint="t")] * 2
    assert top_messages(records) == [
        {"text": "slow query: [sql]", "count": 3, "kinds": ["f0", "f1", "f2"]},
        {"text": "timed out", "count": 2, "kinds": ["t"]},
    ]


def test_records_of_one_pattern_are_one_message():
    records = [LogRecord(body=f"query took {number} ms", template_id=7) for number in range(4)]
    records += [LogRecord(body=f"{'x' * 80} {number}") for number in range(2)]
    records += [LogRecord(body="short", template_id=None)]
    assert [message["count"] for message in top_messages(records)] == [4, 2, 1]


@pytest.mark.django_db
def test_an_incident_opens_though_its_records_cannot_be_found_in_time(make_rule, make_incident, monkeypatch, caplog):
    def sleep(scope):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(9)")

    monkeypatch.setattr(context, "SECONDS", 0.05)
    monkeypatch.setattr(context, "records_behind", sleep)
    incident = make_incident()
    assert (incident.state, incident.samples, incident.context["looked_at"]) == ("triggered", [], 0)
    assert "could not be found in 0.05 s" in caplog.text
