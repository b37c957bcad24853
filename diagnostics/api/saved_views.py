"""Saved views over the API: one's own, and the shared ones of pages that one may see."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, named_environment, read_choice
from diagnostics.core.permissions import Perm
from diagnostics.models import SavedView
from diagnostics.saved_views.access import changeable, readable, removable
from diagnostics.saved_views.keeping import NAME_CHARS, change_view, delete_view, save_view
from diagnostics.saved_views.pages import PAGES, VALUE_CHARS


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    """A search with a name. `params` are those of the page's address; a user id among them is kept as its pseudonym."""

    environment = serializers.SlugField(source="environment.slug", help_text="Slug; cannot be changed.")
    page = serializers.ChoiceField(choices=SavedView.Page.choices, help_text="Cannot be changed.")
    name = serializers.CharField(max_length=NAME_CHARS)
    params = serializers.DictField(child=serializers.CharField(max_length=VALUE_CHARS), required=False)
    is_shared = serializers.BooleanField(
        required=False, default=False, help_text="With everybody who may see the page; needs manage_rules."
    )
    is_default = serializers.SerializerMethodField(help_text="Whether the page opens with it for you.")
    is_mine = serializers.SerializerMethodField()

    class Meta:
        model = SavedView
        fields = (
            "id", "environment", "page", "name", "params", "is_shared", "is_default", "is_mine", "created_at", "changed_at",
        )  # fmt: skip
        read_only_fields = ("id", "created_at", "changed_at")

    def get_is_mine(self, view: SavedView) -> bool:
        """Whether the asking person saved it."""
        return bool(view.owner_id == self.context["request"].user.pk)

    def get_is_default(self, view: SavedView) -> bool:
        """Somebody else's default is theirs."""
        return view.is_default and self.get_is_mine(view)

    def create(self, validated_data: dict[str, Any]) -> SavedView:
        """Of a page that the person may see."""
        request, page = self.context["request"], validated_data["page"]
        slug = validated_data["environment"]["slug"]
        environment = named_environment(request, PAGES[page].perm, slug)
        try:
            return save_view(
                request.user, environment, page, validated_data["name"], validated_data.get("params", {}),
                shared=validated_data["is_shared"], is_typed=True,
            )  # fmt: skip
        except ValueError as error:
            raise told(error) from error

    def update(self, view: SavedView, validated_data: dict[str, Any]) -> SavedView:
        """Name, search and sharing."""
        for name in ("environment", "page"):
            if name in validated_data:
                raise serializers.ValidationError({name: ["This cannot be changed; save another view."]})
        try:
            change_view(
                self.context["request"].user, view, name=validated_data.get("name"),
                params=validated_data.get("params"), shared=validated_data.get("is_shared"),
            )  # fmt: skip
        except ValueError as error:
            raise told(error) from error
        return view


def told(error: ValueError) -> serializers.ValidationError:
    """The field and what is wrong with it."""
    name, _, said = str(error).partition(": ")
    field = {"shared": "is_shared", "name": "name"}.get(name, "params")
    return serializers.ValidationError({field: [said or str(error)]})


class NewestFirst(TimeCursorPagination):
    """By when it was saved."""

    time_field = "created_at"


@extend_schema_view(
    list=extend_schema(
        parameters=[
            ENVIRONMENT_PARAMETER,
            OpenApiParameter("page", str, enum=list(PAGES), description="Only views of this page."),
        ]
    )
)
class SavedViewViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, mixins.DestroyModelMixin, ScopedViewSet
):
    """Saved views, the newest first. Others' personal ones are nobody's to see."""

    queryset = SavedView.objects.select_related("environment")
    serializer_class = SavedViewSerializer
    pagination_class = NewestFirst
    read_perm = Perm.VIEW_LOGS
    lookup_value_regex = "[0-9]+"

    def get_queryset(self) -> QuerySet[SavedView]:
        """What the person may do this to."""
        rows = super().get_queryset()
        page = read_choice(self.request.query_params, "page", PAGES)
        rows = rows.filter(page=page) if page else rows
        cut = {"PATCH": changeable, "DELETE": removable}.get(self.request.method or "", readable)
        return cut(rows, self.request.user)

    def partial_update(self, request: Request, pk: str = "") -> Response:
        """Change what is given."""
        serializer = self.get_serializer(self.get_object(), data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data)

    def perform_destroy(self, instance: SavedView) -> None:
        """For good."""
        delete_view(self.request.user, instance)
