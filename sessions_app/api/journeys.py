"""Journeys over the API. Their records: GET /api/v1/logs?environment=…&journey=…"""

from functools import cached_property
from typing import Any, Final

from django.db.models import Q, QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.searching import IN_EITHER
from sessions_app.api.people import STATES, PeopleSearchBody, PeopleViewSet, people_parameters
from sessions_app.models import Journey
from sessions_app.outcomes import Aims, Outcome

OUTCOMES: Final = tuple(outcome.value for outcome in Outcome)
OUTCOME_HELP: Final = "Empty where the environment does not say what ends a journey well."


class JourneySerializer(serializers.ModelSerializer[Journey]):
    """The sums of a journey."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    state = serializers.CharField(read_only=True, help_text="ok, errors or crashed.")
    outcome = serializers.SerializerMethodField(help_text=OUTCOME_HELP)
    steps = serializers.ListField(child=serializers.CharField(), read_only=True, source="path")
    last_step = serializers.CharField(read_only=True, source="ended_with")

    class Meta:
        model = Journey
        fields = (
            "id", "environment", "journey_id", "state", "outcome", "started_at", "last_seen_at", "completed_at",
            "records", "spans", "warnings", "errors", "crashed", "services", "steps", "last_step", "user_keys",
            "session_ids", "release",
        )  # fmt: skip
        read_only_fields = fields

    @cached_property
    def aims(self) -> dict[int, Aims]:
        """Of each environment, asked once."""
        return {}

    def get_outcome(self, journey: Journey) -> str:
        """By what its environment says."""
        if journey.environment_id not in self.aims:
            self.aims[journey.environment_id] = Aims.of(journey.environment)
        return self.aims[journey.environment_id].outcome_of(journey)


LIST_PARAMETERS: Final = [
    *people_parameters("journeys", "Only journeys that came by this service."),
    OpenApiParameter("journey", str, description="Journey id."),
    OpenApiParameter(
        "outcome", str, enum=list(OUTCOMES), description="Needs `environment`, which says what ends one well."
    ),
]


class JourneySearchBody(PeopleSearchBody):
    """The same as in an address."""

    journey = serializers.CharField(required=False, max_length=200, help_text="Journey id.")
    outcome = serializers.ChoiceField(required=False, choices=OUTCOMES, help_text="How they ended.")


@extend_schema_view(list=extend_schema(parameters=LIST_PARAMETERS))
class JourneyViewSet(PeopleViewSet):
    """Journeys, the last active first."""

    queryset = Journey.objects.select_related("environment")
    serializer_class = JourneySerializer
    list_name = "api-journey-list"

    @extend_schema(
        parameters=[IN_EITHER],
        request=JourneySearchBody, responses=JourneySerializer(many=True), operation_id="journeys_search",
        summary="Search journeys for a person",
    )  # fmt: skip
    @action(detail=False, methods=["post"])
    def search(self, request: Request) -> Response:
        """The list with its parameters in the body."""
        return self.search_by(JourneySearchBody(data=request.data))

    def condition_of(self, keys: list[str]) -> Q:
        """By everybody who was on it."""
        return Q(user_keys__overlap=keys)

    def get_queryset(self) -> QuerySet[Journey]:
        """Cut to what is asked for."""
        rows, asked = super().get_queryset(), self.asked
        if asked.get("journey"):
            rows = rows.filter(journey_id=asked["journey"])
        if asked.get("service"):
            rows = rows.filter(services__contains=[asked["service"]])
        if asked.get("state") in STATES:
            rows = rows.filter(**{"failed" if asked["state"] == "errors" else "crashed": True})
        return self.ended(rows, asked["outcome"]) if asked.get("outcome") else rows

    def ended(self, rows: QuerySet[Journey], outcome: str) -> QuerySet[Journey]:
        """Only those that ended so, as their environment says it; where it says nothing, none did."""
        if outcome not in OUTCOMES:
            raise serializers.ValidationError({"outcome": [f"Use {', '.join(OUTCOMES)}."]})
        if not self.asked.get("environment"):
            raise serializers.ValidationError({"environment": ["Name one: it says what ends a journey well."]})
        environment = self.environments().first()
        aims = Aims.of(environment) if environment else None
        return rows.filter(aims.condition_of(outcome)) if aims and aims.are_known else rows.none()
