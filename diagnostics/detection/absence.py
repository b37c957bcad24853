"""Silence of what used to speak: a heartbeat that stopped."""

from diagnostics.detection.sample import NOTHING_TO_SAY, Sample, Verdict


def judge_absence(sample: Sample, *, is_firing: bool) -> Verdict:
    """Bad when nothing came in the whole window of a series that spoke before it; well with the first sign of life.

    What is silent for so long that it is no longer known to have spoken stays wrong while its incident is open.
    """
    if sample.value > 0:
        return Verdict(is_bad=False, is_well=True, measured=sample.value)
    if sample.was_seen or is_firing:
        return Verdict(is_bad=True, is_well=False, measured=0.0)
    return NOTHING_TO_SAY
