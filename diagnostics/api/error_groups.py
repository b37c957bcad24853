"""Errors over the API: see, resolve, open again, ignore. Their records: GET /api/v1/logs?environment=…&fingerprint=…"""

from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, read_choice
from diagnostics.core import clock
from diagnostics.core.access import people_with
from diagnostics.core.permissions import Perm
from diagnostics.errors.acts import REOPEN, Decision, assign, decide, ignore_until, resolve_until
from diagnostics.errors.listing import Wanted
from diagnostics.errors.states import SHOWN, in_states, state_of
from diagnostics.models import ErrorGroup
from diagnostics.search.filters import read_moment

LONGEST_HOURS: Final = 24 * 90
WORDS_CHARS: Final = 200  # each word is looked for in every error


class ErrorSerializer(serializers.ModelSerializer[ErrorGroup]):
    """An error: all records of one fingerprint."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    state = serializers.SerializerMethodField()
    title = serializers.CharField(read_only=True, help_text="Its words, without numbers, ids and quoted values.")
    records = serializers.IntegerField(read_only=True, help_text="Since it was first seen.")
    releases = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="At most 100, the last found first."
    )
    ignored_until = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="Null while it is ignored until it comes in another release."
    )
    awaits_release = serializers.BooleanField(
        read_only=True, help_text="It comes back in a release other than `releases`, in no other way."
    )
    decided_by = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True, help_text="Who resolved or ignored it."
    )

    assigned_to = serializers.SlugRelatedField[Any](
        slug_field="username", read_only=True, allow_null=True, help_text="Whose it is."
    )

    class Meta:
        model = ErrorGroup
        fields = (
            "id", "environment", "fingerprint", "service_name", "error_type", "title", "state", "records", "first_seen",
            "last_seen", "first_release", "release", "releases", "came_back_at", "resolved_at", "ignored_at",
            "ignored_until", "awaits_release", "decided_by", "assigned_to",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=ErrorGroup.State.choices))
    def get_state(self, error: ErrorGroup) -> str:
        """new, regression, open, ignored or resolved."""
        return state_of(error, clock.now()).value


class ResolveSerializer(serializers.Serializer[Any]):
    """How it is resolved."""

    awaits_release = serializers.BooleanField(
        default=False, help_text="It comes back in a release that it was not seen with, and in no other."
    )


class IgnoreSerializer(serializers.Serializer[Any]):
    """For how long it is ignored: for some hours, until it comes in another release, or whichever is first."""

    hours = serializers.FloatField(required=False, min_value=0.1, max_value=LONGEST_HOURS)
    awaits_release = serializers.BooleanField(
        default=False, help_text="Until it comes in a release that it was not seen with."
    )


class AssignErrorSerializer(serializers.Serializer[Any]):
    """A username of somebody who may respond there; empty: nobody."""

    person = serializers.CharField(max_length=150, allow_blank=True)


class LastSeenFirst(TimeCursorPagination):
    """By the last record."""

    time_field = "last_seen"


@extend_schema_view(
    list=extend_schema(
        parameters=[
            ENVIRONMENT_PARAMETER,
            OpenApiParameter(
                "state", str, enum=list(SHOWN), description="`open`: new ones and such that came back, too."
            ),
            OpenApiParameter("service", str, description="Only errors of this service."),
            OpenApiParameter("release", str, description="Only errors that were seen with this release."),
            OpenApiParameter("first_release", str, description="Only errors that were first seen with this release."),
            OpenApiParameter("q", str, description="Words of its text or type, or its fingerprint."),
            OpenApiParameter("seen_since", str, description="RFC 3339; only errors that came from then on."),
        ]
    )
)
class ErrorViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Errors, the last seen first."""

    queryset = ErrorGroup.objects.select_related("environment", "decided_by", "assigned_to")
    serializer_class = ErrorSerializer
    pagination_class = LastSeenFirst
    read_perm = Perm.VIEW_LOGS
    write_perm = Perm.RESPOND_INCIDENTS
    lookup_value_regex = "[0-9]+"

    def get_queryset(self) -> QuerySet[ErrorGroup]:
        """Cut to what is asked for."""
        params = self.request.query_params
        words = params.get("q", "")
        if len(words) > WORDS_CHARS:
            raise ValidationError({"q": [f"At most {WORDS_CHARS} characters."]})
        service, release, first = (params.get(name, "") for name in ("service", "release", "first_release"))
        asked = Wanted("all", service, release, words, first_release=first)
        rows: QuerySet[ErrorGroup] = asked.narrow(super().get_queryset())
        try:
            since = read_moment(params, "seen_since")
        except ValueError as error:
            raise ValidationError({"seen_since": [str(error)]}) from error
        rows = rows.filter(last_seen__gte=since) if since else rows
        state = read_choice(params, "state", SHOWN) or "all"
        return in_states(rows, state, clock.now()) if state != "all" else rows

    def take(self, error: ErrorGroup, decision: Decision) -> Response:
        """Decide, and tell how the error stands now."""
        decide(self.request.user, error.environment, [error.fingerprint], decision)
        error.refresh_from_db()
        return Response(self.get_serializer(error).data)

    @extend_schema(request=ResolveSerializer, responses=ErrorSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """It is over; when it comes again it has come back. Repeating it changes nothing."""
        error, given = self.get_object(), ResolveSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return self.take(error, resolve_until(awaits_release=given.validated_data["awaits_release"]))

    @extend_schema(request=AssignErrorSerializer, responses=ErrorSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Give it to somebody who may respond there, or to nobody."""
        error, given = self.get_object(), AssignErrorSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        name = given.validated_data["person"]
        people = people_with(error.environment, Perm.RESPOND_INCIDENTS)
        person = people.filter(username=name).first() if name else None
        if name and person is None:
            raise ValidationError({"person": ["Nobody of that name may respond to errors here."]})
        assign(request.user, error, person)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=ErrorSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Neither resolved nor ignored."""
        return self.take(self.get_object(), REOPEN)

    @extend_schema(request=IgnoreSerializer, responses=ErrorSerializer)
    @action(detail=True, methods=["post"])
    def ignore(self, request: Request, pk: str) -> Response:
        """Nobody is told of it as new or as come back until that is over; then it has come back when it comes again."""
        error, given = self.get_object(), IgnoreSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        hours = given.validated_data.get("hours")
        until = clock.now() + timedelta(hours=hours) if hours else None
        try:
            decision = ignore_until(until, awaits_release=given.validated_data["awaits_release"])
        except ValueError as problem:
            raise ValidationError({"hours": [str(problem)]}) from problem
        return self.take(error, decision)
