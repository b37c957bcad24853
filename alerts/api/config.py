"""Rules, targets, monitors and policy of an environment as one document over the API."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alerts.as_code.apply import apply_document
from alerts.as_code.document import MOST_BYTES, DocumentError, read_document
from alerts.as_code.export import export_text
from alerts.as_code.tell import step_as_json
from diagnostics.api.proof import check_proof
from diagnostics.core.access import access_environment, held_perms
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment

NEEDED = {
    "rules": Perm.MANAGE_RULES, "targets": Perm.MANAGE_TARGETS, "monitors": Perm.MANAGE_RULES,
    "policy": Perm.MANAGE_ENVIRONMENT,
}  # fmt: skip
SWITCH = {"1": True, "true": True, "0": False, "false": False, "": False}


class YamlParser(BaseParser):
    """The body as text; the document's own reader looks at it."""

    media_type = "application/yaml"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """Bounded, strict UTF-8."""
        data = stream.read(MOST_BYTES + 1)
        try:
            return str(data.decode("utf-8"))
        except UnicodeDecodeError:
            raise ValidationError({"document": ["The body is not UTF-8."]}) from None


class PlainParser(YamlParser):
    """The same under the name that curl's users write."""

    media_type = "text/plain"


class ConfigView(APIView):
    """GET writes the document; POST applies one (`dry_run=1` only says what would change, `prune=1` deletes the rest)."""

    parser_classes = (YamlParser, PlainParser)

    def environment(self, request: Request, slug: str) -> tuple[Environment, set[Perm]]:
        """The environment and what the person may do there; missing without any of the permissions."""
        environment = access_environment(request.user, slug, Perm.MANAGE_RULES)
        return environment, held_perms(request.user, environment)

    @extend_schema(operation_id="environment_config", responses={(200, "application/yaml"): OpenApiTypes.STR})
    def get(self, request: Request, slug: str) -> HttpResponse:
        """The sections that the person may change."""
        environment, held = self.environment(request, slug)
        text = export_text(environment, [name for name, perm in NEEDED.items() if perm in held])
        return HttpResponse(text, content_type="application/yaml; charset=utf-8")

    @extend_schema(
        operation_id="environment_config_apply",
        request={"application/yaml": OpenApiTypes.STR},
        parameters=[OpenApiParameter("dry_run", bool), OpenApiParameter("prune", bool)],
        responses={200: OpenApiTypes.OBJECT},
    )
    def post(self, request: Request, slug: str) -> Response:
        """All of it or nothing."""
        environment, held = self.environment(request, slug)
        given: Any = request.data  # an empty body is no text
        try:
            document = read_document(given if isinstance(given, str) else "")
            lacking = [name for name in document.sections if NEEDED[name] not in held]
            if lacking:
                raise DocumentError(f"{lacking[0]}: needs {NEEDED[lacking[0]]}; leave the section out")
            if "policy" in document.sections:
                check_proof(request)  # as the policy's own form asks
            dry_run, prune = read_switch(request, "dry_run"), read_switch(request, "prune")
            steps = apply_document(request.user, environment, document, dry_run=dry_run, prune=prune)
        except DocumentError as error:
            raise ValidationError({"document": [str(error)]}) from None
        return Response({"dry_run": dry_run, "changes": [step_as_json(step) for step in steps]})


def read_switch(request: Request, name: str) -> bool:
    """A parameter that is on or off."""
    value = request.query_params.get(name, "").lower()
    if value not in SWITCH:
        raise ValidationError({name: ["Use 1 or 0."]})
    return SWITCH[value]
