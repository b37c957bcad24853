"""Who may do what in this environment, through which grant and until when; giving and taking roles."""

from datetime import UTC, datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from diagnostics.core import clock
from diagnostics.core.permissions import LABELS, PRODUCTION_LEAVES_OUT, ROLES, Perm, role_perms
from diagnostics.privacy.granting import give_role, grantable_roles, take_role
from diagnostics.privacy.held_by import explain_holders, holders, holders_of
from diagnostics.privacy.sudo import ask_again, has_sudo
from diagnostics.views.decorators import PageRequest, environment_page

PAGE: Final = 50
PERM_NAMES: Final = {perm.value for perm in Perm}


@environment_page(Perm.MANAGE_ACCESS)
def access(request: PageRequest) -> HttpResponse:
    """The matrix of roles, the people with their grants, and one person looked at closely."""
    environment, wanted = request.environment, request.GET.get("perm", "")
    people = holders_of(environment, Perm(wanted)) if wanted in PERM_NAMES else holders(environment)
    after = request.GET.get("after", "")[:150]
    rows = list(people.filter(username__gt=after)[: PAGE + 1] if after else people[: PAGE + 1])
    context = {
        "page": "access",
        "roles": matrix(is_production=environment.is_production),
        "role_names": list(ROLES),
        "labels": [(perm.value, label) for perm, label in LABELS.items()],
        "wanted": wanted if wanted in PERM_NAMES else "",
        "holders": explain_holders(environment, rows[:PAGE]),
        "next": rows[PAGE - 1].username if len(rows) > PAGE else "",
        "may_give": grantable_roles(request.user, environment),
        "checked": check_person(request),
        "typed": request.GET.get("person", "")[:150],
    }
    return render(request, "diagnostics/access.html", context)


def matrix(*, is_production: bool) -> list[dict[str, Any]]:
    """Permission by permission: which roles hold it here, and which leave it out because this is production."""
    held = {role: role_perms(role, is_production=is_production) for role in ROLES}
    return [
        {
            "name": perm.value,
            "label": LABELS[perm],
            "cells": [
                "yes" if perm in held[role] else "left out" if perm in left_out(role, is_production) else "" for role in ROLES
            ],
        }
        for perm in Perm
    ]  # fmt: skip


def left_out(role: str, is_production: bool) -> frozenset[Perm]:
    """What the role would hold elsewhere."""
    return PRODUCTION_LEAVES_OUT.get(role, frozenset()) if is_production else frozenset()


def check_person(request: PageRequest) -> dict[str, Any] | None:
    """One person: each permission, whether they hold it, and through what."""
    name = request.GET.get("person", "").strip()[:150]
    if not name:
        return None
    person = User.objects.filter(username=name).first()
    if person is None:
        return {"missing": name}
    holder = explain_holders(request.environment, [person])[0]
    return {"person": person, "lines": [(perm.value, LABELS[perm], holder.ways.get(perm, [])) for perm in Perm]}


@environment_page(Perm.MANAGE_ACCESS)
@require_POST
def access_give(request: PageRequest) -> HttpResponse:
    """A role to a person, for good or until a day."""
    if not has_sudo(request):
        return ask_again(request, reverse("access", args=[request.environment.slug]))
    try:
        person = find_person(request.POST.get("person", ""))
        until = read_day(request.POST.get("until", ""))
        give_role(request.user, person, request.environment, request.POST.get("role", ""), until)
    except ValueError as error:
        messages.error(request, f"Not given. {error}.")
    else:
        messages.success(request, f"{person} now holds {request.POST['role']} in {request.environment}.")
    return redirect("access", request.environment.slug)


@environment_page(Perm.MANAGE_ACCESS)
@require_POST
def access_take(request: PageRequest) -> HttpResponse:
    """A role from a person."""
    if not has_sudo(request):
        return ask_again(request, reverse("access", args=[request.environment.slug]))
    try:
        person = find_person(request.POST.get("person", ""))
        take_role(request.user, person, request.environment, request.POST.get("role", ""))
    except ValueError as error:
        messages.error(request, f"Not taken. {error}.")
    else:
        messages.success(request, f"{person} no longer holds {request.POST['role']} in {request.environment}.")
    return redirect("access", request.environment.slug)


def find_person(name: str) -> User:
    """An active account by its name; ValueError."""
    person = User.objects.filter(username=name.strip()[:150], is_active=True).first()
    if person is None:
        raise ValueError("person: there is no active account of this name; a superuser makes accounts")
    return person


def read_day(text: str) -> datetime | None:
    """The end of a day, in UTC; ValueError for what is none, or over."""
    if not text.strip():
        return None
    try:
        day = datetime.strptime(text.strip()[:10], "%Y-%m-%d").replace(hour=23, minute=59, second=59, tzinfo=UTC)
    except ValueError:
        raise ValueError("until: write a day as 2030-01-31, or leave it empty") from None
    if day <= clock.now():
        raise ValueError("until: choose a day that is still to come")
    return day
