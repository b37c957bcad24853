"""An environment's own policy: which detectors look, what happens to named attributes, and patterns of its own."""

from diagnostics.pipeline.policy.endings import Ending, Endings, make_endings
from diagnostics.pipeline.policy.model import DETECTORS, Action, KeyRule, Pattern, Policy

__all__ = ["DETECTORS", "Action", "Ending", "Endings", "KeyRule", "Pattern", "Policy", "make_endings"]
