"""A baseline's score turned into a verdict."""

from diagnostics.detection.sample import NOTHING_TO_SAY, Sample, Verdict


def judge_surprise(sample: Sample, threshold: float, recover: float, minimum_count: int) -> Verdict:
    """Bad from the score on, on at least `minimum_count` events; well below `recover`. The figure given is the value."""
    if sample.score is None:
        return NOTHING_TO_SAY
    is_bad = sample.score >= threshold and sample.count >= minimum_count
    return Verdict(is_bad, not is_bad and (sample.score < recover or sample.count < minimum_count), sample.value)
