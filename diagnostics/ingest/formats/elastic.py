"""Elasticsearch's _bulk: pairs of an action and a document, one a line. Documents are read as plain JSON records.

Shippers ask first who is there: diagnostics.ingest.elastic_stubs answers them.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from diagnostics.core.errors import BadInput
from diagnostics.core.record import Parsed, Rejection
from diagnostics.ingest.answer import Answer, KeyInHeader
from diagnostics.ingest.formats.native import load, read_record
from diagnostics.ingest.formats.otlp import check_count

ACTIONS: Final = ("create", "index")
PRODUCT: Final = {"x-elastic-product": "Elasticsearch"}
COMPATIBLE: Final = "application/vnd.elasticsearch+json"
TYPES: Final = frozenset(
    {"application/json", "application/x-ndjson", COMPATIBLE, "application/vnd.elasticsearch+x-ndjson", "text/plain", ""}
)


class ElasticBulkFormat(KeyInHeader):
    """The registry's entry."""

    name = "elastic"
    default_content_type = "application/json"
    content_types: frozenset[str] | None = TYPES
    methods: frozenset[str] = frozenset({"POST", "PUT"})
    passes_other_methods = False

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Documents, in their order."""
        parsed = Parsed()
        for index, document in enumerate(read_documents(body)):
            check_count(index + 1)
            found = document if isinstance(document, str) else read_record(document, index, now_ns)
            if isinstance(found, str):
                parsed.rejections.append(Rejection(index, found))
            elif isinstance(found, Rejection):
                parsed.rejections.append(found)
            else:
                parsed.records.append(found)
        return parsed

    def success(self, accepted: int, rejections: list[Rejection], content_type: str) -> Answer:
        """One entry a document, in the request's order: shippers send again what failed, by its place."""
        reasons = {rejection.index: rejection.reason for rejection in rejections}
        items = [write_item(reasons.get(index)) for index in range(accepted + len(rejections))]
        body = {"took": 1, "errors": bool(reasons), "items": items}
        return Answer(200, orjson.dumps(body), answer_type(content_type), PRODUCT)

    def failure(self, status: int, message: str, content_type: str) -> Answer:
        """An error as Elasticsearch words it."""
        error = {"type": "diagnostics_error", "reason": message}
        return Answer(status, orjson.dumps({"error": error, "status": status}), answer_type(content_type), PRODUCT)

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """Shippers send the very same bytes again when an answer was lost."""
        return f"elastic:{hashlib.blake2b(body, digest_size=20).hexdigest()}" if body.strip() else None


def answer_type(content_type: str) -> str:
    """Clients of version 8 and newer insist on the type that they asked with."""
    return COMPATIBLE if content_type.startswith("application/vnd.elasticsearch") else "application/json"


def write_item(reason: str | None) -> dict[str, Any]:
    """What became of one document."""
    if reason is None:
        return {"create": {"_index": "diagnostics", "_id": "", "status": 201, "result": "created"}}
    error = {"type": "document_parsing_exception", "reason": reason}
    return {"create": {"_index": "diagnostics", "_id": "", "status": 400, "error": error}}


def read_documents(body: bytes) -> Iterator[Any]:
    """Each document, or a text that says what is wrong with it; an action that is none spoils the whole request."""
    if not body.strip():
        raise BadInput("body: empty; send pairs of an action and a document, one a line")
    lines = iter(line for line in body.split(b"\n") if line.strip())
    for line in lines:
        action = read_action(line)
        if action == "delete":
            yield "delete: records are append-only; only create and index are taken"
            continue
        document = next(lines, None)
        if document is None:
            raise BadInput("body: the last action has no document; nothing was stored")
        if action == "update":
            yield "update: records are append-only; only create and index are taken"
            continue
        try:
            yield load(document)
        except orjson.JSONDecodeError as error:
            yield f"document is not JSON (column {error.colno})"


def read_action(line: bytes) -> str:
    """create, index, update or delete; BadInput for anything else."""
    try:
        found = load(line)
    except orjson.JSONDecodeError:
        found = None
    name = next(iter(found), "") if isinstance(found, dict) and len(found) == 1 else ""
    if name not in (*ACTIONS, "update", "delete"):
        raise BadInput('body: an action line ({"create": {}}) is needed before each document; nothing was stored')
    return str(name)
