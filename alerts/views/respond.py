"""Addresses for those who are not signed in: receivers that prove themselves by a signature, and links that act once."""

import logging
from typing import Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from alerts.delivery.one_time import read_ticket
from alerts.incidents.from_outside import act, fulfil
from alerts.integrations.inbound import INBOUND
from alerts.integrations.wish import Unproven
from alerts.models import Handled, Target
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
    context = {"ticket": ticket, "incident": ticket.incident}
    if request.method != "POST":
        is_spent = Handled.objects.filter(key=ticket.key).exists()
        return render(request, "alerts/respond.html", {**context, "state": "spent" if is_spent else "ask"})
    with transaction.atomic():
        is_first = Handled.is_first(ticket.key)
        if is_first:
            act(ticket.incident, ticket.act, f"By a link in a mail of {ticket.target.name}.")
    return render(request, "alerts/respond.html", {**context, "state": "done" if is_first else "spent"})
