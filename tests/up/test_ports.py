"""Which port people are sent to."""

import socket

import pytest

from project.up.ports import Choice, PortBusyError, choose_port, free_port


@pytest.fixture
def busy_port():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_it_obeys_the_port_that_was_asked_for():
    port = free_port()
    assert choose_port("127.0.0.1", port) == Choice(port)


def test_it_names_a_busy_port_that_was_asked_for(busy_port):
    with pytest.raises(PortBusyError, match=f"PORT={busy_port}"):
        choose_port("127.0.0.1", busy_port)


def test_it_takes_the_next_free_port_and_says_so(busy_port):
    choice = choose_port("127.0.0.1", None, default=busy_port)
    assert choice.instead_of == busy_port
    assert choice.port > busy_port
