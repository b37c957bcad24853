"""The audit trail: who did or saw what they must be answerable for. This is its one entry; nothing else writes events."""

from typing import Any, Final

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import Model

from diagnostics.core.access import token_of
from diagnostics.models import AccessEvent, Environment
from diagnostics.privacy.chain import chain_events

SYSTEM: Final = "system"
ACTION_KINDS: Final = (
    "access", "account", "audit", "environment", "erase", "error", "export", "factor", "key", "monitor", "notification",
    "policy", "pseudonym", "reveal", "rule", "search", "sign-in", "sign-out", "silence", "snapshot", "stream",
    "suggestion", "target", "token", "view",
)  # fmt: skip


def record_event(
    actor: AbstractBaseUser | AnonymousUser | None,
    action: str,
    subject: str = "",
    environment: Environment | None = None,
    *,
    of: Model | None = None,
    by: str = "",
    **detail: Any,
) -> AccessEvent:
    """Write one event; call it before the value is shown or the change is made. `detail` holds no secrets.

    `action` is 'kind.verb' ('rule.change'), the kind one of ACTION_KINDS, `of` the row that was changed, `by` the name of
    an actor without an account (a failed sign-in, say). Part of the caller's transaction, if there is one: no change
    without its event.
    """
    known = actor if actor is not None and actor.is_authenticated else None
    token = token_of(actor) if actor is not None else ""
    with transaction.atomic():
        event = AccessEvent.objects.create(
            actor_id=known.pk if known else None,
            actor_name=storable(known.get_username() if isinstance(known, AbstractBaseUser) else by or SYSTEM)[:150],
            environment=environment,
            environment_slug=environment.slug if environment else "",
            action=action[:40],
            subject=storable(subject)[:200],
            object_ref=ref_of(of) if of is not None else "",
            detail={**detail, "token": token} if token else detail,
        )
        chain_events()
    return event


def ref_of(row: Model) -> str:
    """'alerts.alertrule:12': which row a change is about, also when it is gone."""
    return f"{row._meta.label_lower}:{row.pk}"


def storable(text: str) -> str:
    """What PostgreSQL takes: names that somebody typed may hold a NUL or half a character."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\u2400")
