"""A person's data over the API: ask for an export or an erasure, see how far it is, fetch the file."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request

from diagnostics.api.proof import check_proof
from diagnostics.api.scoped import ENVIRONMENT_PARAMETER, ScopedViewSet, named_environment
from diagnostics.core.permissions import Perm
from diagnostics.models import PrivacyJob
from diagnostics.privacy.hand_over import hand_over
from diagnostics.privacy.jobs import count_subject, request_job, ring
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.subject import Subject

NEEDED = {PrivacyJob.Kind.EXPORT: Perm.EXPORT_DATA, PrivacyJob.Kind.ERASE: Perm.ERASE_DATA}


class PrivacyJobSerializer(serializers.ModelSerializer[PrivacyJob]):
    """A request about one person. `user` is taken and turned into pseudonyms; it is not stored and never given back."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    kind = serializers.ChoiceField(choices=PrivacyJob.Kind.choices)
    user = serializers.CharField(max_length=200, write_only=True, help_text="User id, or pseudonym.")
    confirm = serializers.CharField(
        max_length=50, write_only=True, required=False, help_text="For an erasure: the environment's slug once more."
    )
    expected = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    left = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = PrivacyJob
        fields = (
            "id", "environment", "kind", "state", "percent", "expected", "counts", "left", "requested_by_name", "requested_at",
            "finished_at", "expires_at", "error", "user", "confirm",
        )  # fmt: skip
        read_only_fields = (
            "id", "state", "percent", "requested_by_name", "requested_at", "finished_at", "expires_at", "error",
        )  # fmt: skip

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The right permission for the kind, and the confirmation of an erasure."""
        request, kind = self.context["request"], attrs["kind"]
        attrs["environment"] = named_environment(request, NEEDED[kind], request.data.get("environment"))
        slug = attrs["environment"].slug
        if kind == PrivacyJob.Kind.ERASE and attrs.get("confirm") != slug:
            raise serializers.ValidationError(
                {"confirm": [f"Nothing was erased: repeat the environment's slug, {slug}."]}
            )
        return attrs

    def create(self, validated_data: dict[str, Any]) -> PrivacyJob:
        """Ask, and ring for a worker."""
        actor, environment, typed = self.context["request"].user, validated_data["environment"], validated_data["user"]
        note_lookup(actor, environment, typed)
        try:
            subject = Subject.from_typed(environment, typed)
        except ValueError as error:
            raise serializers.ValidationError({"user": [str(error).partition(": ")[2].capitalize() + "."]}) from error
        job = request_job(validated_data["kind"], subject, actor, count_subject(subject))
        ring(job)
        return job


class NewestFirst(CursorPagination):
    """By when it was asked for."""

    ordering = "-requested_at"
    page_size = 50


@extend_schema_view(list=extend_schema(parameters=[ENVIRONMENT_PARAMETER]))
class PrivacyJobViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, ScopedViewSet):
    """Exports and erasures of a person's data, in the environments in which you hold export_data."""

    queryset = PrivacyJob.objects.select_related("environment")
    serializer_class = PrivacyJobSerializer
    pagination_class = NewestFirst
    read_perm = Perm.EXPORT_DATA
    lookup_value_regex = "[0-9a-f-]{36}"

    def perform_create(self, serializer: serializers.BaseSerializer[PrivacyJob]) -> None:
        """Carrying data away, and taking it away, needs a recent proof."""
        check_proof(self.request)
        super().perform_create(serializer)

    @extend_schema(responses={(200, "application/json"): OpenApiTypes.BINARY})
    @action(detail=True)
    def download(self, request: Request, pk: str = "") -> StreamingHttpResponse:
        """The file of an export, for who asked for it."""
        check_proof(request)
        return hand_over(self.get_object(), request.user)
