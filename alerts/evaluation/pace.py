"""How often an environment is evaluated, whichever worker does it: its mark says until when it rests.

After an evaluation that took long, and while a storm stands for whatever opens, what comes in has to be stored first.
The sweep of each minute knows no rest.
"""

import time
from datetime import timedelta
from typing import Final

from alerts.evaluation.run import evaluate_environment
from alerts.incidents.storms import is_storming
from alerts.models import EvaluationMark
from diagnostics.core import clock

RESTS: Final = 3.0  # times as long as the evaluation took
STORM_RESTS: Final = 10.0  # seconds, while nothing is told alone anyhow
LONGEST: Final = 60.0  # seconds; a clock that was set back must not stop anything


def evaluate_at_pace(environment_id: int) -> None:
    """Evaluate, then rest."""
    started = time.monotonic()
    evaluate_environment(environment_id)
    rest(environment_id, time.monotonic() - started)


def rest(environment_id: int, took: float) -> None:
    """An evaluation has ended just now, after so many seconds."""
    seconds = RESTS * took
    if is_storming(environment_id):
        seconds = max(seconds, STORM_RESTS)
    until = clock.now() + timedelta(seconds=min(seconds, LONGEST))
    EvaluationMark.objects.filter(pk=environment_id).update(rests_until=until)


def rest_left(environment_id: int) -> float:
    """Seconds until the next evaluation; 0.0 where it may be now."""
    until = EvaluationMark.objects.filter(pk=environment_id).values_list("rests_until", flat=True).first()
    left = (until - clock.now()).total_seconds() if until is not None else 0.0
    return min(max(left, 0.0), LONGEST)
