"""What an integration is: a small folder that knows one kind of receiver. It gets plain data and one HTTP client, never
the database; it raises DeliveryError and never retries."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from alerts.delivery.errors import DeliveryError
from alerts.delivery.http import Reply
from alerts.delivery.retry import is_retried, read_retry_after


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to configure, as forms and the API show it."""

    name: str
    label: str
    help_text: str
    is_secret: bool = False
    is_required: bool = True


class Integration(Protocol):
    """One kind of target."""

    label: str
    fields: tuple[Field, ...]

    def validate(self, config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[str]:
        """What is wrong with a configuration, in words; empty when nothing is."""

    def send(self, alert: Any, config: Mapping[str, Any], secrets: Mapping[str, str]) -> int | None:
        """Tell the receiver; returns its status code. DeliveryError when it was not told."""


def check_reply(reply: Reply) -> int:
    """2xx is success; everything else is raised as the right kind of failure."""
    if 200 <= reply.status < 300:
        return reply.status
    raise DeliveryError(
        f"the receiver answered {reply.status}",
        permanent=not is_retried(reply.status),
        disables=reply.status == 410,
        retry_after=read_retry_after(reply.headers.get("retry-after", "")),
        status=reply.status,
    )


def missing_fields(fields: tuple[Field, ...], config: Mapping[str, Any], secrets: Mapping[str, str]) -> list[str]:
    """Required fields that are empty."""
    return [
        f"{field.label} is needed."
        for field in fields
        if field.is_required and not (secrets if field.is_secret else config).get(field.name)
    ]
