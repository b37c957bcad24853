"""What alerts add to the record of processing: incidents, and everybody who is told of them."""

from alerts.integrations.registry import INTEGRATIONS
from alerts.models import Target
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.processing import ANSWERABLE, DIAGNOSIS, Kept, Processing, Recipient

EVERYTHING = "title, summary, counts, most frequent messages, links; redacted again, without addresses, hosts and paths"


def describe_alerts(environment: Environment, found: Processing) -> None:
    """Incidents with what they froze, and the targets."""
    days = environment.incident_retention_days
    found.kept += [
        Kept(
            "Incidents", "sentences with numbers, which may quote an error's words; a few redacted records", DIAGNOSIS,
            f"{days} days after they end; their records {environment.retention_days} days", Perm.VIEW_INCIDENTS,
        ),
        Kept(
            "Notifications", "who was told when, and what came of it; the inbox with what it was told", ANSWERABLE,
            f"with their incident: {days} days",
            Perm.VIEW_INCIDENTS,
        ),
        Kept(
            "Monitors and check-ins", "when jobs must report and did; the end of what they said, redacted", DIAGNOSIS,
            f"the last 100 of each monitor, at most {environment.retention_days} days", Perm.VIEW_INCIDENTS,
        ),
    ]  # fmt: skip
    for target in Target.objects.filter(environment=environment).order_by("name"):
        found.recipients.append(recipient_of(target))


def recipient_of(target: Target) -> Recipient:
    """A target, without its secrets."""
    integration = INTEGRATIONS.get(target.kind)
    shared = ", ".join(target.shared_fields) if target.shared_fields else ""
    return Recipient(
        target.name, integration.label if integration else target.kind, shared or EVERYTHING, target.enabled
    )
