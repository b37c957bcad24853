"""Targets over the API. Secrets can be written, never read back."""

from typing import Any, Final

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ModelViewSet

from alerts.changes import check_target, delete_target, save_target
from alerts.delivery.share import SHAREABLE
from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Target
from alerts.targets import read_secrets
from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, named_environment
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment

LINKS: Final = ("fallback", "escalation")  # fields that lead to another target
# The same words for a target that is missing and for one that is another environment's.
NO_TARGET = "There is no target {pk_value} in this environment."


class TargetSerializer(serializers.ModelSerializer[Target]):
    """A target. `secrets` holds what the kind keeps secret (an address with a token, a key) and is write-only."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    kind = serializers.ChoiceField(choices=sorted(INTEGRATIONS))
    config = serializers.DictField(child=serializers.CharField(max_length=2000), required=False)
    secrets = serializers.DictField(child=serializers.CharField(max_length=2000), required=False, write_only=True)
    fallback = serializers.PrimaryKeyRelatedField[Any](
        queryset=Target.objects.all(),
        required=False,
        allow_null=True,
        error_messages={"does_not_exist": NO_TARGET},
    )
    escalation = serializers.PrimaryKeyRelatedField[Any](
        queryset=Target.objects.all(),
        required=False,
        allow_null=True,
        error_messages={"does_not_exist": NO_TARGET},
    )
    shared_fields = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SHAREABLE)),
        required=False,
        help_text="What may leave the building. Severity, environment, state, times and the incident's link always go.",
    )
    secrets_set = serializers.SerializerMethodField(help_text="Names of the secrets that are set.")

    class Meta:
        model = Target
        fields = (
            "id", "environment", "name", "kind", "enabled", "minimum_severity", "send_resolved", "hourly_budget",
            "digest_seconds", "fallback", "is_reserve", "answer_minutes", "escalation", "hours_days", "hours_begin", "hours_end",
            "hours_zone", "urgent_severity", "shared_fields", "config", "secrets", "secrets_set", "failing_since",
            "disabled_reason", "created_at",
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
        problems = check_target(kind, config, attrs.get("secrets", {}), known)
        if problems:
            raise serializers.ValidationError({"config": problems})
        name = attrs.get("name", target.name if target else "")
        self.check_planning(environment, attrs)
        others = Target.objects.filter(environment=environment, name=name).exclude(pk=target.pk if target else 0)
        if others.exists():
            raise serializers.ValidationError({"name": ["This environment has a target of this name already."]})
        return attrs

    def check_planning(self, environment: Environment, attrs: dict[str, Any]) -> None:
        """Hours and whom it leads to, by the model's own rules; another environment's target looks like a missing one."""
        for name in LINKS:
            linked = attrs.get(name)
            if linked is not None and linked.environment_id != environment.pk:
                raise serializers.ValidationError({name: [NO_TARGET.format(pk_value=linked.pk)]})
        names = (*LINKS, "answer_minutes", "hours_days", "hours_begin", "hours_end", "hours_zone")
        known = {name: getattr(self.instance, name) for name in names} if self.instance else {}
        given = {name: attrs[name] for name in names if name in attrs}
        own = self.instance.pk if self.instance else None
        Target(pk=own, environment=environment, **{**known, **given}).clean()

    def create(self, validated_data: dict[str, Any]) -> Target:
        """A new target."""
        return self.store(Target(), validated_data)

    def update(self, target: Target, validated_data: dict[str, Any]) -> Target:
        """Change what was given."""
        return self.store(target, validated_data)

    def store(self, target: Target, values: dict[str, Any]) -> Target:
        """Save, with the secrets encrypted."""
        secrets = values.pop("secrets", None)
        for name, value in values.items():
            setattr(target, name, value)
        save_target(self.context["request"].user, target, secrets)
        return target


@extend_schema_view(list=extend_schema(parameters=[ENVIRONMENT_PARAMETER]))
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
