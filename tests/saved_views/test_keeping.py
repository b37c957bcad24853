"""Saving, sharing, changing and forgetting views."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from diagnostics.core import clock
from diagnostics.environments import create_environment, withdraw_role
from diagnostics.models import AccessEvent, SavedView
from diagnostics.privacy.pseudonyms import stand_in
from diagnostics.privacy.subject import Subject
from diagnostics.saved_views import keeping
from diagnostics.saved_views.access import changeable, readable, removable
from diagnostics.saved_views.forgetting import STORE, expire_views
from diagnostics.saved_views.keeping import change_view, delete_view, save_view
from diagnostics.saved_views.pages import about_of, address_of_view
from tests.people import make_person
from tests.world import make_span

pytestmark = pytest.mark.django_db
ANNA = "anna@example.org"


@pytest.fixture
def environment():
    return create_environment("shop")


@pytest.fixture
def developer(environment):
    return make_person(environment, "developer")


@pytest.fixture
def viewer(environment):
    return make_person(environment, "viewer")


def seen(cut, person):
    return sorted(view.name for view in cut(SavedView.objects.all(), person))


def test_a_personal_view_is_its_owners_alone(environment, developer, viewer):
    save_view(viewer, environment, "logs", "mine", {"q": "level:error"})
    boss = make_person(is_superuser=True)
    for cut in (readable, changeable, removable):
        assert seen(cut, viewer) == ["mine"]
        assert seen(cut, developer) == seen(cut, boss) == []


def test_a_shared_view_is_seen_by_who_may_see_its_page_and_changed_by_who_may_share(environment, developer, viewer):
    on_call = make_person(environment, "on-call")
    save_view(developer, environment, "logs", "records", {}, shared=True)
    save_view(developer, environment, "traces", "slow ones", {"min": "2s"}, shared=True)
    assert seen(readable, viewer) == ["records"]
    assert seen(readable, on_call) == seen(changeable, on_call) == ["records", "slow ones"]
    assert seen(changeable, viewer) == seen(removable, viewer) == []
    assert seen(readable, make_person(create_environment("elsewhere"), "developer")) == []


def test_who_loses_the_role_loses_the_views_and_finds_them_again_with_it(environment, viewer):
    save_view(viewer, environment, "logs", "mine", {})
    withdraw_role(viewer, environment, "viewer")
    assert seen(readable, viewer) == seen(removable, viewer) == []


def test_who_may_no_longer_share_may_still_take_their_own_back(environment, developer):
    view = save_view(developer, environment, "logs", "records", {}, shared=True)
    withdraw_role(developer, environment, "developer")
    developer.groups.add(*make_person(environment, "viewer").groups.all())
    assert seen(changeable, developer) == []
    assert seen(removable, developer) == ["records"]
    change_view(developer, view, shared=False)
    assert seen(changeable, developer) == ["records"]
    with pytest.raises(ValueError, match="shared: sharing with everybody needs manage_rules"):
        change_view(developer, view, shared=True)


def test_sharing_changing_and_deleting_what_is_shared_is_written_down(environment, developer):
    view = save_view(developer, environment, "logs", "failed payments", {"q": "service:payments level:error"})
    assert not AccessEvent.objects.filter(action__startswith="view.").exists()
    change_view(developer, view, shared=True)
    change_view(developer, view, name="payments that failed")
    change_view(developer, view, default=True)  # a matter of one person
    delete_view(developer, view)
    events = AccessEvent.objects.filter(action__startswith="view.").order_by("pk")
    assert [event.action for event in events] == ["view.share", "view.change", "view.delete"]
    assert events[0].detail["after"] == {"is_shared": True}
    assert events[1].detail["before"] == {"name": "failed payments"}
    assert "service%3Apayments" in events[0].detail["search"]


def test_the_trail_which_forgets_nothing_is_told_of_no_person(environment, developer):
    view = save_view(developer, environment, "logs", "one customer", {"user": ANNA}, shared=True)
    delete_view(developer, view)
    key = stand_in(environment, ANNA)
    assert AccessEvent.objects.filter(action__startswith="view.").count() == 2
    assert all(key not in str(event.detail) for event in AccessEvent.objects.all())


def test_a_raw_user_id_is_kept_as_its_pseudonym_wherever_it_stands(environment, developer):
    key = stand_in(environment, ANNA)
    for page, params in (
        ("logs", {"user": ANNA}), ("logs", {"q": f"failed user:{ANNA}"}), ("live", {"q": f"user:{ANNA}"}),
        ("sessions", {"user": ANNA}), ("traces", {"user": ANNA}),
    ):  # fmt: skip
        view = save_view(developer, environment, page, f"{page} {len(params)} {next(iter(params))}", params)
        assert ANNA not in str(view.params)
        assert view.about == [key]


def test_a_session_whose_id_holds_a_comma_is_known_as_it_is(environment, developer):
    view = save_view(developer, environment, "logs", "a session", {"q": "session:a,b", "session": "c,d"})
    assert view.about == ["a,b", "c,d"]


def test_an_id_that_looks_like_a_pseudonym_is_an_id_when_it_was_typed_and_nothing_is_stored_under_it(
    environment, developer
):
    looks = "0123456789abcdef" * 2
    typed = save_view(developer, environment, "live", "typed", {"q": f"user:{looks}"}, is_typed=True)
    assert looks not in str(typed.params)
    shown = save_view(developer, environment, "logs", "from an address", {"user": looks})
    assert shown.params == {"user": looks}
    make_span(environment, user_key=looks)
    known = save_view(developer, environment, "traces", "typed, known", {"user": looks}, is_typed=True)
    assert known.params == {"user": looks}


@pytest.mark.parametrize(
    ("page", "params", "said"),
    [
        ("logs", {"q": 'an "open'}, "quotation mark"),
        ("logs", {"level": "loud"}, "level: 'loud'"),
        ("logs", {"since": "then"}, "since: not a time"),
        ("traces", {"min": "long"}, "min: 'long'"),
        ("sessions", {"since": "2030-01-02", "until": "2030-01-01"}, "until: choose"),
        ("logs", {"q": "x" * 1001}, "params: the search is longer"),
        ("logs", {"q": "a\0b"}, "params: a NUL"),
        ("logs", {"q": "mail of anna@example.org"}, "params: this holds something private"),
        ("logs", {"q": "@buyer:anna@example.org"}, "params: this holds something private"),
        ("logs", {"q": "-service:anna@example.org"}, "params: this holds something private"),
        ("logs", {"q": "@password:hunter2-and-more"}, "params: this holds something private"),
        ("traces", {"name": "anna@example.org"}, "params: this holds something private"),
    ],
)
def test_what_the_page_could_not_show_is_not_saved(environment, developer, page, params, said):
    with pytest.raises(ValueError, match=said):
        save_view(developer, environment, page, "view", params)
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [("  ", "name: give"), ("x" * 81, "name: at most 80 characters"), ("for anna@example.org", "name: this holds")],
)
def test_names_are_bounded_and_hold_nothing_private(environment, developer, name, said):
    with pytest.raises(ValueError, match=said):
        save_view(developer, environment, "logs", name, {})


def test_what_cannot_be_seen_is_no_part_of_a_name(environment, developer):
    view = save_view(developer, environment, "logs", " failed\t\u202epay\0ments\u200b ", {})
    assert view.name == "failed pay ments"


def test_two_views_of_one_name_stand_not_beside_each_other(environment, developer, viewer):
    save_view(developer, environment, "logs", "errors", {})
    with pytest.raises(ValueError, match="name: there is a view of this name"):
        save_view(developer, environment, "logs", "errors", {})
    save_view(developer, environment, "traces", "errors", {})
    save_view(viewer, environment, "logs", "errors", {})
    save_view(developer, environment, "logs", "errors", {}, shared=True)


def test_there_are_so_many_and_no_more(environment, developer, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_OWN", 1)
    monkeypatch.setattr(keeping, "MOST_SHARED", 1)
    save_view(developer, environment, "logs", "1", {})
    shared = save_view(developer, environment, "logs", "2", {}, shared=True)
    for options in ({}, {"shared": True}):
        with pytest.raises(ValueError, match="at most 1"):
            save_view(developer, environment, "logs", "3", {}, **options)
    with pytest.raises(ValueError, match="at most 1"):
        change_view(developer, shared, shared=False)


def test_what_the_row_holds_leads_nowhere_but_to_its_page(environment, developer):
    view = save_view(
        developer, environment, "logs", "view", {"q": "x", "cursor": "W10", "next": "//evil", "level": "warn"}
    )
    assert view.params == {"q": "x", "level": "warn"}
    view.params = {"q": "x", "next": "https://evil.example", "javascript:alert(1)": "1", "cursor": "W10"}
    assert address_of_view(view) == f"/e/{environment.slug}/logs/?q=x"
    view.params = {"level": "loud"}
    with pytest.raises(ValueError, match="level"):
        address_of_view(view)


def test_a_page_has_one_default_of_a_person(environment, developer):
    first = save_view(developer, environment, "logs", "first", {})
    second = save_view(developer, environment, "logs", "second", {})
    traces = save_view(developer, environment, "traces", "third", {})
    for view in (first, traces, second):
        change_view(developer, view, default=True)
    assert set(SavedView.objects.filter(is_default=True)) == {second, traces}
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.filter(pk=first.pk).update(is_default=True)
    shared = save_view(make_person(environment, "developer"), environment, "logs", "theirs", {}, shared=True)
    with pytest.raises(ValueError, match="default: only a view of your own"):
        change_view(developer, shared, default=True)


def test_a_deleted_account_takes_its_own_views_with_it_and_leaves_the_shared_ones(environment, developer):
    save_view(developer, environment, "logs", "mine", {})
    save_view(developer, environment, "logs", "ours", {}, shared=True)
    developer.delete()
    (left,) = SavedView.objects.all()
    assert (left.name, left.owner) == ("ours", None)
    with pytest.raises(ValueError, match="only its owner can take a view back"):
        change_view(make_person(environment, "developer"), left, shared=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.update(is_shared=False)


def test_a_persons_erasure_takes_every_view_that_names_them_or_their_session(environment, developer, viewer):
    save_view(developer, environment, "logs", "theirs", {"q": f"user:{ANNA}"}, shared=True)
    save_view(viewer, environment, "logs", "their session", {"session": "s-anna"})
    save_view(viewer, environment, "logs", "somebody else", {"user": "bert@example.org"})
    subject = Subject(environment, tuple(Subject.from_typed(environment, ANNA).user_keys), ("s-anna",))
    assert STORE.count(subject) == {"saved views": 2}
    assert [row["name"] for row in STORE.export(subject, "", 10).rows] == ["theirs", "their session"]
    assert STORE.erase(subject, 1) == {"saved views": 1}
    assert STORE.erase(subject, 10) == {"saved views": 1}
    assert STORE.erase(subject, 10) == {}
    assert [view.name for view in SavedView.objects.all()] == ["somebody else"]


def test_views_that_name_somebody_go_when_their_records_are_gone(environment, viewer):
    save_view(viewer, environment, "logs", "a person", {"user": ANNA})
    save_view(viewer, environment, "logs", "nobody", {"level": "error"})
    expire_views(environment, clock.now() - timedelta(days=1))
    assert SavedView.objects.count() == 2
    expire_views(environment, clock.now() + timedelta(seconds=1))
    assert [view.name for view in SavedView.objects.all()] == ["nobody"]


def test_a_view_is_about_people_and_sessions_whom_it_leaves_out_as_well():
    one, other = "a" * 32, "b" * 32
    assert about_of("logs", {"q": f"-user:{one} user:{other} -session:s-1 @order:42"}) == sorted([one, other, "s-1"])
