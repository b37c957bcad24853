"""One connection, several things on it: answers come in the order of their requests, also when one side is closed already."""

import json
import re
import socket

import pytest

from tests.hostile.asking import GOOD, case, in_bytes

pytestmark = pytest.mark.xdist_group("product")


@pytest.fixture(scope="module")
def server(product):
    return product.url.removeprefix("http://"), product.provision("pipeline", kind="development")["ingest_key"]


def talk(where, *parts, half=False):
    """All that is answered until the server closes, or is silent for 3 s."""
    host, _, port = where.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=3) as connection:
        for part in parts:
            connection.sendall(part)
        if half:
            connection.shutdown(socket.SHUT_WR)
        said = b""
        try:
            while part := connection.recv(65536):
                said += part
        except TimeoutError:
            pass
    return said


def statuses(said):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", said)]


def test_whoever_has_sent_all_may_close_their_side_and_is_answered(server):
    where, key = server
    said = talk(where, in_bytes(case("good", {200}, GOOD), key, where), half=True)
    assert statuses(said) == [200]
    assert json.loads(said.rpartition(b"\r\n\r\n")[2])["accepted"] == 1
    cut = in_bytes(case("good", {200}, GOOD), key, where)[:-5]
    assert talk(where, cut, half=True) == b""


@pytest.mark.parametrize("rubbish", [b"\x00\x01garbage\r\n\r\n", b"XXXX\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_what_follows_a_request_and_is_none_is_refused_behind_its_answer(server, rubbish):
    where, key = server
    said = talk(where, in_bytes(case("good", {200}, GOOD), key, where) + rubbish)
    assert statuses(said) == [200, 400]


def test_what_was_pipelined_before_is_answered_first(server):
    where, key = server
    good = in_bytes(case("good", {200}, GOOD), key, where)
    assert statuses(talk(where, good * 2)) == [200, 200]


@pytest.mark.parametrize(("version", "expected"), [(b"1.1", [100, 200]), (b"1.0", [200])])
def test_only_a_client_that_knows_it_is_told_to_go_on(server, version, expected):
    where, key = server
    good = in_bytes(
        case("good", {200}, GOOD, headers=(("Expect", "100-continue"), ("Connection", "close"))), key, where
    )
    assert statuses(talk(where, good.replace(b"HTTP/1.1", b"HTTP/" + version, 1))) == expected
