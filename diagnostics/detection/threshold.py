"""A fixed limit, from above and from below."""

from diagnostics.detection.sample import NOTHING_TO_SAY, Sample, Verdict


def judge_threshold(sample: Sample, threshold: float, recover: float, minimum_count: int) -> Verdict:
    """Bad from the threshold on, on at least `minimum_count` events; well below `recover`."""
    is_bad = sample.value >= threshold and sample.count >= minimum_count
    return Verdict(is_bad, not is_bad and (sample.value < recover or sample.count < minimum_count), sample.value)


def judge_below(sample: Sample, threshold: float, recover: float) -> Verdict:
    """Bad below the threshold; well from `recover` on. A series that was never heard of is not too low, it is not there."""
    if not sample.has_data and not sample.was_seen:
        return NOTHING_TO_SAY
    is_bad = sample.value < threshold
    return Verdict(is_bad, not is_bad and sample.value >= recover, sample.value)
