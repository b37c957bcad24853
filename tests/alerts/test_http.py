"""The one HTTP client: pinned, without redirects and proxies, bounded in bytes and time."""

import socket
import ssl
import threading
import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from alerts.delivery import http
from alerts.delivery.errors import DeliveryError, TargetRefused
from alerts.delivery.names import resolve_by_system
from diagnostics.core import clock


@pytest.fixture
def names(monkeypatch):
    """Names that lead where the test says; each question takes the next answer, the last one for ever."""
    answers = {}
    asked = []
    real = socket.getaddrinfo

    def getaddrinfo(host, port, *args, **kwargs):
        if str(host).rstrip(".") not in answers:
            return real(host, port, *args, **kwargs)
        asked.append(host)
        queue = answers[host.rstrip(".")]
        found = queue.pop(0) if len(queue) > 1 else queue[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    answers["asked"] = asked
    return answers


def take_request(connection):
    """All of it: closing with something unread would tear the answer off."""
    found = b""
    while not found.endswith(b"\r\n\r\n{}"):
        part = connection.recv(65536)
        if not part:
            return
        found += part


def answering(*parts, pause=0.0):
    """A server that reads the request and then sends these bytes."""

    def talk(connection):
        with connection:
            take_request(connection)
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)

    return talk


def test_the_body_and_headers_arrive_and_the_answer_is_read(receiver):
    receiver.answer((202, {"Retry-After": "7"}, b"taken"))
    reply = http.post(f"{receiver.url}?a=b%20c", b'{"x": 1}', {"content-type": "application/json", "webhook-id": "1"})
    path, headers, body = receiver.got[0]
    assert (reply.status, reply.text, reply.headers["retry-after"]) == (202, "taken", "7")
    assert (path, body) == ("/hook/tok-3n-s3cr3t?a=b%20c", b'{"x": 1}')
    assert headers["host"] == f"127.0.0.1:{receiver.server_port}"
    assert (headers["content-type"], headers["webhook-id"]) == ("application/json", "1")
    assert headers["user-agent"] == "Diagnostics/1"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(receiver, status):
    receiver.answer((status, {"Location": f"http://127.0.0.1:{receiver.server_port}/elsewhere"}, b""))
    assert http.post(receiver.url, b"{}", {}).status == status
    assert len(receiver.got) == 1


def test_proxies_of_the_environment_are_not_asked(receiver, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert http.post(receiver.url, b"{}", {}).status == 200


def test_without_the_operators_word_loopback_is_refused_before_anything_is_sent(receiver, settings):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "DELIVERY_ALLOWED_NETWORKS": []}
    with pytest.raises(TargetRefused):
        http.post(receiver.url, b"{}", {})
    assert receiver.got == []


def test_the_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(receiver, names):
    names["hooks.shop.com"] = [["127.0.0.1"], ["169.254.169.254"]]  # a name that changes after the check
    reply = http.post(f"http://hooks.shop.com:{receiver.server_port}/x", b"{}", {}, deadline=5)
    assert reply.status == 200
    assert names["asked"] == ["hooks.shop.com."]
    assert receiver.got[0][1]["host"] == f"hooks.shop.com:{receiver.server_port}"


def test_a_name_that_leads_to_the_metadata_service_is_refused(names):
    names["hooks.shop.com"] = [["169.254.169.254"]]
    with pytest.raises(TargetRefused):
        http.post("https://hooks.shop.com/x", b"{}", {})


def test_a_name_service_that_never_answers_costs_no_more_than_its_bound(monkeypatch):
    asleep = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [asleep.wait(30)] * 0)
    started = time.monotonic()
    with pytest.raises(OSError, match="in time"):
        resolve_by_system("hooks.shop.com", patience=0.1)
    assert time.monotonic() - started < 2
    asleep.set()


def test_who_answers_must_be_who_was_checked(receiver, monkeypatch):
    assert http.post(receiver.url, b"{}", {}).status == 200
    real = socket.create_connection
    monkeypatch.setattr("alerts.delivery.http.check_url", lambda url: "127.0.0.2")
    # A system that leads elsewhere than it was told to: a translation of addresses, say.
    monkeypatch.setattr(socket, "create_connection", lambda address, *a, **k: real(("127.0.0.1", address[1]), *a, **k))
    with pytest.raises(DeliveryError):
        http.post(receiver.url, b"{}", {})
    assert len(receiver.got) == 1


@pytest.mark.parametrize("networks", [["127.0.0.0/8"], ["127.0.0.1"]])
def test_what_the_operator_refuses_is_not_reached_whoever_vouches_for_it(receiver, settings, networks):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "DELIVERY_REFUSED_NETWORKS": networks}
    with pytest.raises(TargetRefused):
        http.post(receiver.url, b"{}", {})
    assert receiver.got == []


def test_an_ipv6_receiver_is_reached(raw_server):
    port = raw_server(answering(b"HTTP/1.1 204 No Content\r\n\r\n"), socket.AF_INET6)
    assert http.post(f"http://[::1]:{port}/x", b"{}", {}).status == 204


def test_of_a_large_answer_only_the_beginning_is_read(raw_server):
    sent = []

    def flood(connection):
        with connection:
            take_request(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            for _ in range(10_000):
                connection.sendall(b"x" * 10_000)
                sent.append(10_000)

    port = raw_server(flood)
    assert http.post(f"http://127.0.0.1:{port}/", b"{}", {}).text == "x" * 4096
    assert sum(sent) < 50_000_000


def test_a_compressed_answer_is_not_unpacked(receiver):
    receiver.answer((200, {"Content-Encoding": "gzip"}, b"\x1f\x8b\x08\x00nonsense"))
    assert http.post(receiver.url, b"{}", {}).status == 200
    assert receiver.got[0][1]["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "parts",
    [
        [],  # says nothing
        [b"H", b"T", b"T", b"P", *[b"/"] * 60],  # drips the status line
        [b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 60],  # drips headers
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 60,  # never comes to the point
    ],
)
def test_the_deadline_holds_for_the_whole_call_however_the_answer_drips(raw_server, parts):
    port = raw_server(answering(*parts, *[b""] * 30, pause=0.1))
    started = time.monotonic()
    with pytest.raises(DeliveryError) as failure:
        http.post(f"http://127.0.0.1:{port}/", b"{}", {}, deadline=0.5)
    assert time.monotonic() - started < 1.5
    assert str(failure.value) == "no answer in time"
    assert not failure.value.permanent


def test_an_answer_whose_body_drips_counts_by_its_status(raw_server):
    port = raw_server(answering(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x"] * 60, pause=0.1))
    started = time.monotonic()
    reply = http.post(f"http://127.0.0.1:{port}/", b"{}", {}, deadline=0.5)
    assert time.monotonic() - started < 1.5
    assert reply.status == 200
    assert 1 <= len(reply.text) < 10


def test_an_answer_that_is_torn_off_counts_by_its_status(raw_server):
    port = raw_server(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok"))
    assert http.post(f"http://127.0.0.1:{port}/", b"{}", {}).status == 200


@pytest.mark.parametrize("parts", [[b""], [b"SSH-2.0-OpenSSH_9\r\n"], [b"HTTP/1.1 abc\r\n\r\n"]])
def test_what_speaks_no_http_is_a_failure_that_is_retried_and_names_no_address(raw_server, parts):
    port = raw_server(answering(*parts))
    with pytest.raises(DeliveryError) as failure:
        http.post(f"http://127.0.0.1:{port}/tok-3n", b"{}", {})
    assert not failure.value.permanent
    assert str(port) not in str(failure.value)
    assert "tok-3n" not in str(failure.value)


def test_a_closed_port_is_a_failure_that_is_retried(receiver):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(DeliveryError) as failure:
        http.post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert not failure.value.permanent


@pytest.fixture
def certificate(tmp_path):
    """A certificate of hooks.shop.com that signs itself, as a file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.shop.com")])
    now = clock.now()
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.shop.com")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_port(raw_server, certificate):
    """A TLS server that answers 200; `asked` notes the name that clients ask for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    asked = []
    context.sni_callback = lambda _, name, __: asked.append(name)

    def talk(connection):
        try:
            with context.wrap_socket(connection, server_side=True) as secure:
                take_request(secure)
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        except ssl.SSLError:
            connection.close()

    port = raw_server(talk)
    return port, asked


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_port, names):
    names["hooks.shop.com"] = [["127.0.0.1"]]
    port, asked = tls_port
    with pytest.raises(DeliveryError) as failure:
        http.post(f"https://hooks.shop.com:{port}/", b"{}", {}, deadline=5)
    assert str(failure.value) == "the connection failed (ConnectError)"
    assert asked == ["hooks.shop.com"]


@pytest.mark.parametrize(("name", "trusted"), [("hooks.shop.com", True), ("other.shop.com", False)])
def test_the_certificate_must_be_the_names_although_the_address_is_pinned(
    tls_port, names, certificate, monkeypatch, name, trusted
):
    monkeypatch.setattr(
        "httpcore._sync.connection.default_ssl_context", lambda: ssl.create_default_context(cafile=certificate)
    )
    names[name] = [["127.0.0.1"]]
    port, _ = tls_port
    if trusted:
        assert http.post(f"https://{name}:{port}/", b"{}", {}, deadline=5).status == 200
    else:
        with pytest.raises(DeliveryError):
            http.post(f"https://{name}:{port}/", b"{}", {}, deadline=5)
