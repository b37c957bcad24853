"""What the tests of monitors share."""

import pytest

from alerts.models import Monitor, Outcome
from alerts.monitors.changes import save_monitor
from alerts.monitors.telling import Report, take_check_in
from tests.alerts.conftest import (
    environment,
    evaluate,
    forget_history,
    make_rollup,
    make_rule,
    make_target,
    standing,
    told,
)

__all__ = ["environment", "evaluate", "forget_history", "make_rollup", "make_rule", "make_target", "standing", "told"]


@pytest.fixture(autouse=True)
def hush_tasks(monkeypatch):
    """Evaluations are asked for; the tests evaluate themselves."""
    rung = []
    monkeypatch.setattr("alerts.monitors.telling.async_task", lambda *task: rung.append(task))
    return rung


@pytest.fixture
def make_monitor(environment, standing):
    def make(slug="nightly-backup", **fields):
        given = {"name": slug, "schedule": "1h", "grace_minutes": 10, **fields}
        monitor = Monitor(environment=environment, slug=slug, **given)
        monitor.full_clean()
        save_monitor(None, monitor)
        return monitor

    return make


@pytest.fixture
def check_in():
    """A report of a job; the monitor after it."""

    def send(monitor, outcome=Outcome.OK, **fields):
        return take_check_in(monitor.pk, Report(Outcome(outcome), **fields))

    return send


@pytest.fixture
def rule(make_rule):
    return make_rule(name="Missed", signal="check_ins", condition="missed")
