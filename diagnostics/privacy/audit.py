"""The audit trail: who did or saw what must be answerable for."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

from diagnostics.models import AccessEvent, Environment


def record_event(
    actor: AbstractBaseUser | AnonymousUser | None,
    action: str,
    subject: str = "",
    environment: Environment | None = None,
    **detail: Any,
) -> AccessEvent:
    """Write one event; call it before the value is shown or the change is made. `detail` holds no secrets."""
    known = actor if actor is not None and actor.is_authenticated else None
    return AccessEvent.objects.create(
        actor_id=known.pk if known else None,
        actor_name=known.get_username() if isinstance(known, AbstractBaseUser) else "system",
        environment=environment,
        environment_slug=environment.slug if environment else "",
        action=action,
        subject=subject[:200],
        detail=detail,
    )
