"""What is decided about one alert and one target, and what it is decided from."""

from dataclasses import dataclass
from datetime import datetime

from alerts.models import AlertRule, Incident, IncidentEvent, Silence, Target


@dataclass(frozen=True, slots=True)
class Decision:
    """With a reason: not told. Without: told, perhaps later or together with others."""

    reason: str = ""
    detail: str = ""
    silence: Silence | None = None
    not_before: datetime | None = None
    is_held: bool = False
    instead: Target | None = None  # the fallback is told


@dataclass(frozen=True, slots=True)
class Case:
    """An event of an incident that somebody may have to be told of."""

    incident: Incident
    event: IncidentEvent | None
    action: str
    rule: AlertRule | None  # the one that fired; another than the incident's when it joined
    now: datetime
    hush: Decision | None = None  # why nobody is told, whatever the target
    at_once: bool = False  # told by itself, however much was told a moment ago

    @property
    def rule_name(self) -> str:
        """As the ledger keeps it."""
        return self.rule.name if self.rule is not None else self.incident.rule_name
