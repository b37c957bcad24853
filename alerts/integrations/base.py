"""What an integration is: a small folder that knows one kind of receiver. It gets plain data and one HTTP client, never
the database; it raises DeliveryError and never retries."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.delivery.http import Reply
from alerts.delivery.retry import is_retried, read_retry_after

GONE: Final = frozenset({410})
REFUSED: Final = frozenset(
    {401, 403, 404, 410}
)  # of services whose addresses and keys are theirs: nobody is there any more


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to configure, as forms and the API show it."""

    name: str
    label: str
    help_text: str
    is_secret: bool = False
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()  # (value, label); the first is the default
    is_long: bool = False
    maker: Callable[[], str] | None = None  # a secret that is made where a person leaves it empty, and shown once
    travels: bool = False  # a secret that is sent to the target's address: it does not follow to another one


TURNS: Final = Field(
    "turns",
    "Runs",
    "For rules that name this target; never for storms and never for several alerts at once.",
    is_required=False,
    choices=(
        ("begin", "When an incident begins"),
        ("all", "At each turn: also when it gets worse, is acknowledged or is over"),
    ),
)


@dataclass(frozen=True, slots=True)
class Setup:
    """How a target is set up; `receipt` is what the integration gave back when it last told of this incident."""

    config: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    receipt: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """The receiver's status code, and what is to be given back to the integration the next time for the same incident.

    `note`: what people should know of a success that is not the whole of it.
    """

    status: int | None = None
    receipt: Mapping[str, str] = field(default_factory=dict)
    note: str = ""


class Integration(Protocol):
    """One kind of target."""

    label: str
    help_text: str  # one sentence for who chooses
    fields: tuple[Field, ...]

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """What is wrong with a configuration, in words; empty when nothing is."""

    def preview(self, alert: Alert, setup: Setup) -> str:
        """What would be sent, without credentials, for people who decide whether it may leave the building."""

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """Tell the receiver. DeliveryError when it was not told."""


def check_reply(reply: Reply, gone: frozenset[int] = GONE, *, is_own: bool = False) -> int:
    """2xx is success; everything else is raised as the right kind of failure.

    `gone`: statuses that end the target. `is_own`: a receiver of the user's own, which may answer 404 or 401 while it is
    redeployed: each 4xx is worth another try.
    """
    wait = read_retry_after(reply.headers.get("retry-after", ""))
    if 200 <= reply.status < 300:
        return reply.status
    if reply.status in gone:
        said = (
            "the receiver says that it is gone" if reply.status == 410 else f"the receiver refuses us ({reply.status})"
        )
        raise DeliveryError(said, disables=True, status=reply.status, retry_after=wait)
    raise DeliveryError(
        f"the receiver answered {reply.status}",
        permanent=not (is_retried(reply.status) or (is_own and 400 <= reply.status < 500)),
        retry_after=wait,
        status=reply.status,
    )


def check_fields(fields: tuple[Field, ...], config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
    """Required fields that are empty, choices that are none."""
    found = []
    for each in fields:
        value = (secrets if each.is_secret else config).get(each.name)
        if each.is_required and not value and not each.choices:
            found.append(f"{each.label} is needed.")
        elif value and each.choices and value not in dict(each.choices):
            found.append(f"{each.label} must be one of {', '.join(name for name, _ in each.choices)}.")
    return found


def chosen(each: Field, setup: Setup) -> str:
    """What was chosen, or the default."""
    return setup.config.get(each.name) or each.choices[0][0]
