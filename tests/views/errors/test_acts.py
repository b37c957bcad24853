"""What people decide of errors on these pages, and where that leads them."""

from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import AccessEvent, ErrorGroup
from tests.people import make_person, sign_in
from tests.views.errors.pages import names
from tests.views.reading import read
from tests.world import make_error


def act(client, environment, error, **fields):
    return client.post(reverse("error-act", args=[environment.slug, error.fingerprint]), fields)


def test_an_error_is_resolved_opened_again_and_ignored_on_its_page(environment, show):
    person = make_person(environment, "on-call")
    client, error = sign_in(person), make_error(environment)
    answer = act(client, environment, error, resolve="now", range="7d")
    assert answer["Location"].endswith(f"/errors/{error.fingerprint}/?range=7d")
    page = show(error, client=client)
    assert f"by {person.username}. It comes back when it is seen again." in " ".join(page.text.split())
    act(client, environment, error, reopen="1")
    act(client, environment, error, resolve="release")
    assert "in a release other than 1.0" in show(error, client=client).text
    act(client, environment, error, ignore="24")
    page = show(error, client=client)
    assert "nobody is told of it" in page.text
    assert page.all("button", name="reopen")
    error.refresh_from_db()
    assert timedelta(hours=23) < error.ignored_until - clock.now() <= timedelta(hours=24)
    act(client, environment, error, ignore="release")
    assert "until it comes in another release" in show(error, client=client).text
    assert AccessEvent.objects.filter(action__startswith="error.").count() == 5
    for nonsense in ({"ignore": "100000"}, {"ignore": "x"}, {}):
        act(client, environment, error, **nonsense)
    assert AccessEvent.objects.filter(action__startswith="error.").count() == 5


def test_several_errors_are_decided_of_in_the_list(environment, on_call):
    first, second, third = (make_error(environment, f"error {number}") for number in range(3))
    address = reverse("errors-act", args=[environment.slug])
    fields = {"error": [first.fingerprint, second.fingerprint, "unknown"], "resolve": "now"}
    answer = on_call.post(address, {**fields, "here": "state=new&sort=count&next=//evil"}, follow=True)
    assert "2 errors were resolved." in read(answer).text
    where = urlsplit(answer.redirect_chain[-1][0])
    assert (where.path, parse_qs(where.query)) == (
        reverse("errors", args=[environment.slug]),
        {"state": ["new"], "sort": ["count"]},
    )
    assert set(ErrorGroup.objects.filter(resolved_at=None)) == {third}
    assert "Tick the errors first" in read(on_call.post(address, {"resolve": "now"}, follow=True)).text
    many = {"error": [str(number) for number in range(101)], "reopen": "1"}
    assert "at most 100" in read(on_call.post(address, many, follow=True)).text


def test_an_act_leads_back_to_the_time_that_was_shown(environment):
    client, error = sign_in(make_person(environment, "on-call")), make_error(environment)
    night = {"since": "2026-03-04T02:00:00Z", "until": "2026-03-04T03:00:00Z"}
    query = urlencode(night)
    assert act(client, environment, error, resolve="now", **night)["Location"].endswith(f"/?{query}")
    assert act(client, environment, error, reopen="1", since="nonsense")["Location"].endswith("/?range=24h")
    page = reverse("errors-act", args=[environment.slug])
    answer = client.post(page, {"error": error.fingerprint, "reopen": "1", "here": f"{query}&q=x&sort=count"})
    assert dict(parse_qsl(urlsplit(answer["Location"]).query)) == {**night, "q": "x", "sort": "count"}


def test_an_error_is_given_to_somebody_on_its_page_and_found_by_whose_it_is(environment, show, look):
    olly, viewer = make_person(environment, "on-call"), make_person(environment, "viewer")
    client, error = sign_in(olly), make_error(environment, "theirs")
    make_error(environment, "nobody's")
    page = reverse("error-assign", args=[environment.slug, error.fingerprint])
    assert client.post(page, {"person": olly.username})["Location"].endswith(f"/errors/{error.fingerprint}/")
    options = show(error, client=client).all("option")
    assert [option.text for option in options if "selected" in option.attributes] == [olly.username]
    assert f"Whoseitis{olly.username}" in "".join(show(error).text.split())
    assert names(look(whose="me", client=client)) == ["theirs"]
    assert names(look(whose="nobody")) == ["nobody's"]
    assert names(look(whose="me")) == []
    assert set(names(look(whose="x"))) == {"theirs", "nobody's"}
    answer = client.post(page, {"person": viewer.username}, follow=True)
    assert "Nobody of that name may respond here" in read(answer).text
    error.refresh_from_db()
    assert error.assigned_to == olly
    client.post(page, {"person": ""})
    error.refresh_from_db()
    assert error.assigned_to is None
