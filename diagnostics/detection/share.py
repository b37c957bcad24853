"""A share of requests or records, right at low traffic: one failure of two requests is half, and means nothing."""

from diagnostics.detection.sample import NOTHING_TO_SAY, Sample, Verdict, too_few_to_tell


def judge_share(
    sample: Sample,
    threshold: float,
    recover: float,
    minimum_count: int,
    minimum_sample: int,
    *,
    is_firing: bool = False,
) -> Verdict:
    """Bad when the share AND the number of events AND what they are a share of are large enough.

    The share is a fraction of 1. Where there is nothing to take a share of, nothing can be said: silence is another
    rule's business. What fires does not recover because fewer people try while as many of them fail.
    """
    if not sample.base:
        return NOTHING_TO_SAY
    share = sample.count / sample.base
    is_enough = sample.count >= minimum_count and sample.base >= minimum_sample
    if is_firing and sample.count and not is_enough and share >= recover:
        return too_few_to_tell(share)
    is_bad = is_enough and share >= threshold
    return Verdict(is_bad, not is_bad and (share < recover or not is_enough), share)
