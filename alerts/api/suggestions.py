"""Suggestions over the API: see, accept, undo, dismiss."""

from dataclasses import asdict
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Suggestion
from alerts.suggestions.decide import NotPossibleError, accept_suggestion, dismiss_suggestion
from alerts.suggestions.tell import rules_of, tell
from alerts.suggestions.undo import undo_suggestion
from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, read_choice
from diagnostics.core.permissions import Perm


class Several(serializers.ListSerializer[Any]):
    """The rules of all of them are read at once."""

    def to_representation(self, data: Any) -> Any:
        """A page."""
        rows = list(data)
        self.rules = rules_of(rows)
        return super().to_representation(rows)


class SuggestionSerializer(serializers.ModelSerializer[Suggestion]):
    """With its words: `told` says why, and the rules before and after; of those that are over it is null."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    decided_by = serializers.StringRelatedField[Any](read_only=True)
    told = serializers.SerializerMethodField()

    class Meta:
        model = Suggestion
        fields = (
            "id", "environment", "kind", "state", "rule", "service_name", "revision", "told", "evidence", "weight",
            "created_at", "seen_at", "decided_at", "decided_by", "outcome",
        )  # fmt: skip
        read_only_fields = fields
        list_serializer_class = Several

    def get_told(self, suggestion: Suggestion) -> dict[str, Any] | None:
        """Title, why, before, after."""
        if not suggestion.is_open:
            return None
        return asdict(tell(suggestion, getattr(self.parent, "rules", None) or rules_of([suggestion])))


class AcceptSerializer(serializers.Serializer[Any]):
    """`revision`: what was looked at; a suggestion that has changed since is not accepted."""

    revision = serializers.IntegerField(required=False, min_value=1)


@extend_schema_view(
    list=extend_schema(parameters=[ENVIRONMENT_PARAMETER, OpenApiParameter("state", str, enum=Suggestion.State.values)])
)
class SuggestionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Suggestions of the environments whose rules you may change, newest first."""

    queryset = Suggestion.objects.select_related("environment", "decided_by")
    serializer_class = SuggestionSerializer
    pagination_class = TimeCursorPagination
    read_perm = Perm.MANAGE_RULES
    lookup_value_regex = "[0-9]+"

    def get_queryset(self) -> QuerySet[Suggestion]:
        """Cut to a state, where one is named."""
        rows, state = super().get_queryset(), read_choice(self.request.query_params, "state", Suggestion.State.values)
        return rows.filter(state=state) if state else rows

    @extend_schema(request=AcceptSerializer, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """Make or change the rule; `outcome` is its id."""
        suggestion = self.get_object()
        given = AcceptSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            accept_suggestion(request.user, suggestion, given.validated_data.get("revision"))
        except NotPossibleError as error:
            raise serializers.ValidationError({"state": [str(error)]}) from None
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pk: str) -> Response:
        """Not suggested again for six weeks."""
        try:
            dismiss_suggestion(request.user, self.get_object())
        except NotPossibleError as error:
            raise serializers.ValidationError({"state": [str(error)]}) from None
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=SuggestionSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take back what accepting did; not suggested again for six weeks."""
        try:
            undo_suggestion(request.user, self.get_object())
        except NotPossibleError as error:
            raise serializers.ValidationError({"state": [str(error)]}) from None
        return Response(self.get_serializer(self.get_object()).data)
