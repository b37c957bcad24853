"""Where jobs report: with an ingest key by the monitor's slug, or by the ping address of the monitor, which needs none.

GET, POST and HEAD do the same: what is at hand in a crontab must do.
"""

import json
import re
from typing import Any, Final, cast

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import NotFound, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from alerts.models import Monitor, Outcome
from alerts.monitors.making import find_or_make
from alerts.monitors.messages import READ, clean_message, clean_text
from alerts.monitors.telling import Report, TooOftenError, take_check_in
from diagnostics.api.guessing import count_guess, refuse_guessers
from diagnostics.api.key_authentication import HasIngestKey, IngestKeyAuthentication
from diagnostics.ingest.keys import KeyHolder, context_of
from diagnostics.pipeline.context import EnvironmentContext

RUN: Final = re.compile(r"^[A-Za-z0-9._-]{1,64}\Z")
OUTCOMES: Final = {"": Outcome.OK, "ok": Outcome.OK, "start": Outcome.STARTED, "fail": Outcome.FAILED}
NO_MONITOR: Final = (
    "There is no monitor '{slug}' here. Make one under Monitors, or say with the check-in when the job is due: "
    "?schedule=every 15 minutes&grace=5, or ?schedule=0 2 * * *&zone=Europe/Berlin."
)
JSON: Final = "application/json"
PING: Final = "ping"
MOST_WRONG: Final = (
    600  # of one address a minute: a fleet that still pings a monitor that was deleted stops nobody beside it
)
NO_STORE: Final = {"Cache-Control": "no-store"}  # a check-in that a proxy answers never came


class WishSerializer(serializers.Serializer[Any]):
    """What a check-in may say beside its outcome, in the address or as JSON. The schedule makes the monitor where there is
    none; it changes none that is there."""

    schedule = serializers.CharField(required=False, max_length=100, help_text="'every 15 minutes', or a cron line.")
    zone = serializers.CharField(required=False, max_length=50, help_text="Of a cron line; UTC when it is left out.")
    name = serializers.CharField(required=False, max_length=120)
    grace = serializers.IntegerField(
        required=False, source="grace_minutes", min_value=1, max_value=10_080, help_text="Minutes that it may be late."
    )
    longest = serializers.IntegerField(
        required=False,
        source="longest_minutes",
        min_value=1,
        max_value=10_080,
        help_text="Minutes that a run may take.",
    )
    opens_after = serializers.IntegerField(required=False, min_value=1, max_value=100)
    run = serializers.RegexField(RUN, required=False, help_text="Your name of this run: told twice, it counts once.")
    duration_ms = serializers.IntegerField(required=False, min_value=0, max_value=366 * 86_400_000)
    message = serializers.CharField(required=False, allow_blank=True, max_length=READ)


class StandingSerializer(serializers.ModelSerializer[Monitor]):
    """How the monitor stands after it."""

    monitor = serializers.CharField(source="slug", read_only=True)
    state = serializers.ChoiceField(choices=Monitor.State.choices, read_only=True)

    class Meta:
        model = Monitor
        fields = ("monitor", "state", "due_at")
        read_only_fields = fields


class CheckInView(APIView):
    """What both addresses share."""

    parser_classes = ()

    def find(self, request: Request, name: str, given: dict[str, Any]) -> tuple[EnvironmentContext, Monitor]:
        """In the subclasses."""
        raise NotImplementedError

    def take(self, request: Request, name: str, what: str) -> Response:
        """Read, find, take, answer."""
        outcome, exit_code = read_outcome(what)
        given = read_given(request)
        context, monitor = self.find(request, name, given)
        message = clean_message(context, given.get("message", ""), monitor.slug)
        report = Report(outcome, exit_code, message, given.get("duration_ms"), given.get("run", ""))
        try:
            taken = take_check_in(monitor.pk, report)
        except Monitor.DoesNotExist:  # deleted a moment ago
            raise NotFound(NO_MONITOR.format(slug=monitor.slug)) from None
        except TooOftenError as error:
            raise Throttled(wait=60, detail=str(error)) from None
        return Response(StandingSerializer(taken).data, headers=NO_STORE)


WISHES: Final = [
    OpenApiParameter("schedule", str, description="Makes the monitor where there is none: 'every 15 minutes', or a cron line."),
    OpenApiParameter("zone", str, description="Of a cron line; UTC when it is left out."),
    OpenApiParameter("grace", int, description="Minutes that it may be late."),
    OpenApiParameter("longest", int, description="Minutes that a run may take."),
    OpenApiParameter("run", str, description="Your name of this run: told twice, it counts once."),
]  # fmt: skip


class KeyedCheckInView(CheckInView):
    """A check-in by slug, in the environment of the ingest key. What stands behind the slug: nothing (ok), `start`, `fail`
    or an exit code, of which 0 is ok."""

    authentication_classes = (IngestKeyAuthentication,)
    permission_classes = (HasIngestKey,)

    def find(self, request: Request, name: str, given: dict[str, Any]) -> tuple[EnvironmentContext, Monitor]:
        """Of this environment; made now, where it says when it is due."""
        context = cast("KeyHolder", request.auth).environment
        said = {**given, "name": clean_text(context, given.get("name", ""), name)[:120]}
        try:
            monitor = find_or_make(context.id, name, said)
        except TooOftenError as error:
            raise Throttled(wait=60, detail=str(error)) from None
        if monitor is None:
            raise NotFound(NO_MONITOR.format(slug=name))
        return context, monitor

    @extend_schema(parameters=WISHES, responses=StandingSerializer, summary="Check in")
    def get(self, request: Request, slug: str, what: str = "") -> Response:
        """A job reports: 200 with how its monitor stands, 404 where there is none and no schedule is given."""
        return self.take(request, slug, what)

    @extend_schema(
        parameters=WISHES,
        request={JSON: WishSerializer, "text/plain": str},
        responses=StandingSerializer,
        summary="Check in, with a message",
    )
    def post(self, request: Request, slug: str, what: str = "") -> Response:
        """The same; a body is the message (10 KiB of it are read, its end is kept, redacted), or JSON with more."""
        return self.take(request, slug, what)


@extend_schema_view(
    get=extend_schema(operation_id="checkins_outcome_retrieve", summary="Check in with an outcome"),
    post=extend_schema(operation_id="checkins_outcome_create", summary="Check in with an outcome and a message"),
)
class KeyedOutcomeView(KeyedCheckInView):
    """The same with what stands behind the slug: `start`, `fail` or an exit code, of which 0 is ok."""


@extend_schema(exclude=True)  # not below /api, and for a crontab rather than a client: see docs/monitors.md
class PingView(CheckInView):
    """A check-in by the monitor's own address: whoever knows it may report for this job, and do nothing else."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def find(self, request: Request, name: str, given: dict[str, Any]) -> tuple[EnvironmentContext, Monitor]:
        """By its unguessable id. Who guesses is slowed down."""
        refuse_guessers(request, PING, MOST_WRONG)
        monitor = Monitor.objects.select_related("environment").filter(ping_id=name).first()
        if monitor is None:
            count_guess(request, PING)
            raise NotFound("No monitor has this ping address. Has it been changed, or the monitor deleted?")
        return context_of(monitor.environment), monitor

    def get(self, request: Request, ping_id: str, what: str = "") -> Response:
        """A job reports."""
        return self.take(request, str(ping_id), what)

    def post(self, request: Request, ping_id: str, what: str = "") -> Response:
        """The same, with a message."""
        return self.take(request, str(ping_id), what)


def read_outcome(what: str) -> tuple[Outcome, int | None]:
    """What stands at the address's end; 404 for anything else."""
    if what in OUTCOMES:
        return OUTCOMES[what], None
    if what.isascii() and what.isdecimal() and len(what) <= 3 and int(what) <= 255:
        return (Outcome.FAILED if int(what) else Outcome.OK), int(what)
    raise NotFound("Behind the monitor stands nothing, start, fail or an exit code from 0 to 255.")


def read_given(request: Request) -> dict[str, Any]:
    """What the address and the body say, checked. A body that is no JSON object is a message."""
    known = set(WishSerializer().fields) - {"message"}
    given: dict[str, Any] = {name: request.query_params[name] for name in known if name in request.query_params}
    body = request._request.read(READ)
    told = read_object(body) if JSON in (request.content_type or "") else None
    given |= {"message": body.decode(errors="replace")} if told is None else told
    if isinstance(given.get("message"), str):  # what it says must not cost the check-in
        given["message"] = given["message"].replace("\0", "").encode(errors="replace").decode()
    serializer = WishSerializer(data=given)
    serializer.is_valid(raise_exception=True)
    found: dict[str, Any] = serializer.validated_data
    return found


def read_object(body: bytes) -> dict[str, Any] | None:
    """A JSON object, or None. Many clients write null for what they leave out."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):  # the latter: nothing but brackets
        return None
    return {name: value for name, value in found.items() if value is not None} if isinstance(found, dict) else None
