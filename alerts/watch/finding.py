"""What the watch finds: a trouble of the product itself, which becomes an incident."""

from dataclasses import dataclass

from alerts.models import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """`key` stays the same while the trouble lasts. `environment_id` None: the product's own environment."""

    key: str
    title: str
    summary: str
    severity: str = Severity.ERROR
    environment_id: int | None = None
    about_target: int | None = None  # it cannot be told about itself
