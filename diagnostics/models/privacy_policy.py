"""The privacy policy of an environment, as people write it; `diagnostics.privacy.policies` compiles it."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from diagnostics.models.environment import Environment

TEXT_CHARS = 8_000
LONGEST_JOURNEY = 90 * 24 * 60  # minutes
KEYS_HELP = (
    "One a line: an action and an attribute's name, “*” for anything. The first line that fits decides. "
    "Actions: allow (kept as it came), mask, pseudonymise (equal values stay equal), restrict (encrypted, revealed by "
    "permission), drop. Names inside an attribute are joined by dots."
)
ENDS_HELP = (
    'What ends a journey well, one a line, as a search would find it: event:order.placed, route:"POST /checkout", '
    'service:mailer "confirmation sent". All of a line must fit; one line is enough; what failed ends nothing. Empty: '
    "nothing is said of completing. Holds for what comes in from now on."
)


def no_detectors() -> list[str]:
    """None is off."""
    return []


class PrivacyPolicy(models.Model):
    """What an environment does differently from the rest. Empty: nothing."""

    environment = models.OneToOneField(Environment, on_delete=models.CASCADE, related_name="privacy_policy")
    detectors_off: Any = models.JSONField(
        "detectors off",
        default=no_detectors,
        blank=True,
        help_text="What these find stays in records as it came. Alerts are redacted with every detector nevertheless. "
        "Passwords, tokens and keys are always taken out.",
    )
    keys = models.TextField("named attributes", max_length=TEXT_CHARS, blank=True, help_text=KEYS_HELP)
    patterns = models.TextField(
        "own patterns",
        max_length=TEXT_CHARS,
        blank=True,
        help_text="One a line: a name, a colon and an RE2 pattern, such as “staff: \\bEMP-\\d{6}\\b”. What it finds becomes "
        "[staff].",
    )
    journey = models.CharField(
        "attribute of the journey",
        max_length=200,
        blank=True,
        help_text="The attribute that carries the journey (an order, a booking), where it is not called journey.id.",
    )
    journey_ends = models.TextField(
        "ends with", max_length=TEXT_CHARS, blank=True, default="", db_default="", help_text=ENDS_HELP
    )
    journey_minutes = models.PositiveIntegerField(
        "minutes until it is abandoned",
        default=30,
        db_default=30,
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST_JOURNEY)],
        help_text="A journey that has not ended and gave no sign for so long counts as abandoned, until it goes on.",
    )
    restrict_address = models.BooleanField(
        "keep whole IP addresses",
        default=False,
        help_text="Of clients, encrypted among the restricted fields; off: cut to their network and dropped.",
    )
    restrict_agent = models.BooleanField(
        "keep whole user agents",
        default=False,
        help_text="Likewise; off: device, browser and system are read from them, then they are dropped.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        verbose_name = "privacy policy"
        verbose_name_plural = "privacy policies"

    def __str__(self) -> str:
        return f"of {self.environment}"
