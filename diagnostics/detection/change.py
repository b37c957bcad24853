"""A change against what is usual, with a floor that keeps small numbers quiet and gives a zero baseline a meaning."""

from diagnostics.detection.sample import Sample, Verdict

LEAST_USUAL = 1.0  # "three times of nothing" is nothing: below this the usual value counts as this


def judge_change(sample: Sample, factor: float, recover: float, floor: int) -> Verdict:
    """Bad when the value is at least `factor` times the usual one and stands on at least `floor` events.

    The figure given is the factor itself. A series without history counts as one that is usually quiet.
    """
    usual = max(sample.usual or 0.0, LEAST_USUAL)
    times = sample.value / usual
    is_bad = sample.count >= floor and times >= factor
    return Verdict(is_bad, not is_bad and (times < recover or sample.count < floor), times)
