"""Finding traces over the API: the same filters as on the page, cursor pages; and the spans of one."""

import uuid
from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.searching import (
    ENVIRONMENT,
    IN_EITHER,
    POST_IT,
    EnvironmentView,
    Paged,
    PageView,
    SearchBody,
    page_parameters,
    posted_params,
    read_limit,
)
from diagnostics.core import limits
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment, Span
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import user_keys_of
from diagnostics.search.page import search_limits
from diagnostics.search.trace_filters import DEFAULT_RANGE, FIELD_NAMES, SORTS, TraceFilters
from diagnostics.search.traces import Trace, read_traces

MOST: int = 100
USUAL: int = 50
MOST_SPANS: int = 500
NOTES = {
    "service": "Name of a service that took part.",
    "name": "Part of a span's name or route.",
    "min": "Shortest duration of a span: milliseconds such as 500, or 1.5s.",
    "status": "error (failed or 5xx), 5xx, 4xx, 503.",
    "session": "Session id.",
    "user": POST_IT.format("traces"),
    "release": "Release of a service.",
}
PARAMETERS = [
    ENVIRONMENT,
    *(OpenApiParameter(name, str, description=note) for name, note in NOTES.items()),
    OpenApiParameter("sort", str, enum=list(SORTS), description="newest when not given."),
    *page_parameters(
        f"How far back; {DEFAULT_RANGE} when not given.", f"Traces a page, 1 to {MOST}; {USUAL} when not given."
    ),
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


class TracedEnvironment(EnvironmentView):
    """An environment that keeps traces."""

    needed_perm = Perm.VIEW_TRACES

    def environment(self, named: str = "") -> Environment:
        """The environment that the body or the address names."""
        environment = super().environment(named)
        if not environment.tracing_enabled:
            raise ValidationError({"environment": ["Traces are switched off in this environment."]})
        return environment


class TracePageView(TracedEnvironment, PageView):
    """A page of what parameters ask for, wherever they stand."""

    queryset = Span.objects.none()
    serializer_class: Any = TraceSerializer
    list_name = "api-trace-list"

    def find(self, request: Request, environment: Environment, params: dict[str, str]) -> Response:
        """A page of what the parameters ask for."""
        try:
            filters = TraceFilters.from_params(params)
            typed = filters.fields.get("user", "")
            note_lookup(request.user, environment, typed)
            filters = filters.with_user_keys(user_keys_of(environment, typed)) if typed else filters
            with search_limits():
                size = read_limit(params, USUAL, MOST)
                page = read_traces(environment, filters, params.get("cursor", ""), size)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        return self.answer(environment, params, page.traces, page.next_cursor)


@extend_schema_view(get=extend_schema(parameters=PARAMETERS, operation_id="traces_list", summary="Find traces"))
class TraceListView(TracePageView):
    """Traces of one environment of which one span fits everything that is asked for, the newest or the slowest first."""

    def get(self, request: Request) -> Response:
        """One page."""
        return self.find(request, self.environment(), request.query_params.dict())


class TraceSearchBody(SearchBody):
    """The same as in an address."""

    sort = serializers.ChoiceField(choices=list(SORTS), required=False)
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
        parameters=[IN_EITHER],
        request=TraceSearchBody, responses=TraceSerializer(many=True), operation_id="traces_search",
        summary="Find traces of a person",
    )
)  # fmt: skip
class TraceSearchView(TracePageView):
    """The same search with its parameters in the body: a raw user id in an address would stay in logs of proxies."""

    def post(self, request: Request) -> Response:
        """One page; `next` is an address that names pseudonyms."""
        params = posted_params(request, TraceSearchBody(data=request.data))
        return self.find(request, self.environment(params.get("environment", "")), params)


@extend_schema_view(
    get=extend_schema(
        parameters=[ENVIRONMENT], operation_id="traces_retrieve", summary="The spans of a trace",
        responses=SpanSerializer(many=True),
    )
)  # fmt: skip
class TraceDetailView(TracedEnvironment):
    """The spans of one trace, as they began; at most 500."""

    queryset = Span.objects.none()
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
