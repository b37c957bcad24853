"""Baselines between processes: kept in the worker, stored now and then, taken up where they were stored.

What a restart loses is at most SAVE_EVERY minutes of feeding, and the minutes themselves are in the sums: they are fed
again. Whether something fires depends on the stored state of the series and not on this, so no transition is lost or
doubled.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from alerts.evaluation.baselines import Baselines, Key, Scores, Tracked, key_of
from alerts.evaluation.history import History, read_rows
from alerts.evaluation.samples import DAY, Instant
from alerts.evaluation.series import TEMPLATE, Series
from alerts.evaluation.stretch import Row, Stretch
from alerts.evaluation.template_rows import read_template_rows
from alerts.models import AlertRule, BaselineState
from diagnostics.detection.baseline import BaselineDetector
from diagnostics.detection.stored import StateError
from diagnostics.models import MinuteRollup

SAVE_EVERY: Final = 10  # minutes
WARM_ROWS: Final = 100_000  # of the last day, read once to begin with, where there are no more
FORGOTTEN: Final = timedelta(days=30)  # of a series that was not heard of
CHUNK: Final = 500


def score_baselines(history: History, rules: Iterable[AlertRule], instant: Instant, now: datetime) -> Scores:
    """Scores of all series that baseline rules look at; states that are due are stored."""
    keys = sorted({key_of(rule) for rule in rules if rule.condition == AlertRule.Condition.BASELINE})
    if not keys:
        return {}
    baselines = history.baselines
    for key in keys:
        if key not in baselines.tracked:
            baselines.tracked[key] = load(history.environment_id, key)
            if not baselines.tracked[key]:
                warm_up(baselines, history.environment_id, key, instant)
    baselines.resumed = instant.resumed
    scores = baselines.advance(keys, instant.stretch, instant.whole_end, instant.end)
    for key in keys:
        save_due(history.environment_id, key, baselines.tracked[key], now)
    return scores


def load(environment_id: int, key: Key) -> dict[Series, Tracked]:
    """What is stored of a key; what cannot be read (an older version) begins anew."""
    rows = BaselineState.objects.filter(environment_id=environment_id, group_by=key.group_by, column=key.column)
    found = {}
    for service, route, release, template, state, through in rows.values_list(
        "service_name", "http_route", "release", "template", "state", "through"
    ):
        try:
            detector = BaselineDetector.from_state(key.kind, bytes(state))
        except StateError:
            continue
        found[Series(service, route, release, template)] = Tracked(detector, through, through)
    return found


def warm_up(baselines: Baselines, environment_id: int, key: Key, instant: Instant) -> None:
    """Learn from the last day, as far as it is in the sums and not too much to read."""
    if ":" in key.column:
        return  # matches are counted from the moment when there is a rule
    since, until = instant.whole_end - DAY, instant.whole_end
    if not MinuteRollup.objects.filter(environment_id=environment_id).exists():
        return
    rows = []
    found: Iterable[Row] = read_rows(environment_id, since, until)
    if key.group_by == TEMPLATE:
        found = read_template_rows(environment_id, instant.templates, since, until)
    for row in found:
        rows.append(row)
        if len(rows) > WARM_ROWS:
            return
    stretch = Stretch([key.group_by])
    stretch.put(rows)
    baselines.advance([key], stretch, until, until)


def save_due(environment_id: int, key: Key, tracked: dict[Series, Tracked], now: datetime) -> None:
    """Store the states that have gone on for long enough."""
    due = [(series, one) for series, one in tracked.items() if one.through - one.saved >= SAVE_EVERY]
    BaselineState.objects.bulk_create(
        [
            BaselineState(
                environment_id=environment_id,
                group_by=key.group_by,
                column=key.column,
                **series._asdict(),
                state=one.detector.to_state(),
                through=one.through,
                updated_at=now,
            )
            for series, one in due
        ],
        batch_size=CHUNK,
        update_conflicts=True,
        unique_fields=["environment", "group_by", "column", "service_name", "http_route", "release", "template"],
        update_fields=["state", "through", "updated_at"],
    )
    for _, one in due:
        one.saved = one.through


def forget_baselines(now: datetime) -> None:
    """Series that were not heard of for long."""
    BaselineState.objects.filter(updated_at__lt=now - FORGOTTEN).delete()
