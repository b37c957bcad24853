"""Evaluations and changes of rules at the same time: nothing twice, nothing left open."""

import threading

import pytest
from django.db import connections

from alerts.evaluation import run
from alerts.evaluation.run import evaluate_environment, retire_rules
from alerts.models import AlertRule, Incident, Notification, RuleState

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_evaluations_at_the_same_time_open_one_incident(environment, make_rule, make_target, make_rollup, standing):
    make_rule()
    make_target("inbox")
    make_rollup(errors=12)
    together = threading.Barrier(6)
    failures = []

    def work():
        try:
            together.wait(10)
            for _ in range(3):
                evaluate_environment(environment.pk)
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failures
    assert Incident.objects.count() == 1
    assert RuleState.objects.count() == 1
    assert Notification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_rule_that_is_switched_off_during_an_evaluation_leaves_nothing_open(
    environment, make_rule, make_rollup, standing, monkeypatch
):
    rule = make_rule()
    make_rollup(errors=12)
    inside, go_on = threading.Event(), threading.Event()
    real = run.evaluate_rule

    def evaluate_rule(*args):
        inside.set()
        go_on.wait(10)
        return real(*args)

    def work(function, *args):
        try:
            function(*args)
        finally:
            connections.close_all()

    monkeypatch.setattr(run, "evaluate_rule", evaluate_rule)
    evaluation = threading.Thread(target=work, args=[evaluate_environment, environment.pk])
    evaluation.start()
    inside.wait(10)
    AlertRule.objects.update(enabled=False)
    switching = threading.Thread(target=work, args=[retire_rules, [rule]])
    switching.start()
    switching.join(0.3)
    go_on.set()
    evaluation.join(10)
    switching.join(10)
    assert [found.state for found in Incident.objects.all()] == ["resolved"]
    assert not RuleState.objects.exists()
