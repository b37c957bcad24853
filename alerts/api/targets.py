"""Targets over the API. Secrets can be written, never read back."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.viewsets import ModelViewSet

from alerts.changes import check_target, delete_target, save_target
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Target
from alerts.targets import read_secrets
from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ScopedViewSet, named_environment
from diagnostics.core.permissions import Perm


class TargetSerializer(serializers.ModelSerializer[Target]):
    """A target. `secrets` holds what the kind keeps secret (an address with a token, a key) and is write-only."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    kind = serializers.ChoiceField(choices=sorted(INTEGRATIONS))
    config = serializers.DictField(child=serializers.CharField(max_length=2000), required=False)
    secrets = serializers.DictField(child=serializers.CharField(max_length=2000), required=False, write_only=True)
    secrets_set = serializers.SerializerMethodField(help_text="Names of the secrets that are set.")

    class Meta:
        model = Target
        fields = (
            "id", "environment", "name", "kind", "enabled", "minimum_severity", "send_resolved", "config", "secrets",
            "secrets_set", "failing_since", "disabled_reason", "created_at",
        )  # fmt: skip
        read_only_fields = ("id", "failing_since", "disabled_reason", "created_at")

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_secrets_set(self, target: Target) -> list[str]:
        """Names, no values."""
        return sorted(read_secrets(target))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The integration says what it needs."""
        request, target = self.context["request"], self.instance
        if target is None:
            environment = named_environment(request, Perm.MANAGE_TARGETS, request.data.get("environment"))
            attrs["environment"] = environment
        else:
            environment = target.environment
        kind = attrs.get("kind", target.kind if target else "")
        if target is not None and kind != target.kind:
            raise serializers.ValidationError({"kind": ["A target's kind cannot be changed; make another target."]})
        known = read_secrets(target) if target else {}
        config = attrs.get("config", target.config if target else {})
        problems = check_target(kind, config, {**known, **attrs.get("secrets", {})})
        if problems:
            raise serializers.ValidationError({"config": problems})
        name = attrs.get("name", target.name if target else "")
        others = Target.objects.filter(environment=environment, name=name).exclude(pk=target.pk if target else 0)
        if others.exists():
            raise serializers.ValidationError({"name": ["This environment has a target of this name already."]})
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Target:
        """A new target."""
        return self.store(Target(), validated_data)

    def update(self, target: Target, validated_data: dict[str, Any]) -> Target:
        """Change what was given."""
        return self.store(target, validated_data)

    def store(self, target: Target, values: dict[str, Any]) -> Target:
        """Save, with the secrets encrypted."""
        fields = [*values]
        secrets = values.pop("secrets", None)
        for name, value in values.items():
            setattr(target, name, value)
        save_target(self.context["request"].user, target, secrets, fields)
        return target


class TargetViewSet(ScopedViewSet, ModelViewSet[Target]):
    """Targets of the environments in which you hold manage_targets."""

    queryset = Target.objects.select_related("environment")
    serializer_class = TargetSerializer
    pagination_class = TimeCursorPagination
    read_perm = Perm.MANAGE_TARGETS
    lookup_value_regex = "[0-9]+"

    def perform_destroy(self, instance: Target) -> None:
        """Written down."""
        delete_target(self.request.user, instance)
