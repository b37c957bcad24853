"""A rule's condition applied to a sample: picks the detector."""

from datetime import timedelta

from alerts.evaluation.state_machine import Timing
from alerts.models import AlertRule
from diagnostics.detection.change import judge_change
from diagnostics.detection.sample import Sample, Verdict
from diagnostics.detection.share import judge_share
from diagnostics.detection.threshold import judge_threshold


def judge(rule: AlertRule, sample: Sample) -> Verdict:
    """Bad, well, or in between."""
    recover = rule.threshold if rule.recover_threshold is None else rule.recover_threshold
    if rule.condition == AlertRule.Condition.SHARE:
        return judge_share(sample, rule.threshold, recover, rule.minimum_count, rule.minimum_sample)
    if rule.condition == AlertRule.Condition.CHANGE:
        return judge_change(sample, rule.threshold, recover, rule.minimum_count)
    return judge_threshold(sample, rule.threshold, recover, rule.minimum_count)


def timing_of(rule: AlertRule) -> Timing:
    """The rule's two durations."""
    return Timing(timedelta(seconds=rule.for_seconds), timedelta(seconds=rule.keep_firing_seconds))
