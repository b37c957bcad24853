"""The environment: the only object that carries permissions; everything else inherits its environment's."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from diagnostics.core import clock
from diagnostics.core.permissions import LABELS


class Environment(models.Model):
    """One place where software runs (production, staging, ...), with its switches and retention."""

    class Kind(models.TextChoices):
        PRODUCTION = "production", "Production"
        STAGING = "staging", "Staging"
        TESTING = "testing", "Testing"
        DEVELOPMENT = "development", "Development"

    slug = models.SlugField(
        max_length=50,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "Use small letters, digits and inner dashes.")],
        help_text="Stands in addresses; cannot be changed later without breaking links.",
    )
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.DEVELOPMENT)
    streaming_enabled = models.BooleanField("live stream", default=True)
    snapshots_enabled = models.BooleanField(
        "snapshots", default=True, help_text="Off: none is taken; those that were taken stay until their days are over."
    )
    tracing_enabled = models.BooleanField("traces", default=True, help_text="Off: spans are refused and said so.")
    retention_days = models.PositiveSmallIntegerField(
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text="Days that records, spans and sessions are kept.",
    )
    restricted_retention_days = models.PositiveSmallIntegerField(
        default=14,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text="Days that stack traces and other restricted fields are kept.",
    )
    reveal_needs_reason = models.BooleanField(
        "reason for reveals",
        default=False,
        help_text="Who reveals restricted fields must say why; the reason stands in the access event.",
    )
    incident_retention_days = models.PositiveSmallIntegerField(
        default=365,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text="Days that resolved incidents, notifications and inbox messages are kept. The records frozen in an "
        "incident go with the environment's records.",
    )
    snapshot_retention_days = models.PositiveSmallIntegerField(
        default=90,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text="Days that snapshots are kept: what led to an error or crash, frozen. They may outlive their records.",
    )
    ingest_quota_per_second = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Records and spans a second that may be sent; empty: no limit. Five seconds' worth may come at once.",
    )
    ingest_quota_per_day = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="The same for a day (UTC); empty: no limit.",
    )
    # Keys the hash that user ids become, encrypted; see diagnostics.privacy.pseudonyms.
    pseudonym_key = models.BinaryField(max_length=64, editable=False)
    retired_pseudonym_keys = models.JSONField(default=list, editable=False)  # [{"key": sealed, "until": moment}]
    pseudonym_key_changed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        default_permissions = ()
        permissions: ClassVar = [(perm.value, label) for perm, label in LABELS.items()]

    def __str__(self) -> str:
        return self.name

    @property
    def is_production(self) -> bool:
        """Whether the stricter defaults hold."""
        return self.kind == self.Kind.PRODUCTION


class Grant(models.Model):
    """What every grant says of itself. An expired one grants nothing, whether or not it was swept away yet."""

    expires_at = models.DateTimeField(null=True, blank=True, help_text="Until when it holds (UTC); empty: for good.")
    granted_at = models.DateTimeField(default=clock.now, editable=False)
    granted_by = models.CharField(max_length=150, blank=True, editable=False)

    class Meta:
        abstract = True


class EnvironmentUserGrant(Grant, UserObjectPermissionBase):
    """A permission that a person holds in an environment: a row with real foreign keys, gone with either end.

    A role that ends is such rows, one a permission, with the role's name; a single permission leaves it empty.
    """

    content_object = models.ForeignKey(Environment, on_delete=models.CASCADE, verbose_name="environment")
    role = models.CharField(max_length=40, blank=True, editable=False)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
        verbose_name = "grant to a person"
        verbose_name_plural = "grants to people"
        unique_together: ClassVar = [("user", "permission", "content_object", "role")]


class EnvironmentGroupGrant(Grant, GroupObjectPermissionBase):
    """A permission that a group (a role in an environment) holds."""

    content_object = models.ForeignKey(Environment, on_delete=models.CASCADE, verbose_name="environment")

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = False
        default_permissions = ()
        verbose_name = "grant to a group"
        verbose_name_plural = "grants to groups"
