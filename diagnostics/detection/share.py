"""A share of requests, right at low traffic: one failure of two requests is half, and means nothing."""

from diagnostics.detection.sample import Sample, Verdict


def judge_share(sample: Sample, threshold: float, recover: float, minimum_count: int, minimum_sample: int) -> Verdict:
    """Bad when the share AND the number of failures AND the number of requests are large enough.

    The share is a fraction of 1. Without requests it is 0: silence is another rule's business.
    """
    share = sample.count / sample.requests if sample.requests else 0.0
    is_enough = sample.count >= minimum_count and sample.requests >= minimum_sample
    is_bad = is_enough and share >= threshold
    return Verdict(is_bad, not is_bad and (share < recover or not is_enough), share)
