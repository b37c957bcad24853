"""What Elasticsearch's clients and shippers ask before they send, answered well enough that they go on.

They stand below /elastic, which is the address to give to them: https://host/elastic
"""

import json
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from diagnostics.ingest.answer import read_authorization
from diagnostics.ingest.formats.elastic import COMPATIBLE, PRODUCT
from diagnostics.ingest.keys import cached_holder, find_holder

VERSION: Final = "8.17.0"
INFO: Final = {
    "name": "diagnostics",
    "cluster_name": "diagnostics",
    "cluster_uuid": "diagnostics-takes-logs",
    "version": {
        "number": VERSION,
        "build_flavor": "default",
        "lucene_version": "9.12.0",
        "minimum_wire_compatibility_version": "7.17.0",
        "minimum_index_compatibility_version": "7.0.0",
    },
    "tagline": "You Know, for Search",
}
LICENSE: Final = {"license": {"status": "active", "type": "basic", "uid": "diagnostics"}}
# What is prepared before documents are sent, and only that: a yes to anything else would be a document lost or an empty search.
SET_UP: Final = frozenset(
    {"_alias", "_aliases", "_cat", "_cluster", "_component_template", "_data_stream", "_features", "_flush", "_ilm"}
    | {"_index_template", "_ingest", "_mapping", "_refresh", "_security", "_settings", "_slm", "_template", "_xpack"}
)
OF_AN_INDEX: Final = frozenset({"", "_alias", "_aliases", "_flush", "_mapping", "_mappings", "_refresh", "_settings"})
REFUSED: Final = (
    "only documents are taken here: send them to _bulk, or one at a time to <index>/_doc; nothing is searched, read or "
    "deleted this way"
)


def answer(request: HttpRequest, body: object, status: int = 200) -> HttpResponse:
    """JSON of the type that the client asked for, with the header that it looks for."""
    compatible = "application/vnd.elasticsearch" in request.headers.get("accept", "")
    content_type = COMPATIBLE if compatible else "application/json"
    return HttpResponse(json.dumps(body), content_type=content_type, status=status, headers=PRODUCT)


def is_known(text: str) -> bool:
    """Whether it is an ingest key; guesses are remembered, so that a flood of them does not reach the database."""
    if not text or len(text) > 200:
        return False
    known, holder = cached_holder(text)
    return (holder if known else find_holder(text)) is not None


def refuse(request: HttpRequest, status: int, kind: str, reason: str) -> HttpResponse:
    """An error as Elasticsearch words it: its clients look for the type."""
    error = {"type": kind, "reason": reason}
    return answer(request, {"error": {"root_cause": [error], **error}, "status": status}, status)


def prepares(method: str, rest: str) -> bool:
    """Whether a request only prepares for documents, or asks whether something is there."""
    if method == "HEAD":
        return "/_doc/" not in rest
    first, _, second = rest.partition("/")
    if method == "DELETE" or not first:
        return False
    if first.startswith("_"):
        return first in SET_UP
    return second.partition("/")[0] in OF_AN_INDEX and (bool(second) or method != "POST")


@csrf_exempt
def info(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Version, licence, and an empty yes to what else prepares an index. All of it needs an ingest key."""
    text = read_authorization(request.headers.get("authorization", ""))
    if not is_known(text):
        return refuse(request, 401, "security_exception", "an ingest key is needed")
    rest = rest.strip("/")
    if not rest and request.method in ("GET", "HEAD"):
        return answer(request, INFO)
    if rest.startswith("_license"):
        return answer(request, LICENSE)
    if rest.startswith("_nodes"):
        return answer(request, {"nodes": {"diagnostics": {"version": VERSION, "roles": ["ingest"]}}})
    if prepares(str(request.method), rest):
        return answer(request, {"acknowledged": True})
    return refuse(request, 404 if request.method == "HEAD" else 400, "illegal_argument_exception", REFUSED)


urlpatterns = [path("elastic/", info, name="elastic"), path("elastic/<path:rest>", info, name="elastic-rest")]
