"""Plain functions that make what tests need."""

import secrets
from itertools import count

import httpx
import orjson
from django.contrib.auth import get_user_model

from diagnostics.core import clock
from diagnostics.core.record import Parsed, Record
from diagnostics.ingest.keys import issue_key
from diagnostics.models import Environment
from diagnostics.privacy.pseudonyms import new_pseudonym_key
from diagnostics.storage.batch import PreparedBatch
from project.asgi import application

NUMBERS = count(1)


def make_environment(slug=None, **fields):
    slug = slug or f"env-{next(NUMBERS)}-{secrets.token_hex(3)}"
    return Environment.objects.create(
        slug=slug, name=fields.pop("name", slug.title()), pseudonym_key=new_pseudonym_key(), **fields
    )


def make_key(environment):
    """The text of a fresh ingest key."""
    return issue_key(environment, "tests")[1]


def make_user(username=None, **fields):
    name = username or f"user-{next(NUMBERS)}-{secrets.token_hex(3)}"
    return get_user_model().objects.create_user(name, password="correct horse battery", **fields)


def ingest_client(key=None):
    """An HTTP client that talks to the real ASGI application in this process."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(application, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers)


async def send_json(key, body, **headers):
    """POST to the plain JSON address."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    async with ingest_client(key) as client:
        return await client.post(
            "/api/v1/logs", content=content, headers={"Content-Type": "application/json", **headers}
        )


def make_batch(environment, *bodies, **fields):
    """A batch of plain records as the pipeline leaves it, for the writer."""
    now = clock.now_ns()
    records = [Record(now, now, sequence=index, body=body) for index, body in enumerate(bodies)]
    return PreparedBatch(environment.pk, 1, "json", now, 1, Parsed(records), **fields)
