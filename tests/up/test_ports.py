"""Which port people are sent to."""

import os
import socket

import pytest
from django.core.management import CommandError, call_command

from project.management.commands import up
from project.up import ports
from project.up.ports import Choice, PortBusyError, choose_port, free_port
from project.up.supervisor import Supervisor


@pytest.fixture
def busy_port():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_it_obeys_the_port_that_was_asked_for():
    port = free_port()
    assert choose_port("127.0.0.1", port) == Choice(port)


def test_it_names_a_busy_port_and_who_holds_it(busy_port):
    with pytest.raises(PortBusyError) as caught:
        choose_port("127.0.0.1", busy_port)
    said = str(caught.value)
    assert said.startswith(f"PORT={busy_port}: the port is in use by process {os.getpid()} (")
    assert "choose another PORT" in said


def test_it_says_so_when_the_holder_is_unknown(busy_port, monkeypatch):
    monkeypatch.setattr(ports, "describe_holder", lambda port: "")
    with pytest.raises(PortBusyError, match="in use by another program"):
        choose_port("127.0.0.1", busy_port)


def test_up_starts_nothing_on_a_busy_port(busy_port, monkeypatch, tmp_path):
    monkeypatch.setenv("PORT", str(busy_port))
    monkeypatch.setattr(up, "DATA_DIR", tmp_path)
    monkeypatch.setattr(Supervisor, "catch_signals", lambda supervisor: None)  # pytest's own stay
    with pytest.raises(CommandError, match=f"PORT={busy_port}: the port is in use"):
        call_command("up")
    assert [path.name for path in tmp_path.iterdir()] == ["up.lock"]


def test_it_takes_the_next_free_port_and_says_so(busy_port):
    choice = choose_port("127.0.0.1", None, default=busy_port)
    assert choice.instead_of == busy_port
    assert choice.port > busy_port
