"""Elasticsearch's single documents: POST <index>/_doc, PUT <index>/_doc/<id>, <index>/_create/<id>, as clients' index() and
create() send them.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from diagnostics.core.errors import BadInput
from diagnostics.core.record import Parsed, Rejection
from diagnostics.ingest.answer import Answer
from diagnostics.ingest.formats.elastic import NAME, PRODUCT, ElasticBulkFormat, answer_type
from diagnostics.ingest.formats.json_halves import load_json
from diagnostics.ingest.formats.native import describe, read_record

ID_BYTES: Final = 15  # of an id that is made here: twenty characters, as Elasticsearch's own


@dataclass(frozen=True)
class ElasticDocumentFormat(ElasticBulkFormat):
    """One request's entry: its address says where the document would stand."""

    index: str
    document_id: str = ""

    passes_other_methods = True  # reading a document is refused where the other questions are

    def parse(self, body: bytes, content_type: str, now_ns: int) -> Parsed:
        """The document."""
        if not body.strip():
            raise BadInput("body: empty; send one JSON object")
        try:
            document = load_json(body)
        except orjson.JSONDecodeError as error:
            raise BadInput(f"body: not JSON ({describe(error)}); nothing was stored") from None
        found = read_record(document, 0, now_ns)
        if isinstance(found, Rejection):
            return Parsed(rejections=[found])
        return Parsed(records=[found])

    def success(self, accepted: int, rejections: list[Rejection], content_type: str, echo: Any = None) -> Answer:
        """What Elasticsearch says of a new document; 400 where it could not be taken."""
        if rejections:
            return self.failure(400, rejections[0].reason, content_type)
        body = {
            "_index": self.index[:NAME],
            "_id": self.document_id[:NAME] or secrets.token_urlsafe(ID_BYTES),
            "_version": 1,
            "result": "created",
            "_shards": {"total": 1, "successful": 1, "failed": 0},
            "_seq_no": 0,
            "_primary_term": 1,
        }
        return Answer(201, orjson.dumps(body), answer_type(content_type), PRODUCT)

    def idempotency_key(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """A document with an id is sent again under it. One without is a new one each time, as in Elasticsearch: an
        application's lines often carry no time that would tell two of them apart."""
        if not self.document_id:
            return None
        place = f"{self.index}/{self.document_id}/".encode("utf-8", "surrogatepass")
        return f"elastic:{hashlib.blake2b(place + body, digest_size=20).hexdigest()}"
