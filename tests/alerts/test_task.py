"""A custom action that runs a task: only those that the operator has named, with ids and no text of a record."""

import json

import pytest

from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from tests.alerts.samples import make_alert

DONE = []


def restart(arguments):
    DONE.append(arguments)


@pytest.fixture
def queued(settings, monkeypatch):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "ACTIONS": {"restart": "tests.alerts.test_task.restart"}}
    found = []
    monkeypatch.setattr(
        "alerts.integrations.task.transport.async_task", lambda *args, **more: found.append((args, more))
    )
    return found


def test_the_named_task_is_queued_with_ids_alone(queued):
    INTEGRATIONS["task"].send(make_alert(title="password=hunter2secret"), Setup({"task": "restart"}))
    (((path, arguments), _),) = queued
    assert path == "tests.alerts.test_task.restart"
    assert set(arguments) == {"notification_id", "incident_id", "action", "severity", "state", "dedup_key"}
    assert "hunter2" not in json.dumps(queued, default=str)


@pytest.mark.parametrize("name", ["", "os.system", "tests.alerts.test_task.restart", "restart; rm -rf /", "../restart"])
def test_nothing_else_can_be_run(queued, name):
    assert INTEGRATIONS["task"].validate({"task": name}, {})
    with pytest.raises(DeliveryError) as failure:
        INTEGRATIONS["task"].send(make_alert(), Setup({"task": name}))
    assert failure.value.permanent
    assert queued == []


def test_what_can_be_chosen_is_said(queued):
    assert "use restart." in INTEGRATIONS["task"].validate({"task": "x"}, {})[0]
    assert INTEGRATIONS["task"].validate({"task": "restart"}, {}) == []


def test_the_task_itself_takes_what_it_is_given(queued):
    INTEGRATIONS["task"].send(make_alert(), Setup({"task": "restart"}))
    restart(queued[0][0][1])
    assert DONE.pop()["incident_id"] == 7
