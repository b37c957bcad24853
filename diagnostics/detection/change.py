"""A change against what is usual, with a floor that keeps small numbers quiet and gives a zero baseline a meaning."""

from diagnostics.detection.sample import Sample, Verdict

LEAST_USUAL = 1.0  # "three times of nothing" is nothing: below this the usual value counts as this


def judge_change(sample: Sample, factor: float, recover: float, floor: int) -> Verdict:
    """A factor from 1 on looks for a rise, one below 1 for a fall. The figure given is the factor itself."""
    return judge_fall(sample, factor, recover, floor) if factor < 1 else judge_rise(sample, factor, recover, floor)


def judge_rise(sample: Sample, factor: float, recover: float, floor: int) -> Verdict:
    """Bad when the value is at least `factor` times the usual one and stands on at least `floor` events.

    A series without history counts as one that is usually quiet.
    """
    times = sample.value / max(sample.usual or 0.0, LEAST_USUAL)
    is_bad = sample.count >= floor and times >= factor
    return Verdict(is_bad, not is_bad and (times < recover or sample.count < floor), times)


def judge_fall(sample: Sample, factor: float, recover: float, floor: int) -> Verdict:
    """Bad when the value is at most `factor` times a usual one of at least `floor`: what is usually quiet cannot fall."""
    usual = sample.usual or 0.0
    if usual < max(floor, LEAST_USUAL):
        return Verdict(is_bad=False, is_well=True, measured=1.0)
    times = sample.value / usual
    is_bad = times <= factor
    return Verdict(is_bad, not is_bad and times >= max(recover, factor), times)
