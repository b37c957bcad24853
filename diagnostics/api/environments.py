"""Environments over the API: which there are, and what one may do in them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.viewsets import GenericViewSet

from diagnostics.core.access import perms_by_environment, visible_environments
from diagnostics.models import Environment


class EnvironmentSerializer(serializers.ModelSerializer[Environment]):
    """An environment, with the asking person's permissions in it."""

    permissions = serializers.SerializerMethodField()

    class Meta:
        model = Environment
        fields = (
            "slug", "name", "kind", "streaming_enabled", "snapshots_enabled", "tracing_enabled", "retention_days",
            "restricted_retention_days", "snapshot_retention_days", "permissions",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_permissions(self, environment: Environment) -> list[str]:
        """What the person may do there."""
        return sorted(perm.value for perm in self.context["held"][environment.pk])


class EnvironmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Any]):
    """The environments in which you hold any permission."""

    queryset = Environment.objects.all()
    serializer_class = EnvironmentSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Environment]:
        """Nothing is told of the others."""
        return visible_environments(self.request.user)

    def get_serializer(self, instance: Any = None, *args: Any, **kwargs: Any) -> Any:
        """With the permissions of all rows shown, asked at once."""
        rows = instance if kwargs.get("many") else [instance] if instance else []
        kwargs["context"] = {**self.get_serializer_context(), "held": perms_by_environment(self.request.user, rows)}
        return super().get_serializer(instance, *args, **kwargs)
