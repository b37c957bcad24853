"""What a search finds, counted by the values of a field, over the API."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.logs import PARAMETERS, LogSearchBody
from diagnostics.api.searching import IN_EITHER, EnvironmentView, posted_params, read_limit
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.lookups import note_lookup
from diagnostics.search.filters import LogFilters
from diagnostics.search.groups import MOST, ORDERS, SHOWN, read_by, read_groups

USUAL: Final = "service"
OWN: Final = [
    OpenApiParameter(
        "by",
        str,
        description="A field such as route, release, user or status, or an attribute: @tenant; service when not given.",
    ),
    OpenApiParameter("order", str, enum=list(ORDERS), description="What comes first; records when not given."),
    OpenApiParameter("limit", int, description=f"Values, 1 to {MOST}; {SHOWN} when not given."),
]
SEARCH: Final = [parameter for parameter in PARAMETERS if parameter.name not in ("limit", "cursor")]


class GroupSerializer(serializers.Serializer[Any]):
    """The records of one value."""

    value = serializers.CharField()
    records = serializers.IntegerField()
    error_records = serializers.IntegerField(source="errors", help_text="Of level error and worse.")
    p95_ms = serializers.FloatField(allow_null=True, help_text="Of those whose duration is known.")
    last_seen = serializers.DateTimeField()
    counts = serializers.ListField(child=serializers.IntegerField(), help_text="Records in each step.")
    query = serializers.CharField(
        source="term", help_text="The condition that finds them; empty where none can be written."
    )


class GroupsSerializer(serializers.Serializer[Any]):
    """All values of a field that were counted."""

    by = serializers.CharField()
    records = serializers.IntegerField(help_text="How many were looked at: the newest that match.")
    without = serializers.IntegerField(help_text="How many of these have no value.")
    values = serializers.IntegerField(help_text="How many values there are.")
    since = serializers.DateTimeField(
        allow_null=True, help_text="Of the oldest looked at, where more match; else null."
    )
    start = serializers.SerializerMethodField(help_text="Of the first step.")
    step_seconds = serializers.SerializerMethodField()
    results = GroupSerializer(source="groups", many=True)

    def get_start(self, groups: Any) -> str:
        """RFC 3339."""
        return str(groups.span.times[0].isoformat())

    def get_step_seconds(self, groups: Any) -> int:
        """Of every step."""
        return int(groups.span.step.total_seconds())


class CountView(EnvironmentView):
    """What parameters ask for, wherever they stand."""

    queryset = LogRecord.objects.none()
    serializer_class = GroupsSerializer

    def count(self, request: Request, environment: Environment, params: dict[str, str]) -> Response:
        """The table."""
        try:
            by, order = read_by(params.get("by", USUAL)), params.get("order") or "records"
            if order not in ORDERS:
                raise ValueError(f"order: use {', '.join(ORDERS)}")
            asked, most = LogFilters.from_params(params), read_limit(params, SHOWN, MOST)
            note_lookup(request.user, environment, asked.fields.get("user", ""))
            groups = read_groups(environment, asked, by, order, most)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        return Response(self.get_serializer(groups).data)


@extend_schema_view(
    get=extend_schema(parameters=[*SEARCH, *OWN], operation_id="logs_counts", summary="Count records by a field")
)
class LogCountView(CountView):
    """Count what a search finds by the values of one field."""

    def get(self, request: Request) -> Response:
        """The most frequent values."""
        return self.count(request, self.environment(), request.query_params.dict())


class LogCountBody(LogSearchBody):
    """The same as in an address."""

    cursor = None  # type: ignore[assignment]  # DRF's way to leave a field out
    by = serializers.CharField(required=False, max_length=204)
    order = serializers.ChoiceField(choices=list(ORDERS), required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST)


@extend_schema_view(
    post=extend_schema(
        parameters=[IN_EITHER], request=LogCountBody, responses=GroupsSerializer, operation_id="logs_counts_search",
        summary="Count a person's records by a field",
    )
)  # fmt: skip
class LogPostedCountView(CountView):
    """The same with its parameters in the body: a raw user id in an address would stay in logs of proxies."""

    def post(self, request: Request) -> Response:
        """The most frequent values."""
        params = posted_params(request, LogCountBody(data=request.data))
        return self.count(request, self.environment(params.get("environment", "")), params)
