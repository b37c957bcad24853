"""API tokens: issue, find, revoke."""

from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser

from diagnostics.core import clock
from diagnostics.core.credentials import digest_of, new_credential
from diagnostics.models import ApiToken

USE_RECORDED_EVERY = timedelta(minutes=1)
DEFAULT_DAYS = 90


def issue_token(user: AbstractBaseUser, name: str, days: int = DEFAULT_DAYS) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown this once."""
    credential = new_credential("dt")
    token = ApiToken.objects.create(
        user_id=user.pk,
        name=name,
        prefix=credential.prefix,
        digest=credential.digest,
        expires_at=clock.now() + timedelta(days=days),
    )
    return token, credential.text


def find_token(text: str) -> ApiToken | None:
    """The token, when it is known, not revoked, not expired, and its person is active."""
    now = clock.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(text), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token is not None and (token.last_used_at is None or now - token.last_used_at > USE_RECORDED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke_token(token: ApiToken) -> None:
    """Stop the token from working, for good."""
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
