"""A fixed threshold."""

from diagnostics.detection.sample import Sample, Verdict


def judge_threshold(sample: Sample, threshold: float, recover: float, minimum_count: int) -> Verdict:
    """Bad from the threshold on, on at least `minimum_count` events; well below `recover`."""
    is_bad = sample.value >= threshold and sample.count >= minimum_count
    return Verdict(is_bad, not is_bad and (sample.value < recover or sample.count < minimum_count), sample.value)
