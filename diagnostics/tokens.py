"""API tokens: issue, find, revoke. A token can do at most what its person can do, and less when it is cut down."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import AbstractBaseUser

from diagnostics.core import clock
from diagnostics.core.access import Scope, perms_anywhere, scope_of, visible_environments
from diagnostics.core.credentials import digest_of, new_credential
from diagnostics.models import ApiToken, Environment
from diagnostics.pipeline.bounds import bound_name
from diagnostics.privacy.audit import record_event

USE_RECORDED_EVERY: Final = timedelta(minutes=1)
DEFAULT_DAYS: Final = 90
TOKEN_DAYS: Final = (7, 30, 90, 365)
MOST_TOKENS: Final = 50


def issue_token(
    user: AbstractBaseUser,
    name: str,
    days: int = DEFAULT_DAYS,
    *,
    permissions: Iterable[str] | None = None,
    environment: Environment | None = None,
    expires_at: datetime | None = None,
    made_with: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown this once."""
    credential = new_credential("dt")
    token = ApiToken.objects.create(
        user_id=user.pk,
        name=name,
        permissions=None if permissions is None else sorted({str(perm) for perm in permissions}),
        environment=environment,
        prefix=credential.prefix,
        digest=credential.digest,
        expires_at=expires_at or clock.now() + timedelta(days=days),
        made_with=made_with,
    )
    return token, credential.text


def make_token(
    person: AbstractBaseUser,
    name: str,
    days: int,
    permissions: Iterable[str] | None = None,
    environment: str = "",
    made_with: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """A token as a person asks for it, written down; ValueError names the field and the way out.

    Who comes with a token makes none that can do more, or lives longer, than that one.
    """
    name = bound_name(name, 100)
    if not name:
        raise ValueError("name: say who will use it, 'backup script', say")
    if days not in TOKEN_DAYS:
        raise ValueError(f"days: choose one of {', '.join(map(str, TOKEN_DAYS))}")
    if ApiToken.objects.filter(user_id=person.pk, revoked_at=None, expires_at__gt=clock.now()).count() >= MOST_TOKENS:
        raise ValueError(f"name: you have {MOST_TOKENS} tokens; revoke one first")
    place = choose_environment(person, environment)
    expires_at = clock.now() + timedelta(days=days)
    token, text = issue_token(
        person,
        name,
        permissions=choose_permissions(person, permissions),
        environment=place,
        expires_at=min(expires_at, made_with.expires_at) if made_with else expires_at,
        made_with=made_with,
    )
    record_event(
        person, "token.create", f"token {token}", place,
        permissions=token.permissions, expires_at=token.expires_at.isoformat(),
    )  # fmt: skip
    return token, text


def choose_environment(person: AbstractBaseUser, slug: str) -> Environment | None:
    """The environment that the token is for; None for all, if the person is not cut down to one."""
    bound = scope_of(person).environment_id
    if not slug and bound is None:
        return None
    mine = visible_environments(person)  # cut down to the bound one, if there is one
    found = mine.filter(slug=slug).first() if slug else mine.first()
    if found is None:
        raise ValueError("environment: there is no such environment, or you may do nothing in it")
    return found


def choose_permissions(person: AbstractBaseUser, wanted: Iterable[str] | None) -> list[str] | None:
    """The permissions that the token is cut down to; None for all, if the person is not cut down themselves."""
    bound = scope_of(person).perms
    if wanted is None:
        return None if bound is None else sorted(bound)
    names, held = {str(name) for name in wanted}, {perm.value for perm in perms_anywhere(person)}
    if not names:
        raise ValueError("permissions: choose at least one, or leave the field out for all that you hold")
    if names - held:
        raise ValueError(
            f"permissions: you do not hold '{min(names - held)[:40]}'; choose of {', '.join(sorted(held))}"
        )
    return sorted(names)


def scope_of_token(token: ApiToken) -> Scope:
    """What the token cuts its person down to."""
    perms = None if token.permissions is None else frozenset(token.permissions)
    return Scope(perms, token.environment_id, token.prefix)


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
    """Stop the token, and all that were made with it, from working, for good."""
    if token.revoked_at is None:
        token.revoked_at = clock.now()
        token.save(update_fields=["revoked_at"])
    for made in token.offspring.filter(revoked_at=None):
        revoke_token(made)


def describe_scope(token: ApiToken) -> str:
    """In words, for lists."""
    perms = "all that you may do" if token.permissions is None else ", ".join(map(label, token.permissions))
    return f"{perms} in {token.environment.name if token.environment else 'every environment'}"


def label(name: str) -> str:
    """The permission's name, without underscores."""
    return name.replace("_", " ")
