"""Releases over the API: the figures of the page, the newest first."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.searching import ENVIRONMENT, PageView, page_parameters, read_limit
from diagnostics.core.access import held_perms
from diagnostics.core.limits import NAME_CHARS
from diagnostics.detection.comparison import Standing
from diagnostics.models import Event
from diagnostics.releases.arrivals import Asked
from diagnostics.releases.listing import MOST, SIZE, Release, read_listing
from diagnostics.releases.presence import Presence
from diagnostics.search.ranges import read_range

DEFAULT_RANGE: Final = "7d"
PARAMETERS: Final = [
    ENVIRONMENT,
    OpenApiParameter("service", str, description="Only releases of this service."),
    OpenApiParameter("release", str, description="Only this release, of all services."),
    *page_parameters(
        f"How far back; {DEFAULT_RANGE} when not given.", f"Releases a page, 1 to {MOST}; {SIZE} when not given."
    ),
]


class ChangeSerializer(serializers.Serializer[Any]):
    """A figure of the release that it is compared with, and of this one."""

    signal = serializers.ChoiceField(
        choices=("failed", "errors", "p95", "fatal"),
        help_text="`failed`: share of requests; `errors`: share of records; `p95`: milliseconds; `fatal`: errors that were "
        "first seen with it, are fatal, and are not ignored.",
    )
    before = serializers.FloatField()
    after = serializers.FloatField()
    verdict = serializers.ChoiceField(choices=[item.value for item in Standing], source="standing")


class FaredSerializer(serializers.Serializer[Any]):
    """How sessions fared with it."""

    sessions = serializers.IntegerField(help_text="That touched it.")
    crashed = serializers.IntegerField(help_text="That met a fatal record in it.")
    crash_free = serializers.FloatField(help_text="The share that met no fatal record in it.")


class ReleaseSerializer(serializers.Serializer[Release]):
    """A release of a service. Counts are since it came, as far as that lies in the time asked for."""

    service = serializers.CharField(source="arrival.service")
    release = serializers.CharField(source="arrival.release")
    came = serializers.DateTimeField(source="arrival.came", allow_null=True, help_text="Its last deploy.")
    is_first = serializers.BooleanField(
        source="arrival.is_first", help_text="The first that the service was seen with."
    )
    before = serializers.CharField(
        source="arrival.before", help_text="The release before it; empty where there is none."
    )
    compared_with = serializers.CharField(
        source="figures.against.release",
        help_text="The release that the verdict is against; empty where there is none.",
    )
    presence = serializers.ChoiceField(choices=[item.value for item in Presence])
    share = serializers.FloatField(help_text="Of its service's requests (else records) in the last 10 minutes.")
    requests = serializers.IntegerField(source="counts.requests")
    failed = serializers.IntegerField(source="counts.failures")
    failed_share = serializers.FloatField(source="figures.sums.failure_share", allow_null=True)
    p95_ms = serializers.FloatField(source="figures.p95", allow_null=True)
    records = serializers.IntegerField(source="counts.records")
    error_records = serializers.IntegerField(source="counts.errors")
    error_share = serializers.FloatField(allow_null=True, help_text="Of its records.")
    new_errors = serializers.IntegerField(help_text="Errors that were first seen with it, ever.")
    sessions = FaredSerializer(
        source="more.sessions", default=None, allow_null=True, help_text="Null without view_sessions, or without any."
    )
    verdict = serializers.ChoiceField(
        choices=[item.value for item in Standing],
        source="figures.verdict.standing",
        help_text="Its first day, against `compared_with`.",
    )
    changes = ChangeSerializer(source="figures.verdict.changes", many=True)


@extend_schema_view(
    get=extend_schema(
        parameters=PARAMETERS, operation_id="releases_list", summary="Releases, each against the one before"
    )
)
class ReleaseListView(PageView):
    """Releases of one environment that came or were heard of in a time, the newest first."""

    queryset = Event.objects.none()
    serializer_class: Any = ReleaseSerializer
    list_name = "api-release-list"

    def get(self, request: Request) -> Response:
        """One page."""
        environment, params = self.environment(), request.query_params.dict()
        try:
            time = read_range(params, DEFAULT_RANGE)
            size = read_limit(params, SIZE, MOST)
            asked = Asked(*(params.get(name, "")[:NAME_CHARS].replace("\0", "") for name in ("service", "release")))
            held = held_perms(request.user, environment)
            listing = read_listing(environment, held, time.since, time.until, asked, params.get("cursor", ""), size)
        except ValueError as error:
            raise ValidationError({"detail": str(error)}) from error
        return self.answer(environment, params, listing.rows, listing.next_cursor)
