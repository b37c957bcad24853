"""What people do with snapshots on their pages: keep one, carry it away, delete it."""

import html
import json
from datetime import timedelta

import pytest
from django.urls import reverse

from diagnostics.core import clock
from diagnostics.core.permissions import ROLES
from diagnostics.models import AccessEvent, LogRecord
from diagnostics.search.page import SearchTooSlowError
from sessions_app.models import Snapshot
from sessions_app.snapshots import by_hand
from sessions_app.snapshots.content import digest_of
from tests.people import client_with, make_person, sign_in
from tests.snapshots.pages import list_of, page_of, take, with_perms
from tests.world import make_record, make_session, make_snapshot, make_span

pytestmark = pytest.mark.django_db


def test_keeping_one_from_a_record_is_written_down(world, client):
    answer = take(world, client, record=world.record.reference, note="  ask the bank  ")
    snapshot = Snapshot.objects.get()
    assert answer["Location"] == page_of(snapshot)
    assert (snapshot.reason, snapshot.note, snapshot.session_id) == ("by_hand", "ask the bank", "s-1")
    event = AccessEvent.objects.get(action="snapshot.take")
    assert (event.environment, event.detail["digest"]) == (world.environment, snapshot.digest)
    assert world.record.reference in event.subject
    take(world, client, record=world.record.reference)  # pressed twice
    assert Snapshot.objects.count() == 1


def test_keeping_one_from_where_one_is_in_a_session(world, client):
    environment, now = world.environment, clock.now()
    LogRecord.objects.all().delete()
    early = make_record(environment, timestamp=now - timedelta(seconds=9), severity_number=9, body="early")
    error = make_record(environment, timestamp=now - timedelta(seconds=5), severity_number=17, body="error")
    make_record(environment, timestamp=now, severity_number=9, body="last")
    take(world, client, session="s-1", at=early.reference)
    take(world, client, session="s-1")
    LogRecord.objects.filter(pk=error.pk).delete()
    take(world, client, session="s-1")
    assert [snapshot.title for snapshot in Snapshot.objects.order_by("pk")] == ["early", "error", "last"]


def test_the_form_of_a_sessions_page_leads_where_it_says(world, client):
    make_session(world.environment, session_id="a b/&c")
    make_record(world.environment, session_id="a b/&c", body="of it")
    page = client.get(reverse("session", args=[world.slug, "a b/&c"])).content.decode()
    address = page.split("?session=")[-1].split('"')[0]
    client.post(f"{reverse('snapshot-take', args=[world.slug])}?session={html.unescape(address)}")
    assert Snapshot.objects.get().session_id == "a b/&c"


def test_what_cannot_be_kept_says_why(world, client, monkeypatch):
    assert take(world, client, record="1-1").status_code == 404
    assert take(world, client, record="nonsense").status_code == 404
    assert take(world, client, session="no such").status_code == 404
    assert take(world, client).status_code == 404
    monkeypatch.setattr(by_hand, "MOST_AN_HOUR", 0)
    back = reverse("log-detail", args=[world.slug, world.record.reference])
    answer = client.post(
        reverse("snapshot-take", args=[world.slug]), {"record": world.record.reference, "next": back}, follow=True
    )
    assert answer.redirect_chain[0][0] == back
    assert "Nothing was kept. 0 snapshots were kept here within the hour" in answer.content.decode()
    world.environment.snapshots_enabled = False
    world.environment.save()
    answer = take(world, client, record=world.record.reference, next="https://elsewhere.example/")
    assert answer["Location"] == list_of(world)
    assert "switched off" in client.get(list_of(world)).content.decode()
    assert not Snapshot.objects.exists()


def test_a_story_that_takes_too_long_to_read_is_not_kept_and_says_so(world, client, monkeypatch):
    def too_slow(*_, **__):
        raise SearchTooSlowError

    monkeypatch.setattr(by_hand, "freeze", too_slow)
    answer = client.post(reverse("snapshot-take", args=[world.slug]), {"record": world.record.reference}, follow=True)
    assert "Reading what led to it took too long" in answer.content.decode()
    assert not Snapshot.objects.exists()


def test_everybody_asks_to_keep_one(world):
    address = reverse("snapshot-take", args=[world.slug])
    holders = {"developer", "on-call", "environment-admin"}  # in production support watches, and keeps nothing
    for role in ROLES:
        status = client_with(world.environment, role).post(address, {"record": world.record.reference}).status_code
        assert status == (302 if role in holders else 404), role
    assert sign_in(make_person()).post(address, {"record": world.record.reference}).status_code == 404
    assert client_with(world.environment, "on-call").get(address).status_code == 405
    narrow = with_perms(world.environment, "take_snapshots")
    assert narrow.post(address, {"record": world.record.reference}).status_code == 404
    lonely = make_record(world.environment, session_id="")
    without_logs = with_perms(world.environment, "take_snapshots", "view_sessions")
    assert without_logs.post(address, {"record": lonely.reference}).status_code == 404
    assert without_logs.post(address, {"record": world.record.reference}).status_code == 302


def test_who_kept_one_deletes_it_who_runs_the_environment_any(world, client):
    take(world, client, record=world.record.reference)
    own, automatic = Snapshot.objects.get(), make_snapshot(world.record)
    another = client_with(world.environment, "on-call")
    for who, snapshot, status in (
        (another, own, 404), (client, automatic, 404), (client, own, 302),
        (client_with(world.environment, "environment-admin"), automatic, 302),
    ):  # fmt: skip
        address = reverse("snapshot-delete", args=[world.slug, snapshot.pk])
        assert who.post(address).status_code == status
    assert not Snapshot.objects.exists()
    assert AccessEvent.objects.filter(action="snapshot.delete").count() == 2


def grown_old(client):
    session = client.session
    session["signed_in_at"] = 0
    session.save()
    return client


def test_deleting_and_carrying_away_ask_for_proof(world):
    snapshot = make_snapshot(world.record)
    client = grown_old(sign_in(make_person(is_superuser=True)))
    for name in ("snapshot-delete", "snapshot-download"):
        answer = client.post(reverse(name, args=[world.slug, snapshot.pk]))
        assert answer.url.startswith("/account/")
        assert answer.url.endswith(page_of(snapshot).replace("/", "%2F"))
    assert Snapshot.objects.exists()
    assert not AccessEvent.objects.filter(action__startswith="snapshot").exists()


def test_the_file_can_be_checked_and_handing_it_out_is_written_down(world):
    make_span(world.environment)
    snapshot = make_snapshot(world.record)
    boss = sign_in(make_person(is_superuser=True))
    answer = boss.post(reverse("snapshot-download", args=[world.slug, snapshot.pk]))
    file = json.loads(answer.content)
    assert answer["Content-Disposition"] == f'attachment; filename="snapshot-shop-one-{snapshot.pk}.json"'
    assert file["left_out"] == []
    assert answer.content.decode().endswith(f'"content": {snapshot.content}}}\n')
    assert file["sha256"] == digest_of(snapshot.content) == snapshot.digest
    assert AccessEvent.objects.get(action="snapshot.download").environment == world.environment
    officer = client_with(world.environment, "privacy-officer")
    file = json.loads(officer.post(reverse("snapshot-download", args=[world.slug, snapshot.pk])).content)
    assert (file["left_out"], file["content"]["spans"]) == (["spans"], [])
