"""Finding traces over the API: the same filters as on the page, cursor pages; and the spans of one."""

import uuid
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.logs import Paged, next_address, read_limit
from diagnostics.core import limits
from diagnostics.core.access import access_environment
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, Span
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import user_keys_of
from diagnostics.search.filters import RANGES
from diagnostics.search.page import search_limits
from diagnostics.search.trace_filters import DEFAULT_RANGE, FIELD_NAMES, SORTS, TraceFilters
from diagnostics.search.traces import Trace, read_traces

MOST: int = 100
MOST_SPANS: int = 500
NOTES = {
    "service": "Name of a service that took part.",
    "name": "Part of a span's name or route.",
    "min": "Shortest duration of a span: milliseconds such as 500, or 1.5s.",
    "status": "error (failed or 5xx), 5xx, 4xx, 503.",
    "session": "Session id.",
    "user": "A pseudonym (`user_key`). A user id works too, but addresses stay in logs of proxies: POST it to "
    "/api/v1/traces/search.",
    "release": "Release of a service.",
}
ENVIRONMENT = OpenApiParameter("environment", str, required=True, description="Slug.")
PARAMETERS = [
    ENVIRONMENT,
    *(OpenApiParameter(name, str, description=note) for name, note in NOTES.items()),
    OpenApiParameter("sort", str, enum=list(SORTS), description="newest when not given."),
    OpenApiParameter("range", str, enum=list(RANGES), description=f"How far back; {DEFAULT_RANGE} when not given."),
    OpenApiParameter("since", str, description="RFC 3339."),
    OpenApiParameter("until", str, description="RFC 3339."),
    OpenApiParameter("cursor", str, description="From `next` of the page before."),
    OpenApiParameter("limit", int, description=f"Traces a page, 1 to {MOST}; 50 when not given."),
]


class FoundSerializer(serializers.Serializer[Any]):
    """The span of a trace that fits what was asked for."""

    service_name = serializers.CharField()
    name = serializers.CharField()
    timestamp = serializers.DateTimeField()
    duration_ms = serializers.FloatField()


class TraceSerializer(serializers.Serializer[Trace]):
    """A trace: named by its root, or by its earliest span where the root was not received (`has_root`)."""

    trace_id = serializers.CharField(source="trace_id.hex")
    began = serializers.DateTimeField()
    duration_ms = serializers.FloatField()
    name = serializers.CharField()
    service_name = serializers.CharField()
    services = serializers.ListField(child=serializers.CharField())
    has_root = serializers.BooleanField()
    spans = serializers.IntegerField(help_text="Counted up to 2,000.")
    errors = serializers.IntegerField(help_text="Spans that failed or answered with 5xx.")  # type: ignore[assignment]
    session_id = serializers.CharField()
    user_key = serializers.CharField()
    found = serializers.SerializerMethodField()

    @extend_schema_field(FoundSerializer)
    def get_found(self, trace: Trace) -> dict[str, Any]:
        """What it was found by."""
        return dict(FoundSerializer(trace.found).data)


class SpanSerializer(serializers.ModelSerializer[Span]):
    """A span as it is stored."""

    trace_id = serializers.CharField(source="trace_id.hex", read_only=True)
    duration_ms = serializers.FloatField(read_only=True)
    attributes = serializers.DictField(read_only=True)
    events = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta:
        model = Span
        fields = (
            "trace_id", "span_id", "parent_span_id", "name", "kind", "timestamp", "duration_ms", "status_code",
            "status_message", "service_name", "release", "session_id", "user_key", "journey_id", "request_id", "http_method",
            "http_route", "http_status", "error_type", "attributes", "events",
        )  # fmt: skip
        read_only_fields = fields


class TraceView(GenericAPIView[Any]):
    """What the views share."""

    queryset = Span.objects.none()
    serializer_class: Any = TraceSerializer

    def environment(self, named: str = "") -> Environment:
        """The environment that the body or the address names; 404 both when it is missing and when it is not theirs."""
        slug = named or self.request.query_params.get("environment")
        if not slug:
            raise ValidationError({"environment": ["Name an environment by its slug."]})
        environment = access_environment(self.request.user, slug, Perm.VIEW_TRACES)
        if not environment.tracing_enabled:
            raise ValidationError({"environment": ["Traces are switched off in this environment."]})
        return environment


class TracePageView(TraceView):
    """A page of what parameters ask for, wherever they stand."""

    pagination_class = Paged

    def find(self, request: Request, environment: Environment, params: dict[str, str]) -> Response:
        """A page; `next` leads on without a raw user id."""
        try:
            filters = TraceFilters.from_params(params)
            typed = filters.fields.get("user", "")
            note_lookup(request.user, environment, typed)
            filters = filters.with_user_keys(user_keys_of(environment, typed)) if typed else filters
            with search_limits():
                size = read_limit(params.get("limit", "50"), MOST)
                page = read_traces(environment, filters, params.get("cursor", ""), size)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        following = next_address(request, environment, "api-trace-list", params, page.next_cursor, line="")
        results: Any = self.get_serializer(page.traces, many=True).data
        return Response({"next": following, "previous": None, "results": results})


@extend_schema_view(get=extend_schema(parameters=PARAMETERS, operation_id="traces_list", summary="Find traces"))
class TraceListView(TracePageView):
    """Traces of one environment of which one span fits everything that is asked for, the newest or the slowest first."""

    def get(self, request: Request) -> Response:
        """One page."""
        return self.find(request, self.environment(), request.query_params.dict())


class TraceSearchBody(serializers.Serializer[Any]):
    """The same as in an address."""

    environment = serializers.CharField(required=False, help_text="Slug; or in the address.")
    sort = serializers.ChoiceField(choices=list(SORTS), required=False)
    range = serializers.ChoiceField(choices=list(RANGES), required=False)
    since = serializers.CharField(required=False)
    until = serializers.CharField(required=False)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """And each field of a search by its name."""
        named = {
            name: serializers.CharField(required=False, max_length=2 * limits.NAME_CHARS, help_text=NOTES[name])
            for name in FIELD_NAMES
        }
        return {**super().get_fields(), **named}


@extend_schema_view(
    post=extend_schema(
        parameters=[OpenApiParameter("environment", str, description="Slug; or in the body.")],
        request=TraceSearchBody, responses=TraceSerializer(many=True), operation_id="traces_search",
        summary="Find traces of a person",
    )
)  # fmt: skip
class TraceSearchView(TracePageView):
    """The same search with its parameters in the body: a raw user id in an address would stay in logs of proxies."""

    def post(self, request: Request) -> Response:
        """One page; `next` is an address that names pseudonyms."""
        body = TraceSearchBody(data=request.data)
        body.is_valid(raise_exception=True)
        params = {**request.query_params.dict(), **{name: str(value) for name, value in body.validated_data.items()}}
        return self.find(request, self.environment(params.get("environment", "")), params)


@extend_schema_view(
    get=extend_schema(
        parameters=[ENVIRONMENT], operation_id="traces_retrieve", summary="The spans of a trace",
        responses=SpanSerializer(many=True),
    )
)  # fmt: skip
class TraceDetailView(TraceView):
    """The spans of one trace, as they began; at most 500."""

    serializer_class = SpanSerializer
    pagination_class = Paged

    def get(self, request: Request, trace_id: str) -> Response:
        """All of them on one page."""
        environment = self.environment()
        try:
            key = uuid.UUID(hex=trace_id)
        except ValueError:
            raise Http404("This is no trace id.") from None
        with search_limits():
            spans = list(Span.objects.filter(environment_id=environment.pk, trace_id=key)[:MOST_SPANS])
        if not spans:
            raise Http404("There is no such trace, or its retention is over.")
        return Response({"next": None, "previous": None, "results": self.get_serializer(spans, many=True).data})
