"""Incidents over the API: see, acknowledge, resolve, open again, assign, note, snooze, silence."""

from typing import Any, Final

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.api.incident_fields import (
    AssignSerializer,
    IncidentDetailSerializer,
    IncidentSerializer,
    NoteSerializer,
    SilenceSerializer,
    SnoozeSerializer,
    TextSerializer,
)
from alerts.incidents.people import NotOpen, assign_incident, assignable, reopen_incident, snooze_incident
from alerts.incidents.transitions import acknowledge_incident, add_note, resolve_incident
from alerts.models import Incident, Severity
from alerts.silences import make_silence, silence_of_incident
from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, read_choice
from diagnostics.core import clock
from diagnostics.core.permissions import Perm

STATES: Final = ["open", *Incident.State.values]


class NewestFirst(TimeCursorPagination):
    """By when they were opened."""

    time_field = "opened_at"


@extend_schema_view(
    list=extend_schema(
        parameters=[
            ENVIRONMENT_PARAMETER,
            OpenApiParameter("state", str, enum=STATES),
            OpenApiParameter("severity", str, enum=Severity.values),
            OpenApiParameter("service", str),
        ]
    )
)
class IncidentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Incidents, newest first."""

    queryset = Incident.objects.select_related("environment", "acknowledged_by", "resolved_by", "assigned_to")
    pagination_class = NewestFirst
    read_perm = Perm.VIEW_INCIDENTS
    write_perm = Perm.RESPOND_INCIDENTS
    lookup_value_regex = "[0-9]+"

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """Lists are short, one incident is whole."""
        return IncidentSerializer if self.action == "list" else IncidentDetailSerializer

    def get_queryset(self) -> QuerySet[Incident]:
        """Cut to what is asked for."""
        rows = super().get_queryset()
        params = self.request.query_params
        if params.get("service"):
            rows = rows.filter(service_name=params["service"])
        if severity := read_choice(params, "severity", Severity.values):
            rows = rows.filter(severity=severity)
        state = read_choice(params, "state", STATES)
        if state == "open":
            return rows.exclude(state=Incident.State.RESOLVED)
        return rows.filter(state=state) if state else rows

    def given(self, kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        """What came with the act, checked."""
        found = kind(data=request.data)
        found.is_valid(raise_exception=True)
        values: dict[str, Any] = found.validated_data
        return values

    def answer(self) -> Response:
        """The incident as it stands now."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def acknowledge(self, request: Request, pk: str) -> Response:
        """Somebody is on it; repeating it changes nothing."""
        acknowledge_incident(self.get_object(), request.user)
        return self.answer()

    @extend_schema(request=NoteSerializer, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """It is over; repeating it changes nothing."""
        incident = self.get_object()
        resolve_incident(incident, request.user, self.given(NoteSerializer, request)["note"])
        return self.answer()

    @extend_schema(request=NoteSerializer, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """It is not over after all: told again."""
        incident = self.get_object()
        try:
            reopen_incident(incident, request.user, self.given(NoteSerializer, request)["note"])
        except NotOpen as error:
            raise serializers.ValidationError({"state": [str(error)]}) from None
        return self.answer()

    @extend_schema(request=AssignSerializer, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Give it to somebody who may respond to it, or to nobody."""
        incident = self.get_object()
        name = self.given(AssignSerializer, request)["person"]
        person = assignable(incident.environment).filter(username=name).first() if name else None
        if name and person is None:
            raise serializers.ValidationError({"person": ["Nobody of that name may respond to incidents here."]})
        assign_incident(incident, person, request.user)
        return self.answer()

    @extend_schema(request=TextSerializer, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def note(self, request: Request, pk: str) -> Response:
        """A remark for who comes next."""
        incident = self.get_object()
        add_note(incident, request.user, self.given(TextSerializer, request)["text"])
        return self.answer()

    @extend_schema(request=SnoozeSerializer, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def snooze(self, request: Request, pk: str) -> Response:
        """Told again then, if it is still open."""
        incident = self.get_object()
        try:
            snooze_incident(incident, self.given(SnoozeSerializer, request)["until"], request.user)
        except (NotOpen, ValueError) as error:
            raise serializers.ValidationError({"until": [str(error)]}) from None
        return self.answer()

    @extend_schema(request=SilenceSerializer, responses=IncidentDetailSerializer)
    @action(detail=True, methods=["post"])
    def silence(self, request: Request, pk: str) -> Response:
        """Nobody is told of its rule and service for some hours."""
        incident = self.get_object()
        values = self.given(SilenceSerializer, request)
        make_silence(request.user, silence_of_incident(incident, clock.now(), values["hours"], values["reason"]))
        return self.answer()
