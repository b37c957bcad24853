"""Every socket, asked by everybody: also who once might, and by whoever comes from elsewhere."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async

from diagnostics.core import clock
from diagnostics.core.permissions import ROLES, Perm, role_perms
from diagnostics.environments import create_environment, grant_role, withdraw_role
from diagnostics.live import consumers
from diagnostics.live.sockets import SOCKETS
from diagnostics.models import AccessEvent, EnvironmentUserGrant
from tests.live.talking import Socket, session_of, watch
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)
NEEDED = {"live-socket": Perm.STREAM_LOGS}


def make_everybody():
    """A production environment, and people by name: each role, and everybody who is outside."""
    here, elsewhere = create_environment("guarded", kind="production"), create_environment("elsewhere")
    people = {role: make_person(here, role) for role in ROLES}
    people |= {name: make_person() for name in ("stranger", "neighbour", "expired", "revoked")}
    for role in ROLES:
        grant_role(people["neighbour"], elsewhere, role)
        grant_role(people["expired"], here, role, clock.now() + timedelta(hours=1))
        grant_role(people["revoked"], here, role)
        withdraw_role(people["revoked"], here, role)
    EnvironmentUserGrant.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    people |= {
        "anonymous": None, "inactive": make_person(here, "on-call", is_active=False), "superuser": make_person(is_superuser=True),
    }  # fmt: skip
    return here, people


async def everybody_asks():
    here, people = await sync_to_async(make_everybody)()
    for name, person in people.items():
        socket = await watch(here, person)
        held = role_perms(name, is_production=True) if name in ROLES else ()
        allowed = name == "superuser" or NEEDED["live-socket"] in held
        assert (await socket.hear() is not None) == allowed, name
        if not allowed:
            assert socket.closed == (4401 if name in ("anonymous", "inactive") else 4403), name
        await socket.close()


async def test_everybody_gets_what_they_hold_now():
    assert [pattern.name for pattern in SOCKETS] == [*NEEDED]
    await everybody_asks()


async def test_starting_a_stream_of_production_is_written_down():
    here, people = await sync_to_async(make_everybody)()
    socket = await watch(here, people["on-call"])
    assert (await socket.hear())["type"] == "hello"
    await socket.close()
    event = await AccessEvent.objects.select_related("environment").aget(action="stream.start")
    assert (event.actor_id, event.environment) == (people["on-call"].pk, here)


async def test_a_grant_that_ends_ends_the_stream(monkeypatch):
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.05)
    here, _ = await sync_to_async(make_everybody)()
    person = await sync_to_async(make_person)()
    await sync_to_async(grant_role)(person, here, "on-call", clock.now() + timedelta(hours=1))
    socket = await watch(here, person)
    assert (await socket.hear())["type"] == "hello"
    await EnvironmentUserGrant.objects.filter(user=person).aupdate(expires_at=clock.now())
    while await socket.hear() is not None:
        pass
    assert socket.closed == 4403
    assert consumers.CHECK_SECONDS < 5


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://testserver.evil.example", "null", "https://testserver:8443"]
)
async def test_no_page_from_elsewhere_opens_one(origin):
    here, people = await sync_to_async(make_everybody)()
    socket = Socket(f"/ws/e/{here.slug}/live/", await session_of(people["superuser"]), origin=origin)
    assert not await socket.open()
