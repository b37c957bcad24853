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
from diagnostics.ingest.formats.json_bounds import lines_of
from diagnostics.ingest.formats.json_halves import load_json
from diagnostics.ingest.formats.native import read_record
from diagnostics.ingest.formats.otlp import check_count

ACTIONS: Final = ("create", "index")
PRODUCT: Final = {"x-elastic-product": "Elasticsearch"}
COMPATIBLE: Final = "application/vnd.elasticsearch+json"
NAME: Final = 512  # characters of an index or id that are repeated; Elasticsearch's own bound
TYPES: Final = frozenset(
    {"application/json", "application/x-ndjson", COMPATIBLE, "application/vnd.elasticsearch+x-ndjson", "text/plain", ""}
)

Action = tuple[str, str, str]  # its name; index and id of the document


class ElasticBulkFormat(KeyInHeader):
    """The registry's entry."""

    name = "elastic"
    default_content_type = "application/json"
    content_types: frozenset[str] | None = TYPES
    methods: frozenset[str] = frozenset({"POST", "PUT"})
    passes_other_methods = False

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """Documents, in their order."""
        parsed = Parsed(echo=[])
        for index, (action, document) in enumerate(read_documents(body)):
            check_count(index + 1)
            parsed.echo.append(action)
            found = document if isinstance(document, str) else read_record(document, index, now_ns)
            if isinstance(found, str):
                parsed.rejections.append(Rejection(index, found))
            elif isinstance(found, Rejection):
                parsed.rejections.append(found)
            else:
                parsed.records.append(found)
        return parsed

    def success(self, accepted: int, rejections: list[Rejection], content_type: str, echo: Any = None) -> Answer:
        """One entry a document, in the request's order: shippers send again what failed, by its place."""
        reasons = {rejection.index: rejection.reason for rejection in rejections}
        items = [write_item(action, reasons.get(index)) for index, action in enumerate(echo or [])]
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


def write_item(action: Action, reason: str | None) -> dict[str, Any]:
    """What became of one document, under the action, index and id that it came with."""
    name, index, document_id = action
    said: dict[str, Any] = {"_index": index, "_id": document_id}
    if reason is None:
        return {name: {**said, "status": 201, "result": "created"}}
    return {name: {**said, "status": 400, "error": {"type": "document_parsing_exception", "reason": reason}}}


def read_documents(body: bytes) -> Iterator[tuple[Action, Any]]:
    """Each action with its document, or with a text that says what is wrong with it; an action that is none spoils the
    whole request."""
    if not body.strip():
        raise BadInput("body: empty; send pairs of an action and a document, one a line")
    lines = lines_of(body)
    for line in lines:
        action = read_action(line)
        if action[0] == "delete":
            yield action, "delete: records are append-only; only create and index are taken"
            continue
        document = next(lines, None)
        if document is None:
            raise BadInput("body: the last action has no document; nothing was stored")
        if action[0] == "update":
            yield action, "update: records are append-only; only create and index are taken"
            continue
        try:
            yield action, load_json(document)
        except orjson.JSONDecodeError as error:
            yield action, f"document is not JSON (column {error.colno})"


def read_action(line: bytes) -> Action:
    """create, index, update or delete, and where to; BadInput for anything else."""
    try:
        found = load_json(line)
    except orjson.JSONDecodeError:
        found = None
    name = next(iter(found), "") if isinstance(found, dict) and len(found) == 1 else ""
    if name not in (*ACTIONS, "update", "delete") or not isinstance(found[name], dict):
        raise BadInput('body: an action line ({"create": {}}) is needed before each document; nothing was stored')
    target = found[name]
    index, document_id = target.get("_index"), target.get("_id")
    return (
        str(name),
        index[:NAME] if isinstance(index, str) else "diagnostics",
        document_id[:NAME] if isinstance(document_id, str) else "",
    )
