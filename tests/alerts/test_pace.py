"""How often an environment is evaluated, whichever worker does it."""

from datetime import timedelta

import pytest
from django_q.models import OrmQ

from alerts import tasks
from alerts.evaluation import bell, pace
from alerts.evaluation.bell import Bells, wake
from alerts.models import EvaluationMark, Incident
from diagnostics.core import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def bells(monkeypatch):
    """The bells of one worker, whose timers end with the test."""
    made = Bells()
    monkeypatch.setattr(bell, "BELLS", made)
    yield made
    made.hush()


@pytest.fixture
def evaluated(monkeypatch):
    """Environments in the order in which they were evaluated."""
    found = []
    monkeypatch.setattr(pace, "evaluate_environment", found.append)
    return found


def rings(mark):
    """How often an evaluation was rung for."""
    return sum(task.task["args"] == (mark.pk,) for task in OrmQ.objects.all())


@pytest.fixture
def mark(environment):
    return EvaluationMark.objects.create(environment=environment)


def test_it_rests_three_times_as_long_as_the_evaluation_took(mark, standing):
    assert pace.rest_left(mark.pk) == 0.0
    pace.rest(mark.pk, 1.5)
    assert pace.rest_left(mark.pk) == 4.5
    standing.advance(seconds=4)
    assert pace.rest_left(mark.pk) == 0.5
    standing.advance(seconds=1)
    assert pace.rest_left(mark.pk) == 0.0


def test_in_a_storm_it_rests_ten_seconds(mark, standing):
    Incident.objects.create(
        environment=mark.environment, kind=Incident.Kind.STORM, started_at=standing.now, opened_at=standing.now
    )
    pace.rest(mark.pk, 0.1)
    assert pace.rest_left(mark.pk) == pace.STORM_RESTS


def test_a_clock_that_was_set_back_stops_it_for_a_minute_at_most(mark, standing):
    EvaluationMark.objects.update(rests_until=standing.now + timedelta(days=3))
    assert pace.rest_left(mark.pk) == pace.LONGEST


def test_what_is_urgent_is_evaluated_at_once_and_in_a_rest_at_its_end(mark, bells, evaluated):
    wake(mark.pk, is_urgent=True)
    assert evaluated == [mark.pk]
    pace.rest(mark.pk, 5.0)
    wake(mark.pk, is_urgent=False)
    _, later = bells.waiting[mark.pk]
    EvaluationMark.objects.update(rests_until=clock.now() + timedelta(seconds=3))
    wake(mark.pk, is_urgent=True)
    assert evaluated == [mark.pk]
    assert bells.waiting[mark.pk][1].interval == pytest.approx(3.0, abs=0.5)
    assert later.finished.is_set()  # one bell is enough
    assert rings(mark) == 0


def test_what_is_not_urgent_is_rung_for_once_a_pause(mark, bells, evaluated):
    wake(mark.pk, is_urgent=False)
    assert rings(mark) == 1
    wake(mark.pk, is_urgent=False)
    wake(mark.pk, is_urgent=False)
    assert rings(mark) == 1
    assert bells.waiting[mark.pk][1].interval == pytest.approx(bell.PAUSE, abs=0.5)
    assert evaluated == []


def test_what_was_queued_waits_where_another_worker_has_just_evaluated(mark, bells, evaluated):
    tasks.evaluate_task(mark.pk)
    assert evaluated == [mark.pk]
    pace.rest(mark.pk, 2.0)
    tasks.evaluate_task(mark.pk)
    assert evaluated == [mark.pk]
    assert bells.waiting[mark.pk][1].interval == pytest.approx(6.0, abs=0.5)


def test_the_sweep_knows_no_rest(mark, monkeypatch):
    found = []
    monkeypatch.setattr(tasks, "evaluate_environment", found.append)
    pace.rest(mark.pk, 15.0)
    tasks.sweep()
    assert mark.pk in found
