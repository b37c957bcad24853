"""Searching records over the API: the same filters as on the page, cursor pages, newest first."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.core import clock
from diagnostics.core.access import access_environment
from diagnostics.core.permissions import Perm
from diagnostics.core.reference import read_reference
from diagnostics.models import Environment, LogRecord
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.pseudonyms import keys_of, stand_in
from diagnostics.search.filters import FIELD_NAMES, RANGES, LogFilters, filter_logs
from diagnostics.search.page import read_page, search_limits
from diagnostics.search.people import resolve_user, without_raw_ids

MOST: int = 500

NOTES = {
    "user": " A pseudonym (`user_key`). A user id works too, but addresses stay in logs of proxies: POST it to "
    "/api/v1/logs/search."
}
PARAMETERS = [
    OpenApiParameter("environment", str, required=True, description="Slug."),
    OpenApiParameter(
        "q",
        str,
        description='The query line: words, "a phrase", -without, service:x level:error -service:y @order:42 duration:>1s.',
    ),
    OpenApiParameter("range", str, enum=list(RANGES), description="How far back; 1h when nothing is given."),
    OpenApiParameter("since", str, description="RFC 3339."),
    OpenApiParameter("until", str, description="RFC 3339."),
    OpenApiParameter("cursor", str, description="From `next` of the page before."),
    OpenApiParameter("limit", int, description=f"Records a page, 1 to {MOST}; 100 when not given."),
    *(
        OpenApiParameter(name, str, description=f"Only records with this {name}.{NOTES.get(name, '')}")
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


class LogView(GenericAPIView[LogRecord]):
    """What both views share."""

    queryset = LogRecord.objects.none()
    serializer_class = LogRecordSerializer
    needed_perm = Perm.VIEW_LOGS

    def environment(self, named: str = "") -> Environment:
        """The environment that the body or the address names; 404 both when it is missing and when it is not theirs."""
        slug = named or self.request.query_params.get("environment")
        if not slug:
            raise ValidationError({"environment": ["Name an environment by its slug."]})
        return access_environment(self.request.user, slug, self.needed_perm)


class Paged(CursorPagination):
    """For the schema alone: the page's shape (`next`, `previous`, `results`) is this one's."""


class LogPageView(LogView):
    """A page of what parameters ask for, wherever they stand."""

    pagination_class = Paged

    def find(self, request: Request, environment: Environment, params: dict[str, str]) -> Response:
        """A page of what the parameters ask for; `next` leads on without a raw user id."""
        try:
            asked = LogFilters.from_params(params)
            note_lookup(request.user, environment, asked.fields.get("user", ""))
            filters = resolve_user(asked, keys_of(environment))
            rows = filter_logs(LogRecord.objects.filter(environment_id=environment.pk), filters)
            with search_limits():
                page = read_page(rows, params.get("cursor", ""), read_limit(params.get("limit", "100")))
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        following = next_address(request, environment, "api-log-list", params, page.next_cursor)
        results: Any = self.get_serializer(page.records, many=True).data
        return Response({"next": following, "previous": None, "results": results})


def next_address(
    request: Request, environment: Environment, name: str, params: Mapping[str, str], cursor: str, line: str = "q"
) -> str | None:
    """Of the list's next page, without a raw user id; None behind the last. `line` names the query line's parameter."""
    if not cursor:
        return None
    named = without_raw_ids(params, lambda typed: stand_in(environment, typed), line)
    return request.build_absolute_uri(f"{reverse(name)}?{urlencode({**named, 'cursor': cursor})}")


@extend_schema_view(get=extend_schema(parameters=PARAMETERS, operation_id="logs_list", summary="Search records"))
class LogSearchView(LogPageView):
    """Search records of one environment, newest first. POST on the same address takes records in (with an ingest key)."""

    def get(self, request: Request) -> Response:
        """One page."""
        return self.find(request, self.environment(), request.query_params.dict())


class SearchBody(serializers.Serializer[Any]):
    """The same as in an address."""

    environment = serializers.CharField(required=False, help_text="Slug; or in the address.")
    q = serializers.CharField(required=False, allow_blank=True)
    range = serializers.ChoiceField(choices=list(RANGES), required=False)
    since = serializers.CharField(required=False)
    until = serializers.CharField(required=False)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=MOST)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """And each field of a record by its name."""
        named = {name: serializers.CharField(required=False, max_length=400) for name in FIELD_NAMES}
        return {**super().get_fields(), **named}


@extend_schema_view(
    post=extend_schema(
        parameters=[OpenApiParameter("environment", str, description="Slug; or in the body.")],
        request=SearchBody, responses=LogRecordSerializer(many=True), operation_id="logs_search",
        summary="Search records for a person",
    )
)  # fmt: skip
class LogPostedSearchView(LogPageView):
    """The same search with its parameters in the body: a raw user id in an address would stay in logs of proxies."""

    def post(self, request: Request) -> Response:
        """One page; `next` is an address that names pseudonyms."""
        body = SearchBody(data=request.data)
        body.is_valid(raise_exception=True)
        params = {**request.query_params.dict(), **{name: str(value) for name, value in body.validated_data.items()}}
        return self.find(request, self.environment(params.get("environment", "")), params)


def read_limit(text: str, most: int = MOST) -> int:
    """ValueError names the field and its bounds."""
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise ValueError(f"limit: use a number from 1 to {most}")
    return int(text)


@extend_schema_view(get=extend_schema(parameters=PARAMETERS[:1], operation_id="logs_retrieve", summary="One record"))
class LogDetailView(LogView):
    """One record by its reference."""

    def get(self, request: Request, reference: str) -> Response:
        """The record."""
        environment, place = self.environment(), read_reference(reference)
        rows = LogRecord.objects.filter(environment_id=environment.pk)
        record = place and rows.filter(timestamp=place.timestamp, pk=place.id).first()
        if not record:
            raise Http404("There is no such record, or its retention is over.")
        return Response(self.get_serializer(record).data)
