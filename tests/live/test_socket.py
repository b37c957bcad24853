"""The live socket: who gets in, what arrives, and that it ends when the right to it does."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from asgiref.sync import sync_to_async
from channels.layers import get_channel_layer
from django.contrib.sessions.models import Session

from diagnostics.core import clock
from diagnostics.core.permissions import ROLES, Perm
from diagnostics.environments import create_environment, withdraw_role
from diagnostics.live import consumers
from diagnostics.live.wire import group_of
from tests.factories import make_key, send_json
from tests.live.talking import Socket, session_of, watch, watching
from tests.people import make_person

pytestmark = pytest.mark.django_db(transaction=True)

FRAME = {
    "reference", "timestamp", "severity", "severity_number", "service_name", "body", "trace_id", "session_id",
    "user_key", "request_id", "http_route", "http_status", "error_type", "event_name", "release", "logger",
    "journey_id", "fingerprint", "template_id", "browser", "geo_country", "exception_message",
}  # fmt: skip


@pytest.fixture
def environment(transactional_db):
    return create_environment("streamed")


@pytest.fixture
def viewer(environment):
    return make_person(environment, "support")


@pytest.fixture
def hurried(monkeypatch):
    """Rights are asked again, and beats come, many times a second."""
    monkeypatch.setattr(consumers, "CHECK_SECONDS", 0.05)


def a_frame(*records, **fields):
    plain = {"reference": "1-1", "severity_number": 9, "service_name": "", "body": "", "trace_id": ""}
    return {"type": "live.frame", "records": [{**plain, **record} for record in records], "dropped": 0, **fields}


async def publish(environment, *records, **fields):
    await get_channel_layer().group_send(group_of(environment.pk), a_frame(*records, **fields))


async def test_everybody_gets_what_their_role_gives(environment):
    other = await sync_to_async(create_environment)("elsewhere")
    make = sync_to_async(make_person)
    people = {role: await make(environment, role) for role in ROLES}
    people |= {
        "anonymous": None, "stranger": await make(), "neighbour": await make(other, "environment-admin"),
        "superuser": await make(is_superuser=True), "inactive": await make(environment, "support", is_active=False),
    }  # fmt: skip
    for name, person in people.items():
        socket = await watch(environment, person)
        allowed = name == "superuser" or Perm.STREAM_LOGS in ROLES.get(name, ())
        hello = await socket.hear()
        assert (hello is not None) == allowed, name
        if hello:
            assert hello == {"type": "hello", "environment": "streamed", "limit": 50}
        else:
            assert socket.closed == (4401 if name in ("anonymous", "inactive") else 4403), name
        await socket.close()
    missing = Socket("/ws/e/nowhere/live/", await session_of(people["support"]))
    assert await missing.open()
    assert await missing.hear() is None
    assert missing.closed == 4403  # as for one that is not theirs


async def test_a_password_alone_opens_nothing_where_a_second_factor_is_required(environment, viewer, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    socket = await watch(environment, viewer)
    assert await socket.hear() is None
    assert socket.closed == 4401
    await sync_to_async(Authenticator.objects.create)(user=viewer, type=Authenticator.Type.TOTP, data={"secret": "x"})
    await (await watching(environment, viewer)).close()


async def test_a_stream_ends_when_the_second_factor_is_taken_away(environment, viewer, settings, hurried):
    settings.REQUIRE_SECOND_FACTOR = True
    factor = await sync_to_async(Authenticator.objects.create)(
        user=viewer, type=Authenticator.Type.TOTP, data={"secret": "x"}
    )
    socket = await watching(environment, viewer)
    await factor.adelete()
    assert await socket.hear("records") is None
    assert socket.closed == 4401


async def test_pages_of_other_places_are_refused_before_anything_is_asked(environment, viewer):
    for origin in (
        None, "", "null", "http://evil.example", "http://testserver.evil.example", "http://testserver:81",
        "http://evil@testserver", "ftp://testserver", "http://[", "//testserver", "testserver",
    ):  # fmt: skip
        socket = Socket("/ws/e/streamed/live/", await session_of(viewer), origin=origin)
        assert not await socket.open(), origin
    assert not await Socket("/ws/elsewhere/", await session_of(viewer)).open()


async def test_a_record_that_is_sent_arrives_clean_and_others_environments_never(environment, viewer):
    other = await sync_to_async(create_environment)("elsewhere")
    socket = await watching(environment, viewer)
    secret = {"exception.stacktrace": "Traceback: secret frame", "card": "4111 1111 1111 1111", "note": "an attribute"}
    for target, body in ((other, "done elsewhere"), (environment, "mail to jane.doe@example.com failed " + "x" * 900)):
        key = await sync_to_async(make_key)(target)
        sent = {
            "message": body,
            "level": "error",
            "service": "shop",
            "user_id": "u-17",
            "client.address": "93.184.216.34",
        }
        assert (await send_json(key, {**sent, **secret})).status_code == 200
    message = await socket.hear("records")
    (record,) = message["records"]
    assert set(record) == FRAME
    assert record["body"].startswith("mail to")
    assert len(record["body"]) <= 500
    for private in ("jane.doe", "secret frame", "4111", "an attribute", "u-17", "93.184"):
        assert private not in str(message)
    assert message["skipped"] == 0
    await socket.close()


async def test_a_filter_holds_from_when_it_is_said_and_a_wrong_one_changes_nothing(environment, viewer):
    socket = await watching(environment, viewer)

    async def shown(**params):
        await socket.say({"type": "filter", "params": params})
        answer = await socket.hear("filtered", "error")
        await publish(
            environment,
            {"body": "red apple", "severity_number": 17, "service_name": "fruit", "logger": "shop.basket"},
            {"body": "green apple", "service_name": "fruit", "browser": "Firefox"},
            {
                "body": "blue plum",
                "severity_number": 21,
                "error_type": "Rotten",
                "exception_message": "it is soft",
            },
        )
        return answer, [record["body"] for record in (await socket.hear("records"))["records"]]

    everything = ["red apple", "green apple", "blue plum"]
    assert await shown(q="service:fruit -red") == ({"type": "filtered"}, ["green apple"])
    wrong, kept = await shown(q="colour:red")
    assert "there is no field 'colour'" in wrong["message"]
    assert kept == ["green apple"]
    assert (await shown(level="error"))[1] == ["red apple", "blue plum"]
    assert (await shown(q="logger:shop.basket"))[1] == ["red apple"]
    assert (await shown(q="rotten soft"))[1] == ["blue plum"]
    assert (await shown(browser="Firefox"))[1] == ["green apple"]
    assert (await shown(until="0001-01-01"))[0]["type"] == "error"
    assert (await shown())[1] == everything
    await socket.close()


async def test_what_is_paused_is_counted_and_said(environment, viewer):
    socket = await watching(environment, viewer)
    await socket.say({"type": "pause"})
    assert await socket.hear() == {"type": "paused", "skipped": 0}
    await publish(environment, {"body": "one"}, {"body": "two"}, dropped=3)
    await socket.line.receive_nothing(0.3)
    await socket.say({"type": "resume"})
    assert await socket.hear() == {"type": "resumed", "skipped": 5}
    await publish(environment, {"body": "three"})
    assert [record["body"] for record in (await socket.hear())["records"]] == ["three"]
    await socket.close()


async def test_more_than_can_be_read_is_left_out_and_counted(environment, viewer, monkeypatch):
    monkeypatch.setattr(consumers, "RECORDS_A_SECOND", 5)
    socket = await watching(environment, viewer)
    await publish(environment, *({"body": str(number)} for number in range(50)), dropped=7)
    message = await socket.hear("records")
    assert 5 <= len(message["records"]) <= 10
    assert message["records"][-1]["body"] == "49"  # the newest are shown
    assert len(message["records"]) + message["skipped"] == 57
    await socket.close()


async def test_beats_come_and_say_when_publishers_cannot_know_of_us(environment, viewer, hurried, settings):
    socket = await watching(environment, viewer)
    assert await socket.hear() == {"type": "beat", "skipped": 0, "behind": False}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert {(await socket.hear())["behind"] for _ in range(3)} >= {True}
    await socket.close()


def expire_sessions(environment, viewer):
    Session.objects.update(expire_date=clock.now() - timedelta(seconds=1))


def change_password(environment, viewer):
    viewer.set_password("another fine pass")
    viewer.save()


def deactivate(environment, viewer):
    viewer.is_active = False
    viewer.save()


def switch_off(environment, viewer):
    environment.streaming_enabled = False
    environment.save()


WITHDRAWALS = {
    "the role is taken": (lambda environment, viewer: withdraw_role(viewer, environment, "support"), 4403),
    "the environment is gone": (lambda environment, viewer: environment.delete(), 4403),
    "signed out": (lambda environment, viewer: Session.objects.all().delete(), 4401),
    "the session is over": (expire_sessions, 4401),
    "the password was changed": (change_password, 4401),
    "the person is inactive": (deactivate, 4401),
    "the stream is switched off": (switch_off, 4409),
}


@pytest.mark.parametrize("reason", WITHDRAWALS)
async def test_an_open_socket_ends_when(reason, environment, viewer, hurried):
    withdraw, code = WITHDRAWALS[reason]
    socket = await watching(environment, viewer)
    assert (await socket.hear())["type"] == "beat"
    await sync_to_async(withdraw)(environment, viewer)
    assert await socket.hear("records") is None
    assert socket.closed == code
    await socket.close()


async def test_a_stream_that_is_switched_off_does_not_open(environment, viewer):
    await sync_to_async(switch_off)(environment, viewer)
    socket = await watch(environment, viewer)
    assert await socket.hear() is None
    assert socket.closed == 4409


async def test_what_is_not_understood_is_answered_and_a_flood_ends_the_socket(environment, viewer):
    socket = await watching(environment, viewer)
    for text, words in (
        ("{", "send JSON objects"), ("[]", "send JSON objects"), ('"x"', "send JSON objects"),
        ('{"type": "x", "y": "' + "x" * 4096 + '"}', "up to 4096 bytes"), ('{"type": "dance"}', "use filter, pause"),
        ("{}", "use filter"),
    ):  # fmt: skip
        await socket.say(text)
        assert words in (await socket.hear())["message"]
    await socket.line.send_input({"type": "websocket.receive", "bytes": b"\x00"})
    assert (await socket.hear())["type"] == "error"
    for _ in range(8):
        await socket.say({"type": "pause"})
    assert await socket.hear("nothing else") is None
    assert socket.closed == 4429
    await socket.close()
