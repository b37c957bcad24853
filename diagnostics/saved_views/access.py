"""Who sees and changes which views: one's own alone, and the shared ones of pages that one may see."""

from django.db.models import Q, QuerySet

from diagnostics.core.access import Person, visible_environments
from diagnostics.core.permissions import Perm
from diagnostics.models import SavedView
from diagnostics.saved_views.pages import PAGES

SHARE: Perm = Perm.MANAGE_RULES  # what is shared stands in everybody's menus, as rules wake everybody


def readable(rows: "QuerySet[SavedView]", person: Person) -> "QuerySet[SavedView]":
    """Own ones and shared ones, of pages that the person may see there now."""
    seen = Q(pk__in=[])
    for name, page in PAGES.items():
        seen |= Q(page=name, environment__in=visible_environments(person, page.perm))
    return rows.filter(seen).filter(Q(is_shared=True) | Q(owner_id=person.pk))


def changeable(rows: "QuerySet[SavedView]", person: Person) -> "QuerySet[SavedView]":
    """Of those, one's own that are not shared, and the shared ones where the person may share."""
    own = Q(is_shared=False, owner_id=person.pk)
    shared = Q(is_shared=True, environment__in=visible_environments(person, SHARE))
    return readable(rows, person).filter(own | shared)


def removable(rows: "QuerySet[SavedView]", person: Person) -> "QuerySet[SavedView]":
    """Of those that are seen, one's own, shared or not, and the shared ones where the person may share."""
    shared = Q(is_shared=True, environment__in=visible_environments(person, SHARE))
    return readable(rows, person).filter(Q(owner_id=person.pk) | shared)
