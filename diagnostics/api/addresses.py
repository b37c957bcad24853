"""API addresses work with and without a slash at their end; the schema names the one without."""

from typing import Any

from django.urls import URLPattern, URLResolver, path
from rest_framework.routers import SimpleRouter


def both(route: str, view: Any, name: str) -> list[URLPattern]:
    """The address and its twin."""
    return [path(route, view, name=name), path(f"{route}/", view, name=f"{name}-slash")]


def router_urls(**viewsets: Any) -> list[URLPattern | URLResolver]:
    """The addresses of view sets, by their names in the plural."""
    found: list[URLPattern | URLResolver] = []
    for slash in (False, True):
        router = SimpleRouter(trailing_slash=slash)
        for name, viewset in viewsets.items():
            singular = name.removesuffix("s")
            router.register(name, viewset, basename=f"api-{singular}{'-slash' if slash else ''}")
        found += router.urls
    return found


def without_twins(endpoints: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """For drf-spectacular: one of each two."""
    return [endpoint for endpoint in endpoints if not endpoint[0].endswith("/")]
