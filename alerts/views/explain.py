"""'Why did I (not) get this?': each step for an incident and a person."""

from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import render

from alerts.delivery.explain import explain_person, explain_ways
from alerts.views.incident import find_incident
from diagnostics.core.access import has_perm, people_with
from diagnostics.core.permissions import Perm
from diagnostics.views.decorators import PageRequest, environment_page


@environment_page(Perm.VIEW_INCIDENTS)
def explain(request: PageRequest, pk: int) -> HttpResponse:
    """About oneself; about others for who may see what access they have."""
    found = find_incident(request, pk, Perm.VIEW_INCIDENTS)
    may_ask = has_perm(request.user, request.environment, Perm.MANAGE_ACCESS)
    person = choose_person(request, request.GET.get("person", ""), may_ask=may_ask)
    context = {
        "page": "incidents",
        "incident": found,
        "person": person,
        "people": people_with(request.environment, Perm.VIEW_INCIDENTS) if may_ask else [],
        "steps": explain_person(found, person),
        "ways": explain_ways(found, person),
    }
    return render(request, "alerts/explain.html", context)


def choose_person(request: PageRequest, name: str, *, may_ask: bool) -> User:
    """The one who is asked about, or 404."""
    if not name:
        name, may_ask = request.user.get_username(), True
    person = User.objects.filter(username=name[:150]).first() if may_ask else None
    if person is None:
        raise Http404("There is no such person, or it is not yours to ask.")
    return person
