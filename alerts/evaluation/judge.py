"""A rule's condition applied to a sample."""

from datetime import timedelta
from functools import lru_cache
from typing import Final

from alerts.evaluation.signals import QUANTILES
from alerts.evaluation.state_machine import Timing
from alerts.models import AlertRule
from diagnostics.detection.absence import judge_absence
from diagnostics.detection.change import judge_change
from diagnostics.detection.sample import NOTHING_TO_SAY, Sample, Verdict
from diagnostics.detection.share import judge_share
from diagnostics.detection.surprise import judge_surprise
from diagnostics.detection.threshold import judge_below, judge_threshold

Condition = AlertRule.Condition
THRESHOLD: Final = Condition.THRESHOLD.value
SHARE: Final = Condition.SHARE.value
CHANGE: Final = Condition.CHANGE.value
BASELINE: Final = Condition.BASELINE.value
BELOW: Final = Condition.BELOW.value
ABSENCE: Final = Condition.ABSENCE.value

EASED: Final = 0.8  # a score recovers at this part of its threshold: scores wander more than counts


def judge(rule: AlertRule, sample: Sample, *, is_firing: bool = False) -> Verdict:
    """Bad, well, or in between; or nothing to say."""
    condition, threshold = rule.condition, rule.threshold
    recover = threshold if rule.recover_threshold is None else rule.recover_threshold
    if is_firing and not sample.count and rule.signal in QUANTILES:
        return NOTHING_TO_SAY  # no answer is no fast one
    if condition == THRESHOLD:
        return judge_threshold(sample, threshold, recover, rule.minimum_count, is_firing=is_firing)
    if condition == SHARE:
        floors = rule.minimum_count, rule.minimum_sample
        return judge_share(sample, threshold, recover, *floors, is_firing=is_firing)
    if condition == CHANGE:
        return judge_change(sample, threshold, recover, rule.minimum_count)
    if condition == BASELINE:
        eased = threshold * EASED if rule.recover_threshold is None else rule.recover_threshold
        return judge_surprise(sample, threshold, eased, rule.minimum_count)
    if condition == BELOW:
        return judge_below(sample, threshold, recover, is_firing=is_firing)
    return judge_absence(sample, is_firing=is_firing)


def timing_of(rule: AlertRule) -> Timing:
    """The rule's durations."""
    return timing(rule.for_seconds, rule.keep_firing_seconds, rule.minimum_firing_seconds)


@lru_cache
def timing(pending: int, keep_firing: int, minimum_firing: int) -> Timing:
    """Kept, as it is asked for at each look: a backtest looks at each minute of three months. All in seconds."""
    return Timing(timedelta(seconds=pending), timedelta(seconds=keep_firing), timedelta(seconds=minimum_firing))
