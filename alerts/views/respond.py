"""Addresses for those who are not signed in: receivers that prove themselves by a signature, and links that act once."""

import logging
from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from alerts.delivery.alert import Alert
from alerts.delivery.one_time import Ticket, read_ticket
from alerts.delivery.own_patterns import hide_own
from alerts.delivery.render import render_incident
from alerts.delivery.share import withhold
from alerts.incidents.from_outside import act, fulfil
from alerts.integrations.inbound import INBOUND
from alerts.integrations.wish import Unproven
from alerts.models import Handled, Incident, Notification, Target
from alerts.targets import read_secrets

logger = logging.getLogger(__name__)

MOST_BYTES: Final = 128 * 1024
LONGEST_TOKEN: Final = 500
REFUSAL: Final = {"error": "There is no such target, or this was not signed with its secret."}


@csrf_exempt  # no cookie is read here: the message carries its own proof
@require_POST
def hook(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """A receiver says that somebody acknowledged or resolved there. A stranger learns nothing about which targets exist."""
    if len(request.body) > MOST_BYTES:
        return JsonResponse({"error": f"At most {MOST_BYTES} bytes."}, status=413)
    target = Target.objects.select_related("environment").filter(pk=pk, kind=kind, enabled=True).first()
    inbound = INBOUND.get(kind)
    secrets = read_secrets(target) if target is not None and inbound is not None else {}
    if target is None or inbound is None or not secrets.get(inbound.secret):
        return JsonResponse(REFUSAL, status=403)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        wishes = inbound.read(headers, request.body, secrets)
    except (Unproven, ValueError):
        return JsonResponse(REFUSAL, status=403)
    done = sum(fulfil(target, wish) for wish in wishes)
    logger.info("target %d: %d of %d wishes from outside were new", target.pk, done, len(wishes))
    return HttpResponse(status=200)


@csrf_exempt  # the link itself is the proof: a page elsewhere that knows it could as well follow it
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def respond(request: HttpRequest, token: str) -> HttpResponse:
    """A link out of a mail. GET only asks, because scanners of mail follow links; POST acts, once."""
    ticket = read_ticket(token) if len(token) <= LONGEST_TOKEN else None
    if ticket is None:
        return render(request, "alerts/respond.html", {"state": "unknown"}, status=404)
    state = act_once(ticket) if request.method == "POST" else state_of(ticket)
    ticket.incident.refresh_from_db()
    context = {"ticket": ticket, "incident": ticket.incident, "alert": told_by(ticket), "state": state}
    return render(request, "alerts/respond.html", context)


def state_of(ticket: Ticket) -> str:
    """'spent', 'moot' (there is nothing to do any more: the link is kept, for it may come back), or 'ask'."""
    if Handled.objects.filter(key=ticket.key).exists():
        return "spent"
    wanted = (
        ticket.incident.state == Incident.State.TRIGGERED if ticket.act == "acknowledge" else ticket.incident.is_open
    )
    return "ask" if wanted else "moot"


def act_once(ticket: Ticket) -> str:
    """What the link is for; 'done', or why it was not done."""
    with transaction.atomic():
        state = state_of(ticket)
        if state == "ask" and Handled.is_first(ticket.key):
            act(ticket.incident, ticket.act, f"By a link in a mail of {ticket.target.name}.")
            return "done"
    return "moot" if state == "moot" else "spent"


def told_by(ticket: Ticket) -> Alert:
    """What the mail told and no more: whoever has the link is not signed in."""
    target, incident = ticket.target, ticket.incident
    alert = render_incident(incident, target, "", Notification.Action.TRIGGER)
    return withhold(hide_own(alert, incident.environment), target.shared_fields)
