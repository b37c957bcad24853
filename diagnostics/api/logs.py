"""Searching records over the API: the same filters as on the page, cursor pages, newest first."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.searching import (
    ENVIRONMENT,
    IN_EITHER,
    POST_IT,
    EnvironmentView,
    PageView,
    SearchBody,
    page_parameters,
    posted_params,
    read_limit,
)
from diagnostics.core import clock
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.lookups import note_lookup
from diagnostics.search.filters import FIELD_NAMES, LogFilters
from diagnostics.search.find import find_logs
from diagnostics.search.page import read_page, search_limits
from diagnostics.search.record import record_at

MOST: int = 500

USUAL: int = 100
PARAMETERS = [
    ENVIRONMENT,
    OpenApiParameter(
        "q",
        str,
        description='The query line: words, "a phrase", -without, this OR that, service:x level:error -service:y @order:42 '
        "duration:>1s.",
    ),
    *page_parameters(
        "How far back; 1h when nothing is given.", f"Records a page, 1 to {MOST}; {USUAL} when not given."
    ),
    *(
        OpenApiParameter(
            name, str, description=POST_IT.format("logs") if name == "user" else f"Only records with this {name}."
        )
        for name in FIELD_NAMES
    ),
]


class LogRecordSerializer(serializers.ModelSerializer[LogRecord]):
    """A record without its restricted fields: those are shown by an act of its own only."""

    reference = serializers.CharField(read_only=True)
    severity = serializers.CharField(read_only=True)
    trace_id = serializers.CharField(source="trace_hex", read_only=True)
    template = serializers.CharField(source="template_reference", read_only=True)
    timestamp_unix_nano = serializers.SerializerMethodField(help_text="Nanoseconds since 1970, as a decimal text.")
    attributes = serializers.DictField(read_only=True)

    class Meta:
        model = LogRecord
        fields = (
            "reference", "timestamp", "timestamp_unix_nano", "observed_timestamp", "severity", "severity_number",
            "service_name", "logger", "release", "body", "event_name", "trace_id", "span_id", "session_id", "user_key",
            "journey_id", "request_id", "http_method", "http_route", "http_status", "duration_ms", "error_type",
            "fingerprint", "template", "client_network", "geo_country", "geo_region", "device_type", "browser", "os", "is_bot",
            "has_restricted", "attributes",
        )  # fmt: skip
        read_only_fields = fields

    def get_timestamp_unix_nano(self, record: LogRecord) -> str:
        """JSON numbers lose digits in many readers."""
        return str(clock.to_ns(record.timestamp) + record.timestamp_ns)


class LogPageView(PageView):
    """A page of what parameters ask for, wherever they stand."""

    queryset = LogRecord.objects.none()
    serializer_class = LogRecordSerializer
    list_name = "api-log-list"
    line = "q"

    def find(self, request: Request, environment: Environment, params: dict[str, str]) -> Response:
        """A page of what the parameters ask for."""
        try:
            asked = LogFilters.from_params(params)
            note_lookup(request.user, environment, asked.fields.get("user", ""))
            with search_limits():
                page = read_page(
                    find_logs(environment, asked), params.get("cursor", ""), read_limit(params, USUAL, MOST)
                )
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        return self.answer(environment, params, page.records, page.next_cursor)


@extend_schema_view(get=extend_schema(parameters=PARAMETERS, operation_id="logs_list", summary="Search records"))
class LogSearchView(LogPageView):
    """Search records of one environment, newest first. POST on the same address takes records in (with an ingest key)."""

    def get(self, request: Request) -> Response:
        """One page."""
        return self.find(request, self.environment(), request.query_params.dict())


class LogSearchBody(SearchBody):
    """The same as in an address."""

    q = serializers.CharField(required=False, allow_blank=True)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """And each field of a record by its name."""
        named = {name: serializers.CharField(required=False, max_length=400) for name in FIELD_NAMES}
        return {**super().get_fields(), **named}


@extend_schema_view(
    post=extend_schema(
        parameters=[IN_EITHER],
        request=LogSearchBody, responses=LogRecordSerializer(many=True), operation_id="logs_search",
        summary="Search records for a person",
    )
)  # fmt: skip
class LogPostedSearchView(LogPageView):
    """The same search with its parameters in the body: a raw user id in an address would stay in logs of proxies."""

    def post(self, request: Request) -> Response:
        """One page; `next` is an address that names pseudonyms."""
        params = posted_params(request, LogSearchBody(data=request.data))
        return self.find(request, self.environment(params.get("environment", "")), params)


@extend_schema_view(get=extend_schema(parameters=[ENVIRONMENT], operation_id="logs_retrieve", summary="One record"))
class LogDetailView(EnvironmentView):
    """One record by its reference."""

    queryset = LogRecord.objects.none()
    serializer_class = LogRecordSerializer

    def get(self, request: Request, reference: str) -> Response:
        """The record."""
        record = record_at(LogRecord.objects.filter(environment_id=self.environment().pk), reference)
        if record is None:
            raise Http404("There is no such record, or its retention is over.")
        return Response(self.get_serializer(record).data)
