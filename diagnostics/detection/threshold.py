"""A fixed limit, from above and from below."""

from diagnostics.detection.sample import NOTHING_TO_SAY, Sample, Verdict, too_few_to_tell


def judge_threshold(
    sample: Sample, threshold: float, recover: float, minimum_count: int, *, is_firing: bool = False
) -> Verdict:
    """Bad from the threshold on, on at least `minimum_count` events; well below `recover`. What fires does not recover by
    a lack of events alone."""
    is_enough = sample.count >= minimum_count
    if is_firing and sample.count and not is_enough and sample.value >= recover:
        return too_few_to_tell(sample.value)
    is_bad = is_enough and sample.value >= threshold
    return Verdict(is_bad, not is_bad and (sample.value < recover or not is_enough), sample.value)


def judge_below(sample: Sample, threshold: float, recover: float, *, is_firing: bool = False) -> Verdict:
    """Bad below the threshold; well from `recover` on. A series that was never heard of is not too low, it is not there;
    one that was first heard of within the window has not had the time."""
    if not sample.was_seen and not (is_firing and sample.has_data):
        return NOTHING_TO_SAY
    is_bad = sample.value < threshold
    return Verdict(is_bad, not is_bad and sample.value >= recover, sample.value)
