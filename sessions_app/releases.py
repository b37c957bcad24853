"""How sessions fared with a release: how many there were, and how many met no crash in it."""

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
# Thousands of sessions touched the same releases with the same luck: they are counted before anything is taken apart.
COUNTS: Final = """
WITH alike AS MATERIALIZED (
    SELECT releases, CASE WHEN releases = '{}' THEN jsonb_build_object('services', services, 'release', release,
            'state', jsonb_strip_nulls(jsonb_build_object('errors', nullif(errors > 0, false), 'crashed', nullif(crashed, false)))
        ) END AS older, count(*) AS sessions
    FROM sessions_app_logsession
    WHERE environment_id = %(environment)s AND last_seen_at >= %(since)s AND started_at < %(until)s
    GROUP BY 1, 2
)
SELECT wanted.service, wanted.release, sum(sessions), coalesce(sum(sessions) FILTER (WHERE state ? 'crashed'), 0),
    coalesce(sum(sessions) FILTER (WHERE state ? 'errors' OR state ? 'crashed'), 0)
FROM alike
CROSS JOIN LATERAL (
    SELECT service, release, state
    FROM jsonb_each(releases) AS of_service (service, of_each) CROSS JOIN LATERAL jsonb_each(of_each) AS one (release, state)
    UNION ALL -- from before releases were kept
    SELECT service, older ->> 'release', older -> 'state' FROM jsonb_array_elements_text(older -> 'services') AS service
) AS place
JOIN unnest(%(services)s::text[], %(releases)s::text[]) AS wanted (service, release)
    ON place.service = wanted.service AND place.release = wanted.release
GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Fared:
    """Sessions in the time shown that touched the release; what befell them in another one is not counted here."""

    sessions: int
    crashed: int
    troubled: int  # with errors, a crash among them

    @property
    def crash_free(self) -> float:
        """The share that met no crash in it."""
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
    return {KIND: {(service, release): Fared(*map(int, counts)) for service, release, *counts in rows}}
