"""Baselines of a backtest as JSON between two slices of work."""

import base64
from typing import Any

from alerts.evaluation.baselines import Baselines, Key, Tracked
from alerts.evaluation.series import Series
from diagnostics.detection.baseline import BaselineDetector


def save_baselines(baselines: Baselines) -> list[list[Any]]:
    """Each key with its series."""
    return [
        [
            *key,
            [
                [*series, base64.b64encode(one.detector.to_state()).decode(), one.through]
                for series, one in kept.items()
            ],
        ]
        for key, kept in baselines.tracked.items()
    ]


def load_baselines(saved: list[list[Any]]) -> Baselines:
    """The other way."""
    baselines = Baselines()
    for group_by, column, kept in saved:
        key = Key(group_by, column)
        baselines.tracked[key] = {
            Series(*parts): Tracked(BaselineDetector.from_state(key.kind, base64.b64decode(state)), through)
            for *parts, state, through in kept
        }
    return baselines
