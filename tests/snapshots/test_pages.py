"""Pages of snapshots: what they say, and to whom."""

from datetime import timedelta

import pytest
from django.urls import reverse

from alerts.models import AlertRule
from diagnostics.core import clock
from diagnostics.environments import create_environment
from diagnostics.models import AccessEvent, LogRecord
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy.pseudonyms import present_key
from sessions_app.models import LeftOut, Snapshot
from tests.people import ask_page, client_with, make_person, sign_in
from tests.snapshots.pages import list_of, page_of, with_perms
from tests.world import make_record, make_session, make_snapshot, make_span

pytestmark = pytest.mark.django_db


Reason = Snapshot.Reason


HOSTILE = "<script>alert(1)</script>\u202egnp.exe' onload=\"x"


def test_the_list_is_cut_by_what_is_asked_for(world, client):
    environment = world.environment
    crash = make_snapshot(
        make_record(environment, service_name="till", release="2", error_type="E1", user_key="a" * 32)
    )
    new = make_snapshot(
        make_record(environment, service_name="cart", fingerprint="f1", error_type="E2"), Reason.NEW_ERROR
    )
    both = make_snapshot(make_record(environment, error_type="E3"), is_news=True)
    kept = make_snapshot(make_record(environment, error_type="E4", session_id="s-9"), Reason.BY_HAND)
    old = make_snapshot(make_record(environment, error_type="E5"), Reason.CAME_BACK)
    Snapshot.objects.filter(pk=old.pk).update(taken_at=clock.now() - timedelta(days=20))

    def shown(**params):
        text = ask_page(client, list_of(world), **params).content.decode()
        return {row.pk for row in (crash, new, both, kept, old) if f'href="{page_of(row)}"' in text}

    assert shown() == {crash.pk, new.pk, both.pk, kept.pk}
    assert shown(range="all") == {crash.pk, new.pk, both.pk, kept.pk, old.pk}
    assert shown(range="30d", reason="new_error") == {new.pk, both.pk, old.pk}
    assert shown(reason="crash") == {crash.pk, both.pk}
    assert shown(reason="by_hand") == {kept.pk}
    assert shown(service="till") == shown(release="2") == shown(error="E1") == {crash.pk}
    assert shown(fingerprint="f1") == {new.pk}
    assert shown(session="s-9") == {kept.pk}
    assert shown(user="a" * 32) == {crash.pk}
    assert shown(reason="nonsense", range="nonsense") == shown()


def test_pages_of_the_list_follow_each_other(world, client):
    for number in range(55):
        make_snapshot(make_record(world.environment, error_type=f"Number{number}End"))
    first = client.get(list_of(world))
    cursor = first.context["result"].next_cursor
    second = client.get(list_of(world), {"cursor": cursor})
    assert [len(page.context["result"].rows) for page in (first, second)] == [50, 5]
    assert "Number0End" in second.content.decode()
    assert "cursor: not one" in client.get(list_of(world), {"cursor": "x"}).content.decode()


def test_a_person_is_looked_for_by_pseudonym_and_the_look_up_is_written_down(world, client):
    key = user_key(present_key(world.environment), "jane@example.com")
    make_snapshot(make_record(world.environment, user_key=key, error_type="OfJane"))
    answer = client.post(list_of(world), {"user": "jane@example.com"})
    assert "jane" not in answer["Location"]
    assert key in answer["Location"]
    assert "OfJane" in client.get(list_of(world) + answer["Location"]).content.decode()
    assert AccessEvent.objects.filter(action="search.user").count() == 1


def test_what_the_budget_left_out_is_said(world, client):
    now = clock.now()
    LeftOut.objects.create(environment=world.environment, reason="crash", hour=now - timedelta(hours=2), count=1_240)
    LeftOut.objects.create(environment=world.environment, reason="new_error", hour=now - timedelta(hours=3), count=1)
    LeftOut.objects.create(environment=world.environment, reason="came_back", hour=now - timedelta(days=9), count=5)
    assert "1,240 crashes and 1 new error of this time have no snapshot" in client.get(list_of(world)).content.decode()
    assert "and 6 new errors" in client.get(list_of(world), {"range": "all"}).content.decode()


def test_an_empty_list_says_what_to_do_and_one_that_is_off_says_so(world, client):
    text = client.get(list_of(world)).content.decode()
    assert "No snapshots yet" in text
    assert "Keep a snapshot" in text
    assert (
        "Keep a snapshot" not in client_with(world.environment, "privacy-officer").get(list_of(world)).content.decode()
    )
    world.environment.snapshots_enabled = False
    world.environment.save()
    assert "Snapshots are switched off" in client.get(list_of(world)).content.decode()


def test_one_tells_the_story_on_one_clock(world, client):
    environment, now = world.environment, clock.now()
    make_record(environment, timestamp=now - timedelta(seconds=90), body="opened", session_id="s-2", severity_number=9)
    make_span(environment, timestamp=now - timedelta(seconds=3), name="GET /gift", session_id="s-2")
    record = make_record(
        environment, timestamp=now, body="gift card\nwithout balance", severity_number=21, session_id="s-2",
        error_type="GiftError", fingerprint="f1", release="2.4.1", browser="Firefox 140", attributes={"cart.items": 3},
    )  # fmt: skip
    other = make_snapshot(make_record(environment, fingerprint="f1", error_type="Earlier"))
    snapshot = make_snapshot(record, is_news=True)
    text = client.get(page_of(snapshot)).content.decode()
    for said in (
        "shop crashed on an error never seen before.", "GiftError", "−90.0 s", "−3.0 s", "opened", "GET /gift", "Firefox 140",
        "cart.items", "release 2.4.1", "verified", snapshot.digest, "Reveal them at the record", f'href="{page_of(other)}"',
        reverse("session", args=[world.slug, "s-2"]), reverse("trace", args=[world.slug, record.trace_hex]),
        reverse("error", args=[world.slug, "f1"]), f"until {snapshot.kept_until:%Y-%m-%d}",
    ):  # fmt: skip
        assert said in text, said
    assert "secret frame" not in text


def test_tampering_shows(world, client):
    snapshot = make_snapshot(world.record)
    assert "This is not what was frozen" not in client.get(page_of(snapshot)).content.decode()
    Snapshot.objects.filter(pk=snapshot.pk).update(content=snapshot.content.replace("only some", "everybody"))
    text = client.get(page_of(snapshot)).content.decode()
    assert "This is not what was frozen" in text
    assert "does not fit" in text
    Snapshot.objects.filter(pk=snapshot.pk).update(content="{nonsense")
    assert client.get(page_of(snapshot)).status_code == 200


def test_it_outlives_its_records_and_says_what_is_gone(world, client):
    snapshot = make_snapshot(world.record)
    LogRecord.objects.all().delete()
    text = client.get(page_of(snapshot)).content.decode()
    assert "the body that only some may read" in text
    assert "The record itself is gone" in text
    assert "gone: their retention is over" in text
    assert "Reveal them" not in text


def test_hostile_text_is_only_text(world, client):
    record = make_record(
        world.environment, body=HOSTILE, error_type=HOSTILE, service_name=HOSTILE, release=HOSTILE, session_id=HOSTILE,
        browser=HOSTILE, attributes={HOSTILE: HOSTILE}, fingerprint="f1", severity_number=21, http_route=HOSTILE,
    )  # fmt: skip
    make_span(
        world.environment, name=HOSTILE, service_name=HOSTILE, session_id=HOSTILE, attributes={HOSTILE: [HOSTILE]}
    )
    make_session(world.environment, session_id=HOSTILE)
    snapshot = make_snapshot(record, Reason.BY_HAND, note=HOSTILE)
    for address in (page_of(snapshot), list_of(world), reverse("session", args=[world.slug, HOSTILE])):
        text = client.get(address).content.decode()
        assert "<script>alert" not in text
        assert "\u202e" not in text
        assert "[U+202E]" in text


def test_spans_are_for_who_sees_traces_and_attributes_for_who_sees_logs(world):
    make_span(world.environment, name="GET /only-for-some")
    record = make_record(world.environment, attributes={"plan": "gold"}, body="in a session", fingerprint="f1")
    snapshot = make_snapshot(record)
    support = client_with(world.environment, "support").get(page_of(snapshot)).content.decode()
    assert "GET /only-for-some" not in support
    assert "Spans are for who holds view_traces" in support
    assert "gold" in support
    narrow = with_perms(world.environment, "view_sessions").get(page_of(snapshot)).content.decode()
    assert "in a session" in narrow
    assert "gold" not in narrow
    assert reverse("logs", args=[world.slug]) + "?fingerprint" not in narrow
    assert reverse("log-detail", args=[world.slug, record.reference]) not in narrow


def test_what_belongs_to_no_session_is_for_who_sees_logs(world):
    snapshot = make_snapshot(make_record(world.environment, session_id="", error_type="Lonely"))
    for names, allowed in (
        (("view_sessions",), False),
        (("view_sessions", "view_logs"), True),
        (("view_logs",), False),
    ):
        client = with_perms(world.environment, *names)
        assert (client.get(page_of(snapshot)).status_code == 200) == allowed, names
        listed = client.get(list_of(world))
        assert ("Lonely" in listed.content.decode()) == allowed, names


def test_it_is_found_in_its_own_environment_only(world):
    other = create_environment("shop-two")
    snapshot = make_snapshot(world.record)
    person = make_person(world.environment, "on-call")
    client = sign_in(make_person(other, "environment-admin"))
    for address in (page_of(snapshot), reverse("snapshot", args=["shop-two", snapshot.pk])):
        assert client.get(address).status_code == 404
    assert client.post(reverse("snapshot-delete", args=["shop-two", snapshot.pk])).status_code == 404
    assert (
        client.post(reverse("snapshot-take", args=["shop-two"]), {"record": world.record.reference}).status_code == 404
    )
    assert sign_in(person).get(page_of(snapshot)).status_code == 200
    assert Snapshot.objects.count() == 1


def test_other_pages_lead_to_it(world, client):
    record = make_record(world.environment, fingerprint="f1", severity_number=21)
    session = client.get(reverse("session", args=[world.slug, "s-1"]), {"at": record.reference}).content.decode()
    assert f"{list_of(world)}?session=s-1" in session
    assert f"{reverse('snapshot-take', args=[world.slug])}?session=s-1&amp;at={record.reference}" in session
    panel = client.get(reverse("log-detail", args=[world.slug, record.reference])).content.decode()
    assert f"{list_of(world)}?fingerprint=f1" in panel
    assert reverse("snapshot-take", args=[world.slug]) in panel
    incident = world.incident
    incident.context = {**incident.context, "fingerprints": ["f1"]}
    incident.save()
    address = reverse("incident", args=[world.slug, incident.pk])
    assert f"{list_of(world)}?fingerprint" not in client.get(address).content.decode()
    AlertRule.objects.filter(pk=incident.rule_id).update(signal="fatals")
    assert f"{list_of(world)}?fingerprint=f1" in client.get(address).content.decode()
    assert f'href="{list_of(world)}"' in client.get(reverse("logs", args=[world.slug])).content.decode()
    viewer = client_with(world.environment, "viewer")
    for page in (address, reverse("log-detail", args=[world.slug, record.reference])):
        assert "snapshots" not in viewer.get(page).content.decode()
