"""What logs are full of and must survive: ids, hashes, versions, times, paths, and traps that look private."""

import string
import uuid
from random import Random
from typing import Any

from benchmarks.redaction.secrets_made import ALNUM, HEX, pick

AGENTS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148",
    "python-requests/2.31.0", "okhttp/4.12.0", "Googlebot/2.1 (+http://www.google.com/bot.html)", "curl/8.5.0",
]  # fmt: skip
TRAPS: list[tuple[str, str]] = [
    ("version", "upgraded agent from version 1.14.2.1 to 1.14.3.0"), ("version", "Chrome/119.0.0.12 Safari"), ("version", "lib-2.4.1.3.jar loaded"),
    ("version", "v10.2.3.4 deployed"), ("version", "release 20.1.0.7 ready"), ("version", "Version=4.0.0.0, Culture=neutral"),
    ("word", "password authentication failed for user"), ("word", "token expired after 3600 s"), ("word", "secret rotation finished"),
    ("word", "invalid password supplied"), ("word", "reset password link sent"), ("word", "password must have 12 characters"), ("word", "the token is missing"),
    ("count", "max_tokens=4096 prompt_tokens=812"), ("count", "token_count: 1289"), ("word", "auth=failed reason=timeout"), ("word", "authorization required"),
    ("word", "session started"), ("word", "cookie policy accepted"), ("word", "api key missing"), ("word", "token=none"), ("word", "password: null"),
    ("code", "std::vector<a::b> at x.cpp:12"), ("time", "at 12:34:56.789 +0200"), ("time", "took 00:01:12"), ("mac", "eth0 52:54:00:12:34:56 up"),
    ("package", "installed react@18.2.0 and lodash@4.17.21"), ("package", "git@github.com:acme/shop.git"), ("host", "ssh deploy@web-1 ok"),
    ("image", "image acme/shop:2.3.1@sha256"), ("unit", "getty@tty1.service started"), ("image", "icon@2x.png not found"),
    ("port", "listening on 0.0.0.0:8080"), ("port", "localhost:5432 refused"), ("port", "http://127.0.0.1:9090/metrics"), ("net", "subnet 10.20.0.0/16"),
    ("money", "total 4111.11 EUR"), ("rate", "p95=0.4111111111111 s"), ("coordinates", "lat 52.5200066 lon 13.4049540"), ("isbn", "isbn 9783161484100"),
    ("path", "/usr/lib/python3.11/site-packages/x.py"), ("path", "GET /api/v1/orders/20240117/items HTTP/1.1"), ("key", "cache key user:42:profile miss"),
    ("key", "s3 key backups/2026/01/17/db.dump"), ("k8s", "pod checkout-7d9f8b6c54-x2x7q evicted"), ("k8s", "secret db-creds-v2 mounted"),
    ("sql", "SELECT id, token FROM sessions WHERE id = $1"), ("order", "order 123-4567890-1234567 shipped"), ("order", "ticket 415-20-1999 closed"),
    ("order", "invoice 2026-000123-77"), ("range", "ports 30000-32767"), ("epoch", "ts=1767225600123456789"), ("snowflake", "message 1045619873452019713"),
    ("bearer", "WWW-Authenticate: Bearer realm"), ("placeholder", "password=${DB_PASSWORD}"), ("placeholder", "Authorization: Bearer <token>"), ("mask", "password=********"),
    ("flag", "password_reset_required=true"), ("flag", "secret_version=7"), ("dates", "from 2026-01-17 to 2026-02-17"), ("zone", "UTC+02:00"), ("semver", "1.2.3+20240115120000"),
    ("hex", "0xdeadbeef12345678"), ("hash", "md5 d41d8cd98f00b204e9800998ecf8427e"), ("color", "#4111ff"), ("dn", "CN=checkout,OU=shop"), ("auth", "auth=basic scheme chosen"),
    ("name", "service.name=checkout host.name=web-1"), ("name", "thread name: worker-3"), ("expr", "a=b=c x==y"), ("class", "java.lang.IllegalStateException: Phone not set"),
]  # fmt: skip


def make_values(r: Random) -> list[tuple[str, str, str]]:
    """(kind, attribute name, value) of harmless values."""
    return [
        ("uuid", "request_id", str(uuid.UUID(int=r.getrandbits(128), version=4))),
        ("trace", "trace_id", pick(r, HEX, 32)),
        ("span", "span_id", pick(r, HEX, 16)),
        ("hash", "commit", pick(r, HEX, 40)),
        ("hash", "sha256", pick(r, HEX, 64)),
        ("version", "service.version", f"{r.randint(0, 9)}.{r.randint(0, 30)}.{r.randint(0, 99)}"),
        ("version", "driver.version", f"{r.randint(1, 30)}.{r.randint(0, 9)}.{r.randint(0, 9)}.{r.randint(0, 250)}"),
        ("time", "started_at", f"2026-01-{r.randint(10, 28)}T10:{r.randint(10, 59)}:07.123456+00:00"),
        ("epoch", "time_unix_nano", str(r.randint(1_700_000_000, 1_790_000_000)) + pick(r, string.digits, 9)),
        ("order", "order_id", f"ORD-{r.randint(10**7, 10**8)}"),
        ("order", "order_number", pick(r, string.digits, r.choice([9, 10, 12]))),
        ("agent", "user_agent.original", r.choice(AGENTS)),
        ("path", "code.filepath", f"/srv/app/shop/{pick(r, string.ascii_lowercase, 6)}/views.py"),
        ("route", "http.route", "/api/v1/orders/{id}"),
        ("host", "host.name", f"ip{pick(r, HEX, 4)}.eu-west-1.compute"),
        ("session", "session.id", str(uuid.UUID(int=r.getrandbits(128), version=4))),
        ("pod", "k8s.pod.name", f"checkout-{pick(r, HEX, 10)}-{pick(r, string.ascii_lowercase, 5)}"),
        ("id", "tenant_id", "t_" + pick(r, ALNUM, 12)),
    ]


def make_context(r: Random) -> tuple[str, dict[str, Any], list[tuple[str, str]]]:
    """A message and attributes, with what must survive of them."""
    values = r.sample(make_values(r), 5)
    attributes: dict[str, Any] = {name: value for _, name, value in values[:3]}
    attributes |= {
        "http.status_code": r.choice([200, 404, 500]),
        "duration_ms": r.random() * 900,
        "retry": r.random() < 0.5,
    }
    message = f"{r.choice(['done', 'failed', 'handled request', 'job finished'])} " + " ".join(
        r.choice([f"{name}={value}", f"{name}: {value},"]) for _, name, value in values[3:]
    )
    return message, attributes, [(kind, value) for kind, _, value in values]


def make_trap(r: Random) -> tuple[str, list[tuple[str, str]]]:
    """A phrase that looks private and is not."""
    kind, text = r.choice(TRAPS)
    return text, [(kind, text)]
