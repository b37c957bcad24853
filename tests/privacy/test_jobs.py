"""Exports and erasures: everything of one person and nothing of another, over every store; resumed where they ended."""

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from alerts.models import InboxMessage, Incident
from diagnostics.core import clock
from diagnostics.models import AccessEvent, IngestBatch, LogRecord, PrivacyJob, RestrictedFields, Span
from diagnostics.pipeline.parts import write_parts
from diagnostics.privacy import jobs
from diagnostics.privacy.export_file import read_file
from diagnostics.privacy.stores import records, spans
from diagnostics.privacy.subject import Subject
from diagnostics.tasks import privacy_task, sweep
from sessions_app.models import LogSession
from tests.people import make_person
from tests.privacy.dump import tables_with
from tests.privacy.people import plant_person
from tests.world import make_record, make_world

pytestmark = pytest.mark.django_db
EVERYTHING = {"incident samples": 1, "sessions": 1, "journeys": 1, "spans": 2, "records": 3, "restricted fields": 1}


@pytest.fixture
def world(db):
    return make_world("privacy-one")


def erase(environment, typed, actor=None):
    subject = Subject.from_typed(environment, typed)
    return jobs.run_to_end(jobs.request_job("erase", subject, actor, jobs.count_subject(subject)))


def export(environment, typed, actor=None):
    subject = Subject.from_typed(environment, typed)
    job = jobs.run_to_end(jobs.request_job("export", subject, actor, jobs.count_subject(subject)))
    return job, json.loads(b"".join(read_file(job)))


def test_an_erased_person_is_nowhere_in_the_database(world):
    key, incident = plant_person(world, "jane@example.com", "JANEMARK")
    plant_person(world, "joe@example.com", "JOEMARK")
    assert len(tables_with("JANEMARK")) >= 6
    job = erase(world.environment, "jane@example.com")
    assert (job.state, job.counts, job.left) == ("done", EVERYTHING, {})
    assert tables_with("JANEMARK") == []
    assert tables_with(key) == []
    assert tables_with("jane@example.com") == []
    assert len(tables_with("JOEMARK")) >= 6
    incident.refresh_from_db()
    assert incident.samples == []
    assert incident.context["session_ids"] == []
    assert "[erased]" in incident.summary
    assert incident.summary.startswith("3 errors")


def test_an_environment_beside_it_keeps_the_person(world):
    other = make_world("privacy-two")
    for each in (world, other):
        plant_person(each, "jane@example.com", "JANEMARK")
    erase(world.environment, "jane@example.com")
    assert LogRecord.objects.filter(environment_id=other.environment.pk, body__contains="JANEMARK").count() == 3
    assert LogSession.objects.filter(environment=other.environment, release="JANEMARK").exists()


def test_nameless_records_of_a_session_that_others_used_are_erased_but_not_exported(world):
    environment = world.environment
    plant_person(world, "jane@example.com", "JANEMARK", session_id="shared")
    joe, _ = plant_person(make_world("privacy-three"), "joe", "X")
    make_record(environment, body="of joe", user_key=joe, session_id="shared", has_restricted=False)
    _, file = export(environment, "jane@example.com")
    assert {row["body"] for row in file["stores"]["records"]} == {"payment of JANEMARK failed", "page of JANEMARK"}
    erase(environment, "jane@example.com")
    assert [row.body for row in LogRecord.objects.filter(session_id="shared")] == ["of joe"]


def test_a_message_that_others_caused_too_stays(world):
    plant_person(world, "jane@example.com", "JANEMARK")
    incident = Incident.objects.get(title__contains="JANEMARK")
    incident.samples = []
    incident.context = {"messages": [{"text": "payment of JANEMARK failed", "count": 7}], "session_ids": []}
    incident.save()
    job = erase(world.environment, "jane@example.com")
    assert job.counts["incident samples"] == 0
    incident.refresh_from_db()
    assert incident.context["messages"][0]["text"] == "payment of JANEMARK failed"


def test_slices_are_resumed_after_a_crash(world, monkeypatch):
    plant_person(world, "jane@example.com", "JANEMARK")
    for number in range(9):
        make_record(world.environment, body=f"{number}", user_key="", session_id="s-JANEMARK", has_restricted=False)
    monkeypatch.setattr(jobs, "SLICE", 2)
    subject = Subject.from_typed(world.environment, "jane@example.com")
    job = jobs.request_job("erase", subject, None, jobs.count_subject(subject))
    real, calls = jobs.erase_slice, []

    def crash(job, store):
        calls.append(store.name)
        done = real(job, store)
        if len(calls) % 3 == 0:
            raise MemoryError
        return done

    monkeypatch.setattr(jobs, "erase_slice", crash)
    while not job.is_finished:
        assert jobs.work_on(str(job.pk)) is not None
        job.refresh_from_db()
    assert job.state == "done"
    assert job.counts == {**EVERYTHING, "records": 12}
    assert tables_with("JANEMARK") == []


def test_a_job_that_fails_again_and_again_is_given_up_and_says_where(world, monkeypatch):
    plant_person(world, "jane@example.com", "JANEMARK")
    subject = Subject.from_typed(world.environment, "jane@example.com")
    job = jobs.request_job("erase", subject, None, {})

    def broken(job, store):
        raise RuntimeError("with JANEMARK in its text")

    monkeypatch.setattr(jobs, "erase_slice", broken)
    for _ in range(jobs.MOST_FAILURES):
        jobs.work_on(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.work) == ("failed", {})
    assert job.error == "RuntimeError in exports"
    assert jobs.work_on(str(job.pk)) is None


def test_only_one_works_on_a_job_until_its_lease_is_over(world, monkeypatch):
    subject = Subject.from_typed(world.environment, "jane@example.com")
    job = jobs.request_job("erase", subject, None, {})
    assert jobs.claim(str(job.pk)) is not None
    assert jobs.claim(str(job.pk)) is None
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + jobs.LEASE + timedelta(seconds=1))
    assert jobs.claim(str(job.pk)) is not None


def test_a_batch_that_no_digest_has_seen_does_not_bring_the_session_back(world):
    key, _ = plant_person(world, "jane@example.com", "JANEMARK")
    part = ["s-JANEMARK", key, 1, 2, 1, 0, 0, 0, False, [], "", "", "", "", "", ""]
    IngestBatch.objects.create(
        id=1, environment=world.environment, received_at=clock.now(), wire_format="json", sessions=write_parts([part])
    )
    erase(world.environment, "jane@example.com")
    sweep()
    assert tables_with(key) == []


@pytest.mark.django_db(transaction=True)
def test_nothing_is_erased_before_a_batch_that_another_worker_has_claimed_is_digested(world):
    key, _ = plant_person(world, "jane@example.com", "JANEMARK")
    batch = IngestBatch.objects.create(id=1, environment=world.environment, received_at=clock.now())
    subject = Subject.from_typed(world.environment, "jane@example.com")
    job = jobs.request_job("erase", subject, None, {})

    def work(seconds):
        try:
            jobs.work_on(str(job.pk), seconds)
        finally:
            connection.close()

    with transaction.atomic():
        IngestBatch.objects.select_for_update().get(pk=batch.pk)
        thread = threading.Thread(target=work, args=[1.0])
        thread.start()
        thread.join()
        job.refresh_from_db()
        assert (job.state, job.counts, job.failures) == ("running", {}, 0)
    assert jobs.run_to_end(job).state == "done"
    batch.refresh_from_db()
    assert batch.digested_at is not None
    assert tables_with(key) == []


def test_the_export_holds_everything_and_ends_as_a_document(world, monkeypatch):
    monkeypatch.setattr(jobs, "SLICE", 2)
    plant_person(world, "jane@example.com", "JANEMARK")
    plant_person(world, "joe@example.com", "JOEMARK")
    _job, file = export(world.environment, "jane@example.com")
    assert {name: len(rows) for name, rows in file["stores"].items()} == {
        "incident samples": 1, "sessions": 1, "journeys": 1, "spans": 2, "records": 3,
    }  # fmt: skip
    assert "JOEMARK" not in json.dumps(file)
    restricted = [row["restricted"] for row in file["stores"]["records"] if "restricted" in row]
    assert restricted == [{"exception.stacktrace": "Traceback: secret frame", "form.iban": "restricted value"}]
    assert tables_with("secret frame") == []  # encrypted, here as in the restricted table


def test_restricted_fields_are_exported_as_far_as_the_asker_may_see_them(world):
    plant_person(world, "jane@example.com", "JANEMARK")
    officer = make_person(world.environment, "privacy-officer")  # holds view_restricted, not view_stack_traces
    _, file = export(world.environment, "jane@example.com", officer)
    row = next(row for row in file["stores"]["records"] if "restricted" in row)
    assert row["restricted"] == {"form.iban": "restricted value"}
    assert row["restricted_withheld"] == ["exception.stacktrace"]


def test_an_export_of_nobody_is_a_document_too(world):
    job, file = export(world.environment, "nobody")
    assert (file["stores"], job.counts) == ({}, {})


def test_exports_are_deleted_when_their_days_are_over(world, monkeypatch):
    plant_person(world, "jane@example.com", "JANEMARK")
    job, _ = export(world.environment, "jane@example.com")
    jobs.sweep_jobs()
    assert job.parts.exists()
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=8))
    jobs.sweep_jobs()
    job.refresh_from_db()
    assert job.state == "expired"
    assert not job.parts.exists()


def test_each_step_is_an_access_event_that_names_nobody(world):
    plant_person(world, "jane@example.com", "JANEMARK")
    officer = make_person(world.environment, "privacy-officer")
    job = jobs.run_to_end(
        jobs.request_job("erase", Subject.from_typed(world.environment, "jane@example.com"), officer, {})
    )
    events = AccessEvent.objects.filter(environment=world.environment, subject=f"job {job.pk}").order_by("id")
    assert [(event.action, event.actor_id) for event in events] == [
        ("erase.request", officer.pk), ("erase.done", officer.pk),
    ]  # fmt: skip
    assert events[1].detail["counts"] == EVERYTHING
    assert events[0].detail["person"] == job.subject_hashes[0]
    assert job.work == {}


@pytest.mark.django_db(transaction=True)
def test_a_task_works_the_job_off_and_rings_again_for_the_rest(world, monkeypatch):
    plant_person(world, "jane@example.com", "JANEMARK")
    job = jobs.request_job("erase", Subject.from_typed(world.environment, "jane@example.com"), None, {})
    monkeypatch.setattr("diagnostics.tasks.work_on", lambda pk: jobs.work_on(pk, seconds=0))
    OrmQ.objects.all().delete()
    privacy_task(str(job.pk))
    assert OrmQ.objects.count() == 1  # nothing could be done in no time: another task is on its way
    monkeypatch.setattr("diagnostics.tasks.work_on", jobs.work_on)
    OrmQ.objects.all().delete()
    privacy_task(str(job.pk))
    job.refresh_from_db()
    assert job.state == "done"
    assert not OrmQ.objects.exists()
    assert (
        not RestrictedFields.objects.filter(environment_id=world.environment.pk, pk__gt=10**12)
        .exclude(pk=world.record.pk)
        .exists()
    )
    assert Span.objects.filter(environment_id=world.environment.pk).count() == 1


def test_the_sweep_finds_what_no_bell_announced(world, monkeypatch):
    rung = []
    monkeypatch.setattr(jobs, "async_task", lambda *words: rung.append(words))
    job = jobs.request_job("erase", Subject.from_typed(world.environment, "jane"), None, {})
    jobs.sweep_jobs()
    assert ("diagnostics.tasks.privacy_task", str(job.pk)) in rung


def test_finished_jobs_are_left_alone(world):
    job = erase(world.environment, "nobody")
    assert jobs.work_on(str(job.pk)) is None
    assert PrivacyJob.objects.get(pk=job.pk).state == "done"
    assert InboxMessage.objects.exists()


MANY = """
INSERT INTO {} (id, "timestamp", environment_id, batch_id, session_id, user_key, {})
SELECT -number, now(), %s, 1, 's-' || number, md5(number::text), {} FROM generate_series(1, 20000) AS number
"""
TABLES = {
    "diagnostics_log": (records.ERASE, "severity_number, observed_timestamp", "9, now()"),
    "diagnostics_span": (spans.ERASE, "trace_id, span_id", "gen_random_uuid(), '1'"),
}


@pytest.mark.parametrize("table", TABLES)
def test_a_person_is_sought_by_indexes_however_many_sessions_they_had(world, table):
    statement, names, values = TABLES[table]
    sessions = [f"s-{number}" for number in range(500)]
    with connection.cursor() as cursor:
        cursor.execute(MANY.format(table, names, values), [world.environment.pk])
        cursor.execute(f"ANALYZE {table}")
        cursor.execute(f"EXPLAIN {statement}", [world.environment.pk, ["k" * 32], sessions, None, None, 500])
        plan = "\n".join(row[0][:200] for row in cursor.fetchall())
    assert "user_key_timestamp_idx" in plan
    assert "session_id_timestamp_idx" in plan
