"""Where snapshots' pages are, and who asks for them."""

from django.contrib.auth.models import Permission
from django.urls import reverse

from diagnostics.models import EnvironmentUserGrant
from tests.people import make_person, sign_in


def with_perms(environment, *names):
    """Somebody with single permissions."""
    person = make_person()
    for permission in Permission.objects.filter(codename__in=names, content_type__model="environment"):
        EnvironmentUserGrant.objects.create(user=person, permission=permission, content_object=environment)
    return sign_in(person)


def list_of(world):
    return reverse("snapshots", args=[world.slug])


def page_of(snapshot):
    return reverse("snapshot", args=[snapshot.environment.slug, snapshot.pk])


def take(world, client, **form):
    return client.post(reverse("snapshot-take", args=[world.slug]), form)
