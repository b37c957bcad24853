"""Snapshots and the people in them: erased, cut, exported, kept for their own days, gone with their environment."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from diagnostics.core import clock
from diagnostics.models import LogRecord, PrivacyJob
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy import jobs
from diagnostics.privacy.export_file import read_file
from diagnostics.privacy.processing import describe_processing
from diagnostics.privacy.pseudonyms import present_key
from diagnostics.privacy.subject import Subject
from diagnostics.storage.partitions import ensure_partitions
from diagnostics.storage.retention import expire
from sessions_app.models import DueSnapshot, LeftOut, Snapshot
from sessions_app.snapshots import by_hand, personal, retention
from sessions_app.snapshots.content import is_whole
from sessions_app.snapshots.due import count_left_out
from sessions_app.snapshots.story import tell_story
from tests.people import make_person
from tests.privacy.dump import tables_with
from tests.world import begin_world, make_record, make_snapshot, make_span

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db):
    return begin_world("snapped")


def key_of(world, name):
    return user_key(present_key(world.environment), name)


def work(world, kind, name, until=None):
    keys = Subject.from_typed(world.environment, name).user_keys
    subject = Subject(world.environment, keys, until=until)
    return jobs.run_to_end(jobs.request_job(kind, subject, None, jobs.count_subject(subject)))


def of_one_trace(world):
    """(snapshot of joe's failure, in whose trace jane left records and a span, and nobody one)."""
    environment, now = world.environment, clock.now()
    jane, joe = key_of(world, "jane"), key_of(world, "joe")
    span = make_span(
        environment, user_key=jane, name="GET /JANEMARK", session_id="", timestamp=now - timedelta(seconds=2)
    )
    common = {"trace_id": span.trace_id, "session_id": "", "has_restricted": False}
    make_record(environment, body="JANEMARK paid", user_key=jane, timestamp=now - timedelta(seconds=2), **common)
    make_record(environment, body="of nobody", timestamp=now - timedelta(seconds=1), **common)
    record = make_record(environment, body="JOEMARK failed", user_key=joe, timestamp=now, fingerprint="f1", **common)
    return make_snapshot(record)


def test_one_about_a_person_goes_and_others_lose_their_part(world):
    about = make_snapshot(make_record(world.environment, body="JANEMARK", user_key=key_of(world, "jane")))
    within, before = of_one_trace(world), None
    before = within.digest
    job = work(world, "erase", "jane")
    assert (job.state, job.left) == ("done", {})
    assert (job.counts["snapshots"], job.counts["excerpts of snapshots"]) == (1, 1)
    assert not Snapshot.objects.filter(pk=about.pk).exists()
    within.refresh_from_db()
    document = json.loads(within.content)
    assert [item["body"] for item in document["records"]] == ["of nobody", "JOEMARK failed"]
    assert document["cut"] == {"erased_records": 1, "erased_spans": 1}
    assert within.digest != before
    assert is_whole(within)
    assert within.cut_at is not None
    assert (within.records, within.spans, within.user_keys) == (2, 0, [key_of(world, "joe")])
    assert tables_with("JANEMARK") == []
    assert tables_with(key_of(world, "jane")) == []
    assert tell_story(within, set()).cuts == ["1 record and 1 span of somebody who asked for it were erased."]
    assert personal.count(jobs.gather(Subject.from_typed(world.environment, "jane"))) == {}


def test_the_page_says_that_it_was_renewed(world, client):
    within = of_one_trace(world)
    work(world, "erase", "jane")
    client.force_login(make_person(is_superuser=True), backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(f"/e/{world.slug}/snapshots/{within.pk}/").content.decode()
    assert "when a person&#x27;s part was erased" in text or "when a person's part was erased" in text
    assert "verified" in text
    assert "JANEMARK" not in text


def test_nameless_records_of_their_session_go_too_and_so_does_what_is_waiting(world):
    jane, now = key_of(world, "jane"), clock.now()
    make_record(world.environment, session_id="s-9", user_key=jane)
    nameless = make_snapshot(make_record(world.environment, session_id="s-9", body="of her session"))
    DueSnapshot.objects.create(
        environment=world.environment, reason="crash", subject="s-9", period=now, since=now, until=now, created_at=now,
        due_at=now, outcome="taken",
    )  # fmt: skip
    LogRecord.objects.filter(user_key="", session_id="s-9").delete()
    job = work(world, "erase", "jane")
    assert job.counts["snapshots to be taken"] == 1
    assert not Snapshot.objects.filter(pk=nameless.pk).exists()
    assert tables_with("s-9") == []


def test_a_session_is_known_by_its_snapshot_when_its_records_are_gone(world):
    record = make_record(world.environment, session_id="s-9", user_key=key_of(world, "jane"))
    snapshot = make_snapshot(record)
    LogRecord.objects.all().delete()
    subject = jobs.gather(Subject.from_typed(world.environment, "jane"))
    assert "s-9" in subject.session_ids
    assert list(personal.people(world.environment)) == [key_of(world, "jane")]
    work(world, "erase", "jane")
    assert not Snapshot.objects.filter(pk=snapshot.pk).exists()


def test_an_erasure_locks_in_the_order_in_which_snapshots_are_taken(world, monkeypatch):
    now, left = clock.now(), []
    DueSnapshot.objects.create(
        environment=world.environment, reason="crash", subject="s-9", period=now, since=now, until=now, created_at=now,
        due_at=now,
    )  # fmt: skip
    subject = Subject(world.environment, (key_of(world, "jane"),), ("s-9",))
    monkeypatch.setattr(personal, "take_turn", lambda *_: left.append(personal.waiting(subject).count()))
    personal.erase(subject, 10)
    assert left == [0]


def test_nameless_records_of_their_session_go_from_others_snapshots_when_nothing_else_knows_it(world):
    environment, now = world.environment, clock.now()
    common = {"trace_id": make_span(environment, session_id="").trace_id, "has_restricted": False}
    make_record(environment, session_id="s-9", user_key=key_of(world, "jane"), timestamp=now, **common)
    make_record(environment, session_id="s-9", body="JANEMARK typed", timestamp=now, **common)
    failed = make_record(environment, session_id="", user_key=key_of(world, "joe"), timestamp=now, **common)
    snapshot = make_snapshot(failed)
    assert "JANEMARK" in snapshot.content
    LogRecord.objects.all().delete()
    work(world, "erase", "jane")
    assert tables_with("JANEMARK") == []
    assert Snapshot.objects.filter(pk=snapshot.pk).exists()


def test_an_erasure_that_is_done_again_spares_what_came_later(world):
    jane, now = key_of(world, "jane"), clock.now()
    early = now - timedelta(minutes=5)
    old = make_snapshot(make_record(world.environment, user_key=jane, observed_timestamp=early, timestamp=early))
    new = make_snapshot(make_record(world.environment, user_key=jane, session_id="s-7", body="later"))
    work(world, "erase", "jane", until=now - timedelta(minutes=1))
    assert not Snapshot.objects.filter(pk=old.pk).exists()
    assert Snapshot.objects.filter(pk=new.pk).exists()


def test_slices_end_and_a_content_that_cannot_be_cut_goes(world):
    for number in range(5):
        make_snapshot(make_record(world.environment, user_key=key_of(world, "jane"), session_id=f"s-{number}"))
    within = of_one_trace(world)
    Snapshot.objects.filter(pk=within.pk).update(content='{"records": [')
    subject = jobs.gather(Subject.from_typed(world.environment, "jane"))
    found = []
    while done := personal.erase(subject, 2):
        found.append(done)
    assert [sum(done.values()) for done in found] == [2, 2, 2]
    assert not Snapshot.objects.exists()


def test_somebody_of_another_environment_keeps_theirs(world):
    other = begin_world("snapped-too")
    snapshot = make_snapshot(make_record(other.environment, user_key=key_of(other, "jane")))
    work(world, "erase", "jane")
    assert Snapshot.objects.filter(pk=snapshot.pk).exists()


def test_an_export_holds_their_parts_alone(world):
    make_snapshot(make_record(world.environment, body="JANEMARK", user_key=key_of(world, "jane"), session_id="s-5"))
    of_one_trace(world)
    job = work(world, "export", "jane")
    rows = json.loads(b"".join(read_file(job)))["stores"]["snapshots"]
    assert [row["is_about_them"] for row in rows] == [True, False]
    assert [item["body"] for row in rows for item in row["records"]] == ["JANEMARK", "JANEMARK paid"]
    assert [item["name"] for item in rows[1]["spans"]] == ["GET /JANEMARK"]
    assert "JOEMARK" not in str(rows)


def test_nothing_is_kept_by_hand_while_somebody_is_being_erased(world):
    jobs.request_job("erase", Subject.from_typed(world.environment, "jane"), None, {})
    with pytest.raises(by_hand.NotPossibleError, match="being erased"):
        by_hand.keep_snapshot(make_person(world.environment, "on-call"), world.environment, world.record)
    assert PrivacyJob.objects.count() == 1


def test_it_outlives_its_records_partitions_and_has_days_of_its_own(world, monkeypatch):
    now, environment = clock.now(), world.environment
    environment.retention_days, environment.snapshot_retention_days = 1, 3
    environment.save()
    snapshot = make_snapshot(world.record)
    count_left_out(environment.pk, "crash", 4)
    partition = f"diagnostics_log_p{now:%Y%m%d}"

    def partitions():
        with connection.cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relname = %s", [partition])
            return cursor.fetchall()

    ensure_partitions()
    assert partitions()
    later = now + timedelta(days=2, hours=23)
    monkeypatch.setattr(clock, "now", lambda: later)
    expire(later.date())
    assert not partitions()
    snapshot.refresh_from_db()
    assert is_whole(snapshot)
    assert tell_story(snapshot, set()).steps
    over = now + timedelta(days=3, hours=2)
    monkeypatch.setattr(clock, "now", lambda: over)
    expire(over.date())
    assert not Snapshot.objects.exists()
    assert not LeftOut.objects.exists()


def test_retention_goes_in_batches_and_keeps_what_waits(world, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 2)
    long_ago, now = clock.now() - timedelta(days=100), clock.now()
    for _ in range(3):
        make_snapshot(world.record)
    Snapshot.objects.update(taken_at=long_ago)
    rows = [
        DueSnapshot(
            environment=world.environment, reason="crash", subject=outcome or "waits", period=now, since=now, until=now,
            created_at=now - timedelta(days=3), due_at=now, outcome=outcome,
        )
        for outcome in ("", "taken")
    ]  # fmt: skip
    DueSnapshot.objects.bulk_create(rows)
    assert retention.expire_snapshots(world.environment, now)
    assert Snapshot.objects.count() == 1
    assert not retention.expire_snapshots(world.environment, now)
    assert not Snapshot.objects.exists()
    assert [row.subject for row in DueSnapshot.objects.all()] == ["waits"]


def test_the_record_of_processing_names_it(world):
    world.environment.snapshot_retention_days = 77
    found = {kept.what: kept for kept in describe_processing(world.environment).kept}
    assert found["Snapshots"].days == "77 days"
    world.environment.snapshots_enabled = False
    found = {kept.what: kept for kept in describe_processing(world.environment).kept}
    assert "none is taken" in found["Snapshots"].days


def test_it_goes_with_its_environment(world):
    make_snapshot(world.record)
    count_left_out(world.environment.pk, "crash", 4)
    world.environment.delete()
    assert not Snapshot.objects.exists()
    assert not LeftOut.objects.exists()
