"""The releases that a session touched, and how each fared in it: what is stored of them, and sessions cut to one.

A session is one of every release of every service that took part in it. An error or crash is of the release whose record
told of it; where that record names none, of those that its service has in the session.

Stored: {service: {release: {}, or {"errors": true}, or {"errors": true, "crashed": true}}}. What does not hold is left out,
so that a state that holds contains one that does not.
"""

from typing import Any, Final

import orjson
from django.db.models import BooleanField, F, Func, Q, Value

from diagnostics.pipeline.session_parts import FINE, Releases

KEPT: Final = 20  # of a session: those that crashed first, then those with errors
STATES: Final[tuple[dict[str, bool], ...]] = ({}, {"errors": True}, {"errors": True, "crashed": True})
# Sessions from before releases were kept have the last one that a record named, and what befell the whole session.
OLDER_STATES: Final[dict[str, Q]] = {"errors": Q(errors__gt=0), "crashed": Q(crashed=True)}
# Nearly always nothing is new. Else of each release the worse, and the trouble of no release is that of its service's.
MERGED: Final = f"""CASE WHEN stored.releases @> excluded.releases THEN stored.releases ELSE (
    SELECT jsonb_object_agg(service, releases) FROM (
        SELECT service, jsonb_object_agg(
            release, jsonb_strip_nulls(jsonb_build_object('errors', errors, 'crashed', crashed))
        ) AS releases FROM (
            SELECT service, release,
                greatest(bool_or(errors), bool_or(bool_or(errors)) FILTER (WHERE release = '') OVER each_one) AS errors,
                greatest(bool_or(crashed), bool_or(bool_or(crashed)) FILTER (WHERE release = '') OVER each_one) AS crashed
            FROM (SELECT * FROM jsonb_each(stored.releases) UNION ALL SELECT * FROM jsonb_each(excluded.releases))
                AS of_service (service, releases)
            CROSS JOIN LATERAL jsonb_each(of_service.releases) AS of_release (release, state)
            CROSS JOIN LATERAL jsonb_to_record(of_release.state) AS found (errors bool, crashed bool)
            GROUP BY service, release WINDOW each_one AS (PARTITION BY service)
            ORDER BY crashed DESC NULLS LAST, errors DESC NULLS LAST, service, release LIMIT {KEPT}
        ) AS kept GROUP BY service
    ) AS by_service
) END"""  # noqa: S608  a number of our own


def stored(releases: Releases) -> dict[str, dict[str, dict[str, bool]]]:
    """As a row holds them."""
    if sum(map(len, releases.values())) > KEPT:
        releases = worst(releases)
    return {
        service: {release: STATES[max(fared, known.get("", FINE))] for release, fared in known.items()}
        for service, known in releases.items()
    }


def worst(releases: Releases) -> Releases:
    """As many as are kept."""
    found = [(-fared, service, release) for service, known in releases.items() for release, fared in known.items()]
    kept: Releases = {}
    for fared, service, release in sorted(found)[:KEPT]:
        kept.setdefault(service, {})[release] = -fared
    return kept


def touched(release: str, service: str = "", state: str = "") -> Q:
    """Sessions that touched it, of this service or of any; `state`: that met errors in it, or crashed in it."""
    older = Q(releases={}, release=release)
    if service:
        older &= Q(services__contains=[service])
    if state in OLDER_STATES:
        older &= OLDER_STATES[state]
    if service:
        wanted: dict[str, Any] = {state: True} if state in OLDER_STATES else {}
        return Q(releases__contains={service: {release: wanted}}) | older
    return Q(in_any_service(release, state if state in OLDER_STATES else "")) | older


def in_any_service(release: str, state: str) -> Func:
    """A name may hold anything: in a path it stands as in JSON."""
    path = f"$.*.{orjson.dumps(release).decode()}{f' ? (@.{state} == true)' if state else ''}"
    template = "%(function)s(%(expressions)s::jsonpath)"
    return Func(
        F("releases"), Value(path), function="jsonb_path_exists", template=template, output_field=BooleanField()
    )
