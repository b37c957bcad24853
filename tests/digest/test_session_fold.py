"""Sessions grow by what batches bring."""

from types import SimpleNamespace

import pytest

from diagnostics.environments import create_environment
from sessions_app.fold import fold_sessions
from sessions_app.models import LogSession


def part(**changes):
    return {
        "session_id": "s1", "user_key": "", "first_us": 2_000_000, "last_us": 3_000_000, "records": 2, "spans": 0,
        "warnings": 1, "errors": 0, "crashed": False, "services": ["web"], "release": "", "geo_country": "",
        "geo_region": "", "device_type": "", "browser": "", "os": "",
    } | changes  # fmt: skip


@pytest.mark.django_db
def test_a_second_batch_adds_and_keeps_what_it_does_not_know():
    environment = create_environment("folded")
    first = part(user_key="u", browser='Fire"fox\\ 128', services=["web", "api"])
    second = part(first_us=1_000_000, last_us=9_000_000, errors=3, crashed=True, services=["shop", "web"], os="Linux")
    fold_sessions([SimpleNamespace(environment_id=environment.pk, sessions=[first])])
    fold_sessions([SimpleNamespace(environment_id=environment.pk, sessions=[second, part(session_id="s2")])])
    session = LogSession.objects.get(session_id="s1")
    assert (session.records, session.warnings, session.errors, session.crashed) == (4, 2, 3, True)
    assert (session.started_at.timestamp(), session.last_seen_at.timestamp()) == (1.0, 9.0)
    assert session.services == ["api", "shop", "web"]
    assert (session.user_key, session.browser, session.os) == ("u", 'Fire"fox\\ 128', "Linux")
    assert LogSession.objects.get(session_id="s2").services == ["web"]
    fold_sessions([SimpleNamespace(environment_id=environment.pk, sessions=[part(services=["api"])])])
    assert LogSession.objects.get(session_id="s1").services == ["api", "shop", "web"]
