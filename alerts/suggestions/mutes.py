"""Muting the noisiest rule: only what nobody acts upon, and what ends by itself; and only for a week."""

from typing import Final

from alerts.models import Suggestion
from alerts.muting import is_muted
from alerts.suggestions.found import Found
from alerts.suggestions.noise import Noise

LEAST: Final = 8  # incidents a week
IGNORED: Final = 0.9  # of them that nobody acknowledged
OVER: Final = 0.8  # of them that were over by themselves within minutes
SPAN: Final = "week"


def propose_mute(noises: list[Noise]) -> Found | None:
    """The noisiest rule, if its noise is nothing else."""
    fitting = [noise for noise in noises if is_mere_noise(noise)]
    if not fitting:
        return None
    noise = max(fitting, key=lambda one: one.count)
    return Found(
        Suggestion.Kind.MUTE,
        str(noise.rule.pk),
        {"span": SPAN},
        noise.tell(),
        weight=float(noise.count),
        rule_id=noise.rule.pk,
    )


def is_mere_noise(noise: Noise) -> bool:
    """Many, ignored, and over before anybody could have looked."""
    return (
        noise.count >= LEAST
        and noise.unacknowledged >= IGNORED * noise.count
        and noise.over_soon >= OVER * noise.count
        and not is_muted(noise.rule)
    )
