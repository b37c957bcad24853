"""Sentry's envelopes as SDKs write them, sent, and what became of them."""

import uuid

import orjson

from diagnostics.models import LogRecord
from tests.factories import ingest_client

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def envelope(*items, **header):
    lines = [orjson.dumps(header)]
    for kind, payload in items:
        data = payload if isinstance(payload, bytes) else orjson.dumps(payload)
        lines += [orjson.dumps({"type": kind, "length": len(data)}), data]
    return b"\n".join(lines)


def error_event(**fields):
    return {
        "event_id": uuid.uuid4().hex,
        "timestamp": 1_800_000_000.25,
        "level": "error",
        "platform": "python",
        "release": "shop@2.4.1",
        "tags": {"service": "checkout"},
        "user": {"id": "42", "email": "anna@example.com", "ip_address": "203.0.113.9"},
        "contexts": {"trace": {"trace_id": TRACE, "span_id": SPAN}},
        "request": {"method": "POST", "url": "https://shop.example/pay?card=4111111111111111", "headers": {"User-Agent": "curl/8"}},
        "exception": {
            "values": [
                {
                    "type": "KeyError",
                    "value": "'price'",
                    "stacktrace": {"frames": [{"filename": "pay.py", "function": "price_of", "lineno": 7, "vars": {"password": "hunter2"}}]},
                }
            ]
        },
        "breadcrumbs": {
            "values": [
                {"timestamp": 1_800_000_000.1, "category": "http", "type": "http", "data": {"method": "GET", "url": "/cart", "status_code": 200}},
                {"timestamp": 1_800_000_000.2, "category": "auth", "level": "error", "message": "token for anna@example.com refreshed"},
            ]
        },
        **fields,
    }  # fmt: skip


async def send(key, body, path="/api/1/envelope/", **headers):
    async with ingest_client() as client:
        auth = {"X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client=test/1, sentry_key={key}"} if key else {}
        return await client.post(path, content=body, headers={**auth, **headers})


async def rows(environment):
    return [row async for row in LogRecord.objects.filter(environment_id=environment.pk).order_by(*LogRecord.ORDER)]
