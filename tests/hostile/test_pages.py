"""Bodies sent to Django's part: bounded in size and time for everybody, before any view, and cut where a report counts
however long it is."""

import asyncio
import json
import time

import httpx
import pytest
from django.conf import settings

from diagnostics.core import limits
from project.bounded import KEPT, BoundedBodies
from tests.hostile.asking import ask

LENGTH = limits.PAGE_BODY


class Inner:
    """What stands behind: it keeps what it is given, reads as Django does, and waits for the client to go."""

    def __init__(self):
        self.bodies, self.scopes, self.then = [], [], []

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        self.bodies.append(body)
        self.scopes.append(scope)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"part", "more_body": True})
        self.then.append(await receive())
        await send({"type": "http.response.body", "body": b""})


def call(path, messages, **headers):
    """(what the application behind was given, what was sent, how many messages were read)."""
    inner, sent = Inner(), []
    waiting = [*messages, {"type": "http.disconnect"}]

    async def receive():
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "headers": named}
    asyncio.run(BoundedBodies(inner)(scope, receive, send))
    return inner, sent, len(messages) + 1 - len(waiting)


def parts_of(*bodies):
    return [
        {"type": "http.request", "body": body, "more_body": number < len(bodies)}
        for number, body in enumerate(bodies, 1)
    ]


def test_a_body_is_handed_on_whole_and_then_the_disconnect():
    inner, sent, _ = call("/login/", parts_of(b"a=1", b"&b=2"), transfer_encoding="chunked")
    assert inner.bodies == [b"a=1&b=2"]
    assert dict(inner.scopes[0]["headers"]) == {b"content-length": b"7"}
    assert inner.then == [{"type": "http.disconnect"}]
    assert [message.get("body") for message in sent] == [None, b"part", b""]


@pytest.mark.parametrize("path", ["/login/", "/admin/", "/api/v1/tokens", "/nowhere"])
def test_a_declared_length_that_is_too_large_is_refused_unread(path):
    inner, sent, read = call(path, parts_of(b"a"), content_length=str(LENGTH + 1))
    assert (sent[0]["status"], inner.bodies, read) == (413, [], 0)
    assert b"2 MiB" in sent[1]["body"]
    assert (b"connection", b"close") in sent[0]["headers"]
    is_json = dict(sent[0]["headers"])[b"content-type"] == b"application/json"
    assert is_json == path.startswith("/api/")
    assert not is_json or json.loads(sent[1]["body"])["detail"]


def test_an_undeclared_body_is_counted():
    part = b"x" * (LENGTH // 4)
    inner, sent, read = call("/login/", parts_of(*[part] * 10), transfer_encoding="chunked")
    assert (sent[0]["status"], inner.bodies, read) == (413, [], 5)
    assert call("/login/", parts_of(*[part] * 4))[0].bodies == [part * 4]


@pytest.mark.parametrize("path", ["/ping/1b2c/fail", "/api/v1/checkins/nightly"])
def test_a_jobs_report_is_cut_and_counts(path):
    inner, sent, _ = call(path, parts_of(*[b"y" * limits.MIB] * 5), content_length=str(5 * limits.MIB))
    assert (sent[0]["status"], inner.bodies) == (200, [b"y" * KEPT])
    assert dict(inner.scopes[0]["headers"])[b"content-length"] == str(KEPT).encode()


def test_a_body_that_trickles_is_given_up(monkeypatch):
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.1)
    sent = []

    async def receive():
        await asyncio.sleep(0.03)
        return {"type": "http.request", "body": b"z", "more_body": True}

    async def send(message):
        sent.append(message)

    inner, scope = Inner(), {"type": "http", "method": "POST", "path": "/login/", "headers": []}
    asyncio.run(asyncio.wait_for(BoundedBodies(inner)(scope, receive, send), 10))
    assert (sent[0]["status"], inner.bodies) == (408, [])


def test_who_goes_away_before_the_end_is_forgotten():
    inner, sent, _ = call("/login/", [{"type": "http.request", "body": b"a", "more_body": True}])
    assert (inner.bodies, sent) == ([], [])


def test_django_agrees():
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE == LENGTH
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE >= LENGTH  # so that nothing is spooled to disk


@pytest.mark.xdist_group("product")
def test_a_stranger_fills_no_disk_and_holds_no_connection(product):
    where = product.url.removeprefix("http://")
    head = f"POST /login/ HTTP/1.1\r\nHost: {where}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    status, said, seconds = ask(where, f"{head}Content-Length: 2000000000\r\n\r\n".encode() + b"a" * 100_000)
    assert (status, b"too much at once" in said) == (413, True)
    assert seconds < 10
    page = httpx.get(f"{product.url}/login/")
    assert page.status_code == 200
    started = time.monotonic()
    status, said, _ = ask(where, f"{head}Content-Length: 1000\r\n\r\n".encode() + b"a", seconds=60)
    assert (status, time.monotonic() - started < 30) == (408, True)


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded; charset=zlib_codec",
        "application/x-www-form-urlencoded;charset=UTF-16",
        "multipart/form-data; boundary*=zz'q'%ff",
        "Multipart/Form-Data; boundary=x; charset=hex",
    ],
)
def test_a_form_that_django_could_not_read_is_refused(kind):
    inner, sent, _ = call("/login/", parts_of(b"a=1"), content_type=kind)
    assert (sent[0]["status"], inner.bodies) == (415, [])
    assert b"UTF-8" in sent[1]["body"]
    fine = call("/login/", parts_of(b"a=1"), content_type="application/x-www-form-urlencoded; charset=utf-8")
    assert fine[0].bodies == [b"a=1"]
    job = call("/ping/1b2c", parts_of(b"a=1"), content_type="application/x-www-form-urlencoded; charset=ISO-8859-1")
    assert job[0].bodies == [b"a=1"]
    assert call("/login/", parts_of(b"a=1"), content_type="application/json; charset=utf-16")[0].bodies == [b"a=1"]


def test_signing_in_leads_nowhere_when_the_address_is_none(client, db):
    assert client.get("/login/", {"next": "http://[::1"}).status_code == 200
