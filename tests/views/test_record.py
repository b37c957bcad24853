"""One record: its neighbours, how late it came, why it failed, and revealing what is restricted."""

from datetime import timedelta

import pytest
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.models import AccessEvent, RestrictedFields
from diagnostics.privacy import reveal
from tests.people import client_with
from tests.views.reading import read
from tests.views.test_logs import shown, some_records
from tests.world import make_record, make_world


def test_a_record_stands_between_its_neighbours_of_the_session(world, on_call):
    records = some_records(world.environment, "after", "this one", "before", session_id="s-7")
    some_records(world.environment, "of nobody's session", session_id="")
    page = read(on_call.get(reverse("log-detail", args=[world.slug, records[1].reference])))
    assert shown(page) == ["before", "this one", "after"]
    assert page.links("Session")[-1] == (
        f"{reverse('session', args=[world.slug, 's-7'])}?at={records[1].reference}#r{records[1].reference}"
    )
    assert page.links("Trace")[-1] == reverse("trace", args=[world.slug, records[1].trace_id.hex])
    viewer = read(
        client_with(world.environment, "viewer").get(reverse("log-detail", args=[world.slug, records[1].reference]))
    )
    assert not {"/sessions/", "/traces/"} & {
        part for link in viewer.links() for part in ("/sessions/", "/traces/") if part in link
    }


def test_a_record_that_came_late_says_by_how_much(world, on_call):
    now = clock.now()
    for late, said in ((timedelta(hours=3), True), (timedelta(seconds=59), False)):
        record = make_record(world.environment, timestamp=now - late, observed_timestamp=now)
        text = read(on_call.get(reverse("log-detail", args=[world.slug, record.reference]))).text
        assert ("Came in 3 h after it happened" in text) == said
        assert ("after it happened" in text) == said


def test_an_address_that_leads_to_no_record_of_the_environment_is_missing(world, on_call):
    other = make_world("shop-two")
    for reference in ("x", "1-1", f"{10**15}-1", "9" * 16 + "-1", other.record.reference):
        assert on_call.get(reverse("log-detail", args=[world.slug, reference])).status_code == 404


def test_revealing_is_written_down_before_anything_is_read(world, on_call, monkeypatch):
    person = on_call.get(reverse("account")).wsgi_request.user
    written = []

    def unseal(*arguments):
        written.extend(
            AccessEvent.objects.filter(action="reveal").values_list("actor_name", "subject", "environment_slug")
        )
        raise ValueError("the box is broken")

    monkeypatch.setattr(reveal, "unseal", unseal)
    address = reverse("log-reveal", args=[world.slug, world.record.reference])
    with pytest.raises(ValueError, match="broken"):
        on_call.post(address)
    assert written == [(person.username, f"record {world.record.reference}", world.slug)]
    assert AccessEvent.objects.filter(action="reveal", actor=person).count() == 1


def test_revealed_fields_are_shown_once_and_never_kept_by_browsers(world, on_call):
    address = reverse("log-reveal", args=[world.slug, world.record.reference])
    detail = on_call.get(reverse("log-detail", args=[world.slug, world.record.reference])).content.decode()
    assert "restricted value" not in detail
    assert address in detail
    response = on_call.post(address)
    assert response["Cache-Control"] == "no-store"
    assert "restricted value" in response.content.decode()
    assert on_call.get(address).status_code == 405
    RestrictedFields.objects.all().delete()
    assert on_call.post(address).status_code == 404
    assert AccessEvent.objects.filter(action="reveal").count() == 2  # what was tried is answered for, too


def test_who_may_not_reveal_is_told_what_it_needs_and_offered_no_button(world):
    viewer = client_with(world.environment, "viewer")
    page = read(viewer.get(reverse("log-detail", args=[world.slug, world.record.reference])))
    assert "needs view_stack_traces" in page.text
    assert "Reveal" not in page.text
    assert viewer.post(reverse("log-reveal", args=[world.slug, world.record.reference])).status_code == 404
    assert not AccessEvent.objects.filter(action="reveal").exists()


@pytest.mark.parametrize(
    ("kind", "reason", "body", "said", "is_printed"),
    [
        (
            "PriceMissing",
            "item K-17 has no net_price",
            "order failed",
            "PriceMissing: item K-17 has no net_price",
            True,
        ),
        ("PriceMissing", "item K-17 has no net_price", "item K-17 has no net_price", "PriceMissing: item", False),
        ("KeyError", "KeyError: 'a'", "order failed", "KeyError: 'a'", True),
        ("", "just words", "order failed", "just words", True),
        ("KeyError", "", "order failed", "", True),
        ("KeyError", {"not": "text"}, "order failed", "", True),
    ],
)
def test_the_reason_of_an_exception_stands_above_the_text(environment, kind, reason, body, said, is_printed):
    record = make_record(environment, error_type=kind, body=body, attributes={"exception.message": reason})
    page = read(
        client_with(environment, "viewer").get(reverse("log-detail", args=[environment.slug, record.reference]))
    )
    lines = [element.text for element in page.all("p", class_="headline mono")]
    assert [line.startswith(said) for line in lines] == ([True] if said else [])
    assert bool(page.all("pre", class_="body-text")) == is_printed
