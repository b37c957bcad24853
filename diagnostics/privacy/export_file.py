"""The file of an export: written in encrypted parts while the job runs, read as one JSON document."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import orjson
from asgiref.sync import sync_to_async

from diagnostics.core import clock, secrets_box
from diagnostics.core.access import Person, held_perms, scope_of
from diagnostics.models import ExportPart, PrivacyJob

EXPORT_DAYS: Final = 7  # then the file is deleted
CONTEXT: Final = b"export"


def is_for(job: PrivacyJob, person: Person) -> bool:
    """Whether the person may fetch the file: it was made with their rights, so nobody else may, nor they themselves with
    a token, or by now, when they hold less than it was made with."""
    if job.requested_by_id is None or job.requested_by_id != person.pk:
        return False
    opened = job.work.get("opened")
    if opened is None:  # not made yet, or before that was noted: all that they hold may be in it
        return scope_of(person).perms is None
    return held_perms(person, job.environment).issuperset(opened)


def is_ready(job: PrivacyJob) -> bool:
    """Whether there is a file."""
    is_over = job.expires_at is not None and job.expires_at <= clock.now()
    return job.kind == PrivacyJob.Kind.EXPORT and job.state == PrivacyJob.State.DONE and not is_over


def file_name(job: PrivacyJob) -> str:
    """Says nothing about the person."""
    return f"export-{job.environment.slug}-{str(job.pk)[:8]}.json"


async def stream_file(job: PrivacyJob) -> AsyncIterator[bytes]:
    """The document for an ASGI server."""
    parts = read_file(job)
    while chunk := await sync_to_async(lambda: next(parts, b""))():
        yield chunk


def write_part(job: PrivacyJob, store: str, rows: list[dict[str, Any]]) -> None:
    """Add rows of a store."""
    data = orjson.dumps(rows, default=str)
    sealed = secrets_box.encrypt(data, context=CONTEXT)
    ExportPart.objects.create(job=job, number=job.parts.count(), store=store, ciphertext=sealed)


def read_file(job: PrivacyJob) -> Iterator[bytes]:
    """The document, part by part: never all of it in memory."""
    head = {
        "product": "Diagnostics",
        "environment": job.environment.slug,
        "asked_at": job.requested_at,
        "finished_at": job.finished_at,
        "counts": job.counts,
    }
    yield orjson.dumps(head)[:-1] + b',"stores":{'
    present = None
    for pk in list(job.parts.order_by("number").values_list("pk", flat=True)):
        part = ExportPart.objects.get(pk=pk)
        if part.store != present:
            yield (b"]," if present is not None else b"") + orjson.dumps(part.store) + b":["
        rows = secrets_box.decrypt(bytes(part.ciphertext), context=CONTEXT)[1:-1]
        yield (b"," if part.store == present else b"") + rows
        present = part.store
    yield (b"]" if present is not None else b"") + b"}}\n"
