"""Sessions grow by what batches bring."""

from types import SimpleNamespace

import pytest

from diagnostics.environments import create_environment
from diagnostics.pipeline.parts import write_parts
from diagnostics.pipeline.session_parts import FIELDS
from sessions_app.fold import fold_sessions
from sessions_app.models import LogSession


def part(**changes):
    known = {
        "session_id": "s1", "user_key": "", "first_us": 2_000_000, "last_us": 3_000_000, "records": 2, "spans": 0,
        "warnings": 1, "errors": 0, "crashed": False, "services": ["web"], "release": "", "geo_country": "",
        "geo_region": "", "device_type": "", "browser": "", "os": "",
    } | changes  # fmt: skip
    return [known[name] for name in FIELDS]


def fold(environment, *batches):
    fold_sessions([SimpleNamespace(environment_id=environment.pk, sessions=write_parts(parts)) for parts in batches])


@pytest.mark.django_db
def test_a_second_batch_adds_and_keeps_what_it_does_not_know():
    environment = create_environment("folded")
    first = part(user_key="u", browser='Fire"fox\\ 128', services=["web", "api"])
    second = part(first_us=1_000_000, last_us=9_000_000, errors=3, crashed=True, services=["shop", "web"], os="Linux")
    fold(environment, [first])
    fold(environment, [second, part(session_id="s2")])
    session = LogSession.objects.get(session_id="s1")
    assert (session.records, session.warnings, session.errors, session.crashed) == (4, 2, 3, True)
    assert (session.started_at.timestamp(), session.last_seen_at.timestamp()) == (1.0, 9.0)
    assert session.services == ["api", "shop", "web"]
    assert (session.user_key, session.browser, session.os) == ("u", 'Fire"fox\\ 128', "Linux")
    assert LogSession.objects.get(session_id="s2").services == ["web"]
    fold(environment, [part(services=["api"])])
    assert LogSession.objects.get(session_id="s1").services == ["api", "shop", "web"]


@pytest.mark.django_db
def test_batches_of_one_digest_add_up_as_those_of_several():
    together, apart = create_environment("together"), create_environment("apart")
    batches = [
        [part(user_key="u", services=["web", "api"]), part(session_id="s2", release="1")],
        [part(first_us=1_000_000, last_us=9_000_000, errors=3, crashed=True, services=["shop"], os="Linux")],
        [part(records=5, services=["api"], browser="Firefox"), part(session_id="s2", release="", spans=4)],
    ]
    fold(together, *batches)
    for parts in batches:
        fold(apart, parts)
    fields = [name for name in FIELDS if name not in ("first_us", "last_us")] + ["started_at", "last_seen_at"]
    found = [
        list(LogSession.objects.filter(environment=one).order_by("session_id").values(*fields))
        for one in (together, apart)
    ]
    assert found[0] == found[1]
    assert (found[0][0]["records"], found[0][0]["services"], found[0][0]["os"]) == (9, ["api", "shop", "web"], "Linux")
    assert (found[0][1]["release"], found[0][1]["spans"]) == ("1", 4)
