"""Single sign-on: the identity provider says who somebody is and in which groups; the groups say which roles they hold."""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from diagnostics.environments import grant_role, role_group_name, withdraw_role
from diagnostics.models import Environment
from diagnostics.privacy.audit import record_event

MOST_GROUPS = 1000


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """What allauth asks about people of the identity provider."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """The provider decides who has an account there; without a group that is mapped, it opens nothing."""
        return True

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """No form to fill in."""
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """At each sign-in: roles follow the groups, both ways, before anything is open."""
        if sociallogin.is_existing and sociallogin.user.is_active:
            apply_groups(sociallogin.user, groups_of(sociallogin.account.extra_data))

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Somebody's first sign-in."""
        person: User = super().save_user(request, sociallogin, form)
        record_event(None, "account.create", person.username, by="single sign-on")
        apply_groups(person, groups_of(sociallogin.account.extra_data))
        return person


def groups_of(claims: Any) -> set[str]:
    """The groups that the provider's claims name, from the user info or the id token."""
    name = settings.OIDC_GROUPS_CLAIM
    for part in (claims.get("userinfo"), claims.get("id_token"), claims):
        found = part.get(name) if isinstance(part, dict) else None
        if isinstance(found, str):
            return {found}
        if isinstance(found, list):
            return {group for group in found[:MOST_GROUPS] if isinstance(group, str)}
    return set()


def apply_groups(person: User, groups: set[str]) -> None:
    """Give and take the roles that the map names, and no others: what was granted here by hand stays."""
    mapped = {pair for pairs in settings.OIDC_ROLE_MAP.values() for pair in pairs}
    wanted = {pair for group in groups for pair in settings.OIDC_ROLE_MAP.get(group, ())}
    with transaction.atomic():
        for slug, role in sorted(mapped):
            gives = (slug, role) in wanted
            if role == "superuser":
                set_superuser(person, gives=gives)
            else:
                set_role(person, slug, role, gives=gives)


def set_superuser(person: User, *, gives: bool) -> None:
    """Everything, everywhere, for as long as the group holds."""
    if person.is_superuser != gives:
        record_event(None, "account.change", person.username, fields=["is_superuser"], by="single sign-on")
        person.is_superuser = gives
        person.save(update_fields=["is_superuser"])


def set_role(person: User, slug: str, role: str, *, gives: bool) -> None:
    """A role in an environment; one that does not exist yet gives nothing."""
    environment = Environment.objects.filter(slug=slug).first()
    if environment is None:
        return
    holds = person.groups.filter(name=role_group_name(environment, role)).exists()
    if holds == gives:
        return
    record_event(
        None, "access.grant" if gives else "access.withdraw", f"{person} {role}", environment, by="single sign-on"
    )
    (grant_role if gives else withdraw_role)(person, environment, role)
