"""Patterns over the API. Their records: GET /api/v1/logs?environment=…&template=…"""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.exceptions import ValidationError

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, read_choice
from diagnostics.core.permissions import Perm
from diagnostics.core.severity import BANDS, lowest_of
from diagnostics.models import Template
from diagnostics.search.filters import read_moment


class PatternSerializer(serializers.ModelSerializer[Template]):
    """A template: what many records of a service say, `<*>` for what varies."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    template = serializers.CharField(source="reference", read_only=True, help_text="Its id in records and queries.")
    severity = serializers.CharField(read_only=True, help_text="The worst that was seen.")
    releases = serializers.SerializerMethodField(help_text="At most 20, the last seen first.")

    class Meta:
        model = Template
        fields = (
            "id", "environment", "template", "service_name", "text", "severity", "severity_number", "records",
            "first_seen", "last_seen", "releases",
        )  # fmt: skip
        read_only_fields = fields

    def get_releases(self, template: Template) -> list[str]:
        """Names alone."""
        return sorted(template.releases, key=lambda name: (-int(template.releases[name]), name))


class LastSeenFirst(TimeCursorPagination):
    """By the last record."""

    time_field = "last_seen"


@extend_schema_view(
    list=extend_schema(
        parameters=[
            ENVIRONMENT_PARAMETER,
            OpenApiParameter("service", str, description="Only patterns of this service."),
            OpenApiParameter("level", str, enum=list(BANDS), description="At least this severe."),
            OpenApiParameter("q", str, description="Words of the text, in any case."),
            OpenApiParameter("new_since", str, description="RFC 3339; only patterns first seen from then on."),
        ]
    )
)
class PatternViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Message patterns, the last seen first."""

    queryset = Template.objects.select_related("environment").filter(merged_into=None).exclude(text="")
    serializer_class = PatternSerializer
    pagination_class = LastSeenFirst
    read_perm = Perm.VIEW_LOGS
    lookup_value_regex = "[0-9]+"

    def get_queryset(self) -> QuerySet[Template]:
        """Cut to what is asked for."""
        rows = super().get_queryset()
        params = self.request.query_params
        if params.get("service"):
            rows = rows.filter(service_name=params["service"])
        if params.get("q"):
            rows = rows.filter(text__icontains=params["q"])
        if level := read_choice(params, "level", BANDS):
            rows = rows.filter(severity_number__gte=lowest_of(level))
        try:
            since = read_moment(params, "new_since")
        except ValueError as error:
            raise ValidationError({"new_since": [str(error)]}) from error
        return rows.filter(first_seen__gte=since) if since else rows
