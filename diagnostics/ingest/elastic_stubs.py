"""What Elasticsearch's clients and shippers ask before they send, answered well enough that they go on.

They stand below /elastic, which is the address to give to them: https://host/elastic
"""

import json
from typing import Final

from django.http import HttpRequest, HttpResponse, JsonResponse
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


@csrf_exempt
def info(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Version, licence, and an empty yes to everything else that prepares an index. All of it needs an ingest key."""
    text = read_authorization(request.headers.get("authorization", ""))
    if not is_known(text):
        return JsonResponse(
            {"error": {"reason": "an ingest key is needed"}, "status": 401}, status=401, headers=PRODUCT
        )
    if not rest:
        return answer(request, INFO)
    if rest.startswith("_license"):
        return answer(request, LICENSE)
    if rest.startswith("_nodes"):
        return answer(request, {"nodes": {"diagnostics": {"version": VERSION, "roles": ["ingest"]}}})
    return answer(request, {"acknowledged": True})


urlpatterns = [path("elastic/", info, name="elastic"), path("elastic/<path:rest>", info, name="elastic-rest")]
