"""One's own API tokens over the API: list, make, revoke."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.viewsets import GenericViewSet

from diagnostics.api.pagination import TimeCursorPagination
from diagnostics.api.proof import check_proof
from diagnostics.core.permissions import Perm
from diagnostics.models import ApiToken
from diagnostics.privacy.audit import record_event
from diagnostics.tokens import DEFAULT_DAYS, TOKEN_DAYS, make_token, revoke_token


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token. Its text is in the answer to its making, and nowhere afterwards."""

    environment = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    permissions = serializers.ListField(child=serializers.CharField(), read_only=True, allow_null=True)

    class Meta:
        model = ApiToken
        fields = ("id", "name", "prefix", "permissions", "environment", "created_at", "expires_at", "last_used_at")
        read_only_fields = fields


class NewTokenSerializer(serializers.Serializer[Any]):
    """What a token shall be."""

    name = serializers.CharField(max_length=100)
    days = serializers.ChoiceField(choices=TOKEN_DAYS, default=DEFAULT_DAYS)
    permissions = serializers.ListField(
        child=serializers.ChoiceField(choices=[perm.value for perm in Perm]),
        required=False,
        help_text="Cut down to these; all of yours when left out.",
    )
    environment = serializers.SlugField(
        required=False, allow_blank=True, help_text="Only this one; every environment when left out."
    )


class MadeTokenSerializer(TokenSerializer):
    """A token that was just made."""

    text = serializers.CharField(read_only=True, help_text="Shown this once.")

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "text")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class TokenThrottle(UserRateThrottle):
    """Makers of tokens are few."""

    rate = "60/hour"
    scope = "tokens"


class TokenViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[Any]):
    """Your tokens that work. Who comes with a token sees that one, and may make others that can do no more."""

    queryset = ApiToken.objects.select_related("environment")
    serializer_class = TokenSerializer
    pagination_class = TimeCursorPagination
    lookup_value_regex = "[0-9]+"

    def get_queryset(self) -> QuerySet[ApiToken]:
        """One's own, whatever permissions one holds."""
        rows = super().get_queryset().filter(user_id=self.request.user.pk, revoked_at=None)
        return rows.filter(pk=self.request.auth.pk) if isinstance(self.request.auth, ApiToken) else rows

    def get_throttles(self) -> list[Any]:
        """Making is throttled."""
        return [TokenThrottle()] if self.action == "create" else []

    @extend_schema(request=NewTokenSerializer, responses={201: MadeTokenSerializer})
    def create(self, request: Request) -> Response:
        """Make a token; its text is shown this once."""
        wanted = NewTokenSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        assert isinstance(request.user, AbstractBaseUser)  # the view is closed to who is not signed in
        made_with = request.auth if isinstance(request.auth, ApiToken) else None
        check_proof(request)
        try:
            token, text = make_token(request.user, **wanted.validated_data, made_with=made_with)
        except ValueError as error:
            name, _, said = str(error).partition(": ")
            raise ValidationError({name: [said]}) from error
        token.text = text  # type: ignore[attr-defined]
        return Response(
            MadeTokenSerializer(token).data, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"}
        )

    def perform_destroy(self, instance: ApiToken) -> None:
        """Revoked, not removed: what it did stays answerable."""
        revoke_token(instance)
        record_event(self.request.user, "token.revoke", f"token {instance}", instance.environment)
