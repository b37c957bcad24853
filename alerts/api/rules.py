"""Alert rules over the API."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.viewsets import ModelViewSet

from alerts.changes import delete_rule, save_rule
from alerts.models import AlertRule, Target
from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, named_environment
from diagnostics.core.permissions import Perm
from diagnostics.privacy.changes import tracked_change

# The same words for a target that is missing and for one that is another environment's.
NO_TARGET = "There is no target {pk_value} in this environment."


class RuleSerializer(serializers.ModelSerializer[AlertRule]):
    """A rule. `environment` is given when it is made and stays; `targets` are ids of targets there (none: all)."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    targets = serializers.PrimaryKeyRelatedField[Any](
        many=True,
        required=False,
        queryset=Target.objects.all(),
        error_messages={"does_not_exist": NO_TARGET},
    )

    class Meta:
        model = AlertRule
        fields = (
            "id", "environment", "slug", "name", "enabled", "builtin", "signal", "query", "pattern", "template", "level",
            "condition", "compare_to", "group_by", "service_name", "except_services", "window_minutes", "threshold",
            "recover_threshold",
            "minimum_count", "minimum_sample", "for_seconds", "keep_firing_seconds", "minimum_firing_seconds",
            "cooldown_seconds", "severity", "targets", "runbook_url", "muted_until", "mute_reason", "health", "health_note",
            "health_since",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = ("id", "builtin", "health", "health_note", "health_since", "created_at", "updated_at")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The model's own checks, and targets of the same environment only."""
        request = self.context["request"]
        environment = self.instance.environment if self.instance else named_environment(
            request, Perm.MANAGE_RULES, request.data.get("environment")
        )  # fmt: skip
        attrs["environment"] = environment
        for target in attrs.get("targets", []):
            if target.environment_id != environment.pk:
                raise serializers.ValidationError({"targets": [NO_TARGET.format(pk_value=target.pk)]})
        values = {name: value for name, value in attrs.items() if name != "targets"}
        rule = self.instance or AlertRule()
        for name, value in values.items():
            setattr(rule, name, value)
        others = AlertRule.objects.filter(environment=environment, slug=rule.slug).exclude(pk=rule.pk)
        if others.exists():
            raise serializers.ValidationError({"slug": ["This environment has a rule of this slug already."]})
        rule.full_clean()
        return attrs

    def create(self, validated_data: dict[str, Any]) -> AlertRule:
        """A new rule."""
        return self.store(AlertRule(), validated_data)

    def update(self, rule: AlertRule, validated_data: dict[str, Any]) -> AlertRule:
        """Change what was given."""
        return self.store(rule, validated_data)

    def store(self, rule: AlertRule, values: dict[str, Any]) -> AlertRule:
        """The rule and its targets: one change."""
        actor, targets = self.context["request"].user, values.pop("targets", None)
        for name, value in values.items():
            setattr(rule, name, value)
        with tracked_change(actor, rule):
            save_rule(actor, rule)
            if targets is not None:
                rule.targets.set(targets)
        return rule


@extend_schema_view(list=extend_schema(parameters=[ENVIRONMENT_PARAMETER]))
class RuleViewSet(ScopedViewSet, ModelViewSet[AlertRule]):
    """Rules of the environments whose incidents you may see; changing them needs manage_rules."""

    queryset = AlertRule.objects.select_related("environment").prefetch_related("targets")
    serializer_class = RuleSerializer
    pagination_class = TimeCursorPagination
    read_perm = Perm.VIEW_INCIDENTS
    write_perm = Perm.MANAGE_RULES
    lookup_value_regex = "[0-9]+"

    def perform_destroy(self, instance: AlertRule) -> None:
        """Nothing that it opened stays stuck. Built-in rules would come back with the next start."""
        if instance.builtin:
            raise serializers.ValidationError(
                {"builtin": ["A built-in rule cannot be deleted; set `enabled` to false."]}
            )
        delete_rule(self.request.user, instance)
