"""Saving, changing and deleting views. What everybody sees is written down; of the search itself, what names nobody."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404

from diagnostics.core import clock
from diagnostics.core.access import Person, has_perm
from diagnostics.models import Environment, SavedView
from diagnostics.privacy.changes import tracked_change
from diagnostics.saved_views.access import SHARE
from diagnostics.saved_views.pages import PAGES, about_of, check_words, clean_params
from diagnostics.storage.turns import Turn, take_turn

MOST_OWN: Final = 50  # of a person in an environment: a menu of more is none
MOST_SHARED: Final = 100  # of an environment
NAME_CHARS: Final = 80


@transaction.atomic
def save_view(
    person: Person,
    environment: Environment,
    page: str,
    name: str,
    params: Mapping[str, Any],
    *,
    shared: bool = False,
    is_typed: bool = False,
) -> SavedView:
    """A new one, of parameters that were typed or stood in an address. ValueError names what is wrong; Http404 for a page
    that is not the person's to see."""
    if page not in PAGES or not has_perm(person, environment, PAGES[page].perm):
        raise Http404("There is no such page, or it is not yours to see.")
    take_turn(Turn.SAVED_VIEWS, environment.pk)
    view = SavedView(environment=environment, page=page, owner_id=person.pk, is_shared=shared)
    set_search(view, params, is_typed=is_typed)
    set_name(view, name)
    if shared:
        check_share(person, view)
    else:
        check_own(view)
    keep(person, view, is_public=shared)
    return view


@transaction.atomic
def change_view(
    person: Person,
    view: SavedView,
    *,
    name: str | None = None,
    params: Mapping[str, Any] | None = None,
    shared: bool | None = None,
    default: bool | None = None,
) -> None:
    """Change what is given, and nothing that somebody else changed meanwhile. The caller has asked whether the view is the
    person's to change; Http404 where it is gone by now."""
    take_turn(Turn.SAVED_VIEWS, view.environment_id)
    try:
        view.refresh_from_db()
    except SavedView.DoesNotExist:
        raise Http404("The view was deleted.") from None
    was_shared = view.is_shared
    if params is not None:
        set_search(view, params, is_typed=True)
    if name is not None:
        set_name(view, name)
    if shared is not None and shared != was_shared:
        share(person, view, shared=shared)
    if default is not None:
        set_default(person, view, is_default=default)
    verb = "" if view.is_shared == was_shared else "share" if view.is_shared else "unshare"
    is_seen = (name, params, shared) != (None, None, None)
    keep(person, view, is_public=is_seen and (was_shared or view.is_shared), verb=verb)


def delete_view(person: Person, view: SavedView) -> None:
    """For good."""
    if not view.is_shared:
        view.delete()
        return
    with tracked_change(person, view, **told(view)):
        view.delete()


def keep(person: Person, view: SavedView, *, is_public: bool, verb: str = "") -> None:
    """Save it; and say so in the audit trail where others see the difference."""
    view.changed_at = clock.now()
    if not is_public:
        save(view)
        return
    with tracked_change(person, view, verb=verb, **told(view)):
        save(view)


def save(view: SavedView) -> None:
    """One default for each page."""
    with transaction.atomic():
        if view.is_default:
            others = SavedView.objects.filter(
                owner_id=view.owner_id, environment=view.environment_id, page=view.page, is_default=True
            )
            others.exclude(pk=view.pk).update(is_default=False)
        view.save()


def told(view: SavedView) -> dict[str, str]:
    """The search, for the audit trail, which forgets nothing: only where it names no person and no session."""
    return {} if view.about else {"search": urlencode(view.params)}


def set_name(view: SavedView, name: str) -> None:
    """Without what cannot be seen. ValueError for none, a long one, a private one, and one that stands beside it already."""
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    if not name:
        raise ValueError("name: give the view a name")
    if len(name) > NAME_CHARS:
        raise ValueError(f"name: at most {NAME_CHARS} characters; this has {len(name):,}")
    check_words("name", name)
    beside = SavedView.objects.filter(environment=view.environment_id, page=view.page, name=name).exclude(pk=view.pk)
    if (beside.filter(is_shared=True) if view.is_shared else beside.filter(owner_id=view.owner_id)).exists():
        raise ValueError("name: there is a view of this name already; choose another")
    view.name = name


def set_search(view: SavedView, params: Mapping[str, Any], *, is_typed: bool) -> None:
    """The parameters, and whom they name."""
    view.params = clean_params(view.environment, view.page, params, is_typed=is_typed)
    view.about = about_of(view.page, view.params)


def share(person: Person, view: SavedView, *, shared: bool) -> None:
    """With everybody, or back to its owner alone; what has lost its owner can only be deleted."""
    if shared:
        check_share(person, view)
    elif view.owner_id != person.pk:
        raise ValueError("shared: only its owner can take a view back; delete it instead")
    else:
        check_own(view)
    view.is_shared = shared
    set_name(view, view.name)


def check_share(person: Person, view: SavedView) -> None:
    """ValueError for who may not share, and beyond the bound."""
    if not has_perm(person, view.environment, SHARE):
        raise ValueError(f"shared: sharing with everybody needs {SHARE.value} in {view.environment.slug}")
    if SavedView.objects.filter(environment=view.environment_id, is_shared=True).count() >= MOST_SHARED:
        raise ValueError(f"shared: at most {MOST_SHARED} shared views in an environment; delete one first")


def check_own(view: SavedView) -> None:
    """ValueError beyond the bound."""
    own = SavedView.objects.filter(environment=view.environment_id, owner_id=view.owner_id, is_shared=False)
    if own.count() >= MOST_OWN:
        raise ValueError(f"name: at most {MOST_OWN} views of your own in an environment; delete one first")


def set_default(person: Person, view: SavedView, *, is_default: bool) -> None:
    """What the page opens with, for its owner."""
    if view.owner_id != person.pk:
        raise ValueError("default: only a view of your own can be your default; save this one as yours first")
    view.is_default = is_default
