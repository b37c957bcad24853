"""Snapshots over the API: which there are, one with its story, and keeping one."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, named_environment, read_choice
from diagnostics.core.access import access_environment, held_perms
from diagnostics.core.permissions import Perm
from diagnostics.pipeline.pseudonym import are_user_keys
from diagnostics.privacy.lookups import note_lookup
from diagnostics.search.page import SearchTooSlowError, search_limits
from sessions_app.models import Snapshot
from sessions_app.snapshots.by_hand import NotPossibleError, find_chosen, keep_snapshot
from sessions_app.snapshots.content import Document, is_whole, read_document
from sessions_app.snapshots.find import COLUMNS, LIGHT, REASONS, by_columns, seen_by
from sessions_app.snapshots.freeze import NOTE_CHARS
from sessions_app.snapshots.story import visible_part


class SnapshotSerializer(serializers.ModelSerializer[Snapshot]):
    """A snapshot without its story."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    kept_until = serializers.DateTimeField(read_only=True)
    sha256 = serializers.CharField(source="digest", read_only=True, help_text="Of the whole content's bytes.")

    class Meta:
        model = Snapshot
        fields: tuple[str, ...] = (
            "id", "environment", "reason", "is_news", "scope", "taken_at", "happened_at", "kept_until", "record",
            "service_name", "release", "error_type", "title", "fingerprint", "session_id", "trace_id", "user_key", "records",
            "spans", "note", "taken_by_name", "sha256", "cut_at",
        )  # fmt: skip
        read_only_fields = fields


class SnapshotDetailSerializer(SnapshotSerializer):
    """With its story, as far as the asking person may see it."""

    is_whole = serializers.SerializerMethodField(help_text="Whether the content is what was frozen, by its SHA-256.")
    left_out = serializers.SerializerMethodField(help_text="Parts that you may not see: spans, attributes.")
    content = serializers.SerializerMethodField(help_text="Records and spans in their order, and what was cut.")
    visible: tuple[Document, list[str]]

    class Meta(SnapshotSerializer.Meta):
        fields = (*SnapshotSerializer.Meta.fields, "is_whole", "left_out", "content")
        read_only_fields = fields

    def get_is_whole(self, snapshot: Snapshot) -> bool:
        """Computed anew each time."""
        return is_whole(snapshot)

    def to_representation(self, instance: Snapshot) -> dict[str, Any]:
        """The story is read once, by what the asking person holds in its environment."""
        held = held_perms(self.context["request"].user, instance.environment)
        self.visible = visible_part(read_document(instance), held)
        return super().to_representation(instance)

    def get_left_out(self, snapshot: Snapshot) -> list[str]:
        """By their names."""
        return self.visible[1]

    def get_content(self, snapshot: Snapshot) -> dict[str, Any]:
        """The rest."""
        return self.visible[0]


class TakeBody(serializers.Serializer[Any]):
    """What to keep: a record, or where one is in a session."""

    environment = serializers.CharField(max_length=50, help_text="Slug.")
    record = serializers.CharField(required=False, max_length=40, help_text="Reference of a record.")
    session = serializers.CharField(
        required=False, max_length=200, help_text="Session id: its last error, else its last record."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=NOTE_CHARS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One of the two."""
        if bool(attrs.get("record")) == bool(attrs.get("session")):
            raise ValidationError({"record": ["Name either a record or a session."]})
        return attrs


class NewestFirst(TimeCursorPagination):
    """By when they were taken."""

    time_field = "taken_at"


LIST_PARAMETERS = [
    ENVIRONMENT_PARAMETER,
    OpenApiParameter("reason", str, enum=list(REASONS)),
    *(OpenApiParameter(name, str, description=f"Only those of this {name}.") for name in COLUMNS),
    OpenApiParameter("user", str, description="A pseudonym (`user_key`); name the environment with it."),
]


@extend_schema_view(list=extend_schema(parameters=LIST_PARAMETERS))
class SnapshotViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ScopedViewSet):
    """Frozen stories of what led to an error or crash, newest first."""

    queryset = Snapshot.objects.select_related("environment")
    pagination_class = NewestFirst
    read_perm = Perm.VIEW_SESSIONS
    write_perm = Perm.TAKE_SNAPSHOTS
    lookup_value_regex = "[0-9]+"

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        """Lists are short, one snapshot is whole."""
        return SnapshotSerializer if self.action == "list" else SnapshotDetailSerializer

    def get_queryset(self) -> QuerySet[Snapshot]:
        """Cut to what is asked for."""
        rows = seen_by(super().get_queryset(), self.request.user)
        if self.action != "list":
            return rows
        asked = self.request.query_params
        read_choice(asked, "reason", REASONS)
        rows = by_columns(rows.defer(LIGHT), {name: asked.get(name, "") for name in (*COLUMNS, "reason")})
        return self.of_user(rows, asked["user"]) if asked.get("user") else rows

    def of_user(self, rows: QuerySet[Snapshot], typed: str) -> QuerySet[Snapshot]:
        """Of a person, by their pseudonym: a user id in an address would stay in logs of proxies."""
        slug = self.request.query_params.get("environment")
        if not slug or not are_user_keys(typed):
            raise ValidationError({"user": ["Use a pseudonym (user_key) and name its environment."]})
        try:
            note_lookup(self.request.user, access_environment(self.request.user, slug, self.read_perm), typed)
        except ValueError as error:
            raise ValidationError({"user": [str(error)]}) from error
        return rows.filter(user_key__in=typed.split(","))

    @extend_schema(request=TakeBody, responses={201: SnapshotDetailSerializer}, summary="Keep a snapshot")
    def create(self, request: Request) -> Response:
        """Freeze what led to a record, now; the act is written down."""
        body = TakeBody(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        environment = named_environment(request, Perm.TAKE_SNAPSHOTS, asked["environment"])
        try:
            with search_limits():
                record = find_chosen(environment, held_perms(request.user, environment), asked)
            if record is None:
                raise ValidationError({"record": ["There is no such record or session, or it is not yours to see."]})
            kept = keep_snapshot(request.user, environment, record, asked.get("note", ""))
        except (NotPossibleError, SearchTooSlowError) as error:
            raise ValidationError({"detail": str(error)}) from error
        found = self.get_serializer(Snapshot.objects.select_related("environment").get(pk=kept.pk))
        return Response(found.data, status=status.HTTP_201_CREATED)
