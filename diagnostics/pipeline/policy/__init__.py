"""An environment's own policy: which detectors look, what happens to named attributes, and patterns of its own."""

from diagnostics.pipeline.policy.model import DETECTORS, Action, KeyRule, Pattern, Policy

__all__ = ["DETECTORS", "Action", "KeyRule", "Pattern", "Policy"]
