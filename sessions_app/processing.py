"""What sessions add to the record of processing."""

from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.privacy.processing import DIAGNOSIS, Kept, Processing


def describe_sessions(environment: Environment, found: Processing) -> None:
    """Their sums."""
    found.kept.append(
        Kept(
            "Sessions", "counts, times, services and their releases, pseudonym, region, device family", DIAGNOSIS,
            f"{environment.retention_days} days", Perm.VIEW_SESSIONS,
        )
    )  # fmt: skip


def describe_journeys(environment: Environment, found: Processing) -> None:
    """Their sums."""
    found.kept.append(
        Kept(
            "Journeys", "the sender's id of an undertaking, counts, times, services, names of steps, pseudonyms, session ids",
            DIAGNOSIS, f"{environment.retention_days} days", Perm.VIEW_SESSIONS,
        )
    )  # fmt: skip


def describe_snapshots(environment: Environment, found: Processing) -> None:
    """Frozen stories, which outlive their records."""
    days = f"{environment.snapshot_retention_days} days"
    found.kept.append(
        Kept(
            "Snapshots", "records and spans of the half hour before a crash or new error, redacted as they are, without "
            "restricted fields; notes of who kept one", DIAGNOSIS,
            days if environment.snapshots_enabled else f"{days}; none is taken at present", Perm.VIEW_SESSIONS,
        )
    )  # fmt: skip
