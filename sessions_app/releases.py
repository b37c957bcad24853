"""How sessions fared with a release: how many there were, and how many met no crash."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.search.page import SearchTooSlowError, search_limits
from diagnostics.search.patterns import fetch

SECONDS: Final = 2.0
KIND: Final = "sessions"
COUNTS: Final = """
SELECT wanted.service, wanted.release, count(*), count(*) FILTER (WHERE crashed), count(*) FILTER (WHERE errors > 0 OR crashed)
FROM unnest(%(services)s::text[], %(releases)s::text[]) AS wanted (service, release)
JOIN sessions_app_logsession AS session ON session.release = wanted.release AND session.services ? wanted.service
WHERE session.environment_id = %(environment)s AND session.last_seen_at >= %(since)s AND session.started_at < %(until)s
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Fared:
    """Sessions in the time shown that the service took part in, and whose last record that named a release named this."""

    sessions: int
    crashed: int
    troubled: int  # with errors or crashed

    @property
    def crash_free(self) -> float:
        """The share that met no crash."""
        return 1 - self.crashed / self.sessions


def sessions_of_releases(
    held: Collection[Perm],
    environment: Environment,
    since: datetime,
    until: datetime,
    names: Collection[tuple[str, str]],
) -> dict[str, dict[tuple[str, str], Any]]:
    """By service and release, for who may see sessions; nothing where there is no time to count them."""
    if Perm.VIEW_SESSIONS not in held or not names:
        return {}
    services, releases = zip(*names, strict=True)
    parameters = {
        "environment": environment.pk, "since": since, "until": until, "services": list(services),
        "releases": list(releases),
    }  # fmt: skip
    try:
        with search_limits(SECONDS):
            rows = fetch(COUNTS, parameters)
    except SearchTooSlowError:
        return {}
    return {KIND: {(service, release): Fared(*counts) for service, release, *counts in rows}}
