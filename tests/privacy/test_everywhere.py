"""A person sends to a running pipeline, alerts tell of it, somebody exports it: after the erasure no table knows them.

Each column that could hold a word of theirs is accounted for below; a new one fails until somebody has thought of it.
"""

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from alerts.evaluation import bell
from alerts.evaluation.run import evaluate_environment
from alerts.models import CheckIn, DeliveryAttempt, InboxMessage, Incident, Monitor, Notification
from alerts.own_messages import Own, own_messages
from diagnostics.core import clock
from diagnostics.digest.run import digest_all
from diagnostics.environments import create_environment
from diagnostics.ingest import catalogues
from diagnostics.models import ErrorGroup, ExportPart, IngestBatch, PrivacyJob, Template
from diagnostics.pipeline.pseudonym import user_key
from diagnostics.privacy import jobs
from diagnostics.privacy.pseudonyms import present_key
from diagnostics.privacy.stores import alone, errors, templates
from diagnostics.privacy.subject import Subject
from tests.factories import make_key, send_json
from tests.privacy.dump import tables_with

JANE, MARK = "jane-4711", "JANEMARK"
SHARED = "stock of the warehouse is empty"

# Columns that hold what records say, and what takes a person's words out of them.
ERASED = {
    "records": {
        "LogRecord": "logger body event_name span_id session_id user_key journey_id request_id http_method error_type "
        "fingerprint client_network geo_country geo_region device_type browser os attributes trace_id service_name release "
        "http_route",
        "RestrictedFields": "ciphertext",
    },
    "spans": {
        "Span": "span_id parent_span_id name status_message session_id user_key journey_id request_id http_method error_type "
        "attributes events trace_id service_name release http_route",
    },
    "sessions": {
        "LogSession": "session_id user_key services release releases geo_country geo_region device_type browser os",
        "IngestBatch": "sessions",
    },
    "journeys": {
        "Journey": "journey_id user_keys session_ids services steps last_step release",
        "IngestBatch": "journeys",
    },
    "snapshots": {
        "Snapshot": "record service_name release error_type title fingerprint session_id trace_id user_key user_keys "
        "session_ids content digest",
        "DueSnapshot": "subject",
    },
    "templates": {"Template": "text", "IngestBatch": "templates"},
    "errors": {"ErrorGroup": "title", "IngestBatch": "findings"},
    "saved views": {"SavedView": "params about name"},
    "incident samples": {"Incident": "samples context trace_id"},
    "quotations": {
        "Incident": "title summary", "IncidentEvent": "text", "Evidence": "summary", "InboxMessage": "title text",
        "DeliveryAttempt": "error", "CheckIn": "message",
    },
    "exports": {"ExportPart": "ciphertext", "PrivacyJob": "work"},
}  # fmt: skip
# Columns that hold nothing of anybody whom records are about, each with the reason.
NOBODYS = {
    "names of services, routes and releases: what sums are kept by": {
        "MinuteRollup": "service_name http_route release latency", "SeriesName": "service_name name", "Event": "service_name "
        "release title", "ErrorGroup": "service_name error_type release first_release releases fingerprint", "Template": "service_name "
        "releases version", "Incident": "service_name http_route release", "IngestBatch": "sums", "Evidence": "series",
        "RuleState": "series fired", "MatchCount": "service_name http_route release", "LateMinute": "service_name",
        "BaselineState": "group_by column service_name http_route release template state", "TemplateHour": "minutes",
        "ErrorHour": "minutes",
        "Suggestion": "service_name fingerprint change evidence", "SuggestionScan": "work",
    },
    "what people of ours write or choose: names, settings, reasons": {
        "Environment": "slug name", "IngestKey": "name", "ApiToken": "name permissions", "PrivacyPolicy": "detectors_off keys "
        "patterns journey journey_ends", "AlertRule": "slug name query pattern template service_name except_services runbook_url "
        "health_note mute_reason", "Incident": "rule_name", "Evidence": "rule_name", "Fired": "rule_name", "Notification":
        "rule_name detail", "Silence": "service_name days zone reason ended_because", "Target": "name config secrets "
        "shared_fields hours_days hours_zone disabled_reason kind", "Backtest": "values work result error",
        "Monitor": "slug name schedule zone trouble", "Snapshot": "note taken_by_name", "EnvironmentUserGrant": "granted_by role", "EnvironmentGroupGrant": "granted_by",
    },
    "hashes, keys and ids": {
        "Incident": "dedup_key grouping_key", "Evidence": "dedup_key", "Handled": "key", "Receipt": "data", "IngestBatch":
        "idempotency_key", "IngestKey": "prefix digest", "ApiToken": "prefix digest", "AccessChain": "base_digest head_digest "
        "mac", "AccessEvent": "digest", "Environment": "pseudonym_key retired_pseudonym_keys", "PrivacyJob": "id "
        "subject_hashes", "Backtest": "id", "Notification": "id", "Monitor": "ping_id last_run",
    },
    "who of ours did what; people whom records are about by hash": {
        "AccessEvent": "actor_name environment_slug action subject object_ref detail",
        "PrivacyJob": "requested_by_name store expected counts left error",
    },
    "answers to senders: places and reasons, no values": {"IngestBatch": "answer wire_format"},
    "the product's own parts": {"Heartbeat": "name", "ExportPart": "store"},
}  # fmt: skip
OURS = ("diagnostics", "alerts", "sessions_app")
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, models.UUIDField, ArrayField)


def wordy_columns():
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            for field in model._meta.concrete_fields:
                if isinstance(field, WORDS) and not field.choices:
                    yield f"{model.__name__}.{field.name}"


def listed(*groups):
    for group in groups:
        for models_of in group.values():
            for model, names in models_of.items():
                yield from (f"{model}.{name}" for name in names.split())


def test_every_column_that_can_hold_words_is_accounted_for():
    chosen = {
        f"{model.__name__}.{field.name}"
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        if field.choices
    }
    accounted = set(listed(ERASED, NOBODYS)) - chosen
    assert set(wordy_columns()) - accounted == set(), "say which store erases it, or why it holds nothing of anybody"
    assert accounted - set(wordy_columns()) == set(), "no such column any more"


def test_every_store_is_one_of_those():
    assert set(ERASED) == set(jobs.load_stores()) | set()


@pytest.fixture
def pipeline(transactional_db, monkeypatch):
    monkeypatch.setattr(bell, "wake", lambda *_, **__: None)
    catalogues.KEPT.clear()
    environment = create_environment("everywhere")
    key = make_key(environment)

    def send(*records):
        answer = async_to_sync(send_json)(key, [{"service": "shop", "level": "error", **each} for each in records])
        assert answer.json()["accepted"] == len(records)
        digest_all()
        evaluate_environment(environment.pk)

    send.environment = environment
    return send


def hers(**fields):
    return {
        "user.id": JANE, "session.id": f"s-{MARK}", "journey.id": f"j-{MARK}", "error.stack": f"at {MARK} (a.py:1)", "note": {"deep": [MARK]},
        "exception.stacktrace": f"Traceback {MARK}", "trace_id": "0af7651916cd43dd8448eb211c80319c", **fields,
    }  # fmt: skip


def tell(environment):
    """As delivery leaves it: in the inbox, and in what a receiver gave back; and as a job says why it gave up."""
    monitor = Monitor.objects.create(environment=environment, slug="job", name="Job", schedule="1h")
    for number, incident in enumerate(Incident.objects.filter(environment=environment)):
        CheckIn.objects.create(
            monitor=monitor, number=number, at=clock.now(), outcome="failed", message=f"gave up: {incident.title}"
        )
    for row in Notification.objects.filter(incident__environment=environment).select_related("incident"):
        InboxMessage.write(str(row.pk), row.incident.title, row.incident.summary)
        DeliveryAttempt.objects.create(
            notification=row,
            started_at=clock.now(),
            outcome="retry",
            status_code=500,
            error=f"it said: {row.incident.title}",
        )


def work(kind, environment):
    subject = Subject.from_typed(environment, JANE)
    return jobs.run_to_end(jobs.request_job(kind, subject, None, jobs.count_subject(subject)))


def test_after_an_erasure_no_table_knows_the_person(pipeline):
    environment = pipeline.environment
    pipeline({"message": SHARED, "user.id": "joe", "session.id": "s-joe"}, hers(message=SHARED))
    pipeline(*(hers(message=f"order {number} of {MARK} could not be saved", service="till") for number in (17, 18, 19)))
    tell(environment)
    export = work("export", environment)
    assert export.parts.exists()
    waiting = jobs.request_job("export", Subject.from_typed(environment, JANE), None, {})
    key = user_key(present_key(environment), JANE)
    planted = {
        "diagnostics_error_group", "diagnostics_template", "alerts_incident", "alerts_evidence", "alerts_incidentevent",
        "alerts_inboxmessage", "alerts_deliveryattempt", "alerts_checkin", "sessions_app_logsession", "sessions_app_journey",
    }  # fmt: skip
    assert planted <= set(tables_with(MARK))
    assert "diagnostics_privacyjob" in tables_with(key)

    done = work("erase", environment)

    assert (done.state, done.left) == ("done", {})
    for trace in (MARK, key, JANE, "0af7651916cd43dd8448eb211c80319c", "0af76519-16cd-43dd-8448-eb211c80319c"):
        assert tables_with(trace) == [], trace
    assert not ExportPart.objects.exists()
    assert {job.state for job in PrivacyJob.objects.filter(pk__in=(export.pk, waiting.pk))} == {"expired"}
    assert jobs.work_on(str(waiting.pk)) is None
    assert not IngestBatch.objects.exclude(findings={}).exists()
    # What somebody else has said as well is the program's, and stays; the alert that told of hers keeps its numbers.
    assert SHARED in ErrorGroup.objects.values_list("title", flat=True)
    assert Template.objects.filter(text=SHARED).exists()
    assert Incident.objects.filter(title__contains="[erased]").exists()


def quote(environment, *lines):
    """A job gave up, and says with which lines."""
    monitor = Monitor.objects.create(environment=environment, slug="quoting", name="Job", schedule="1h")
    for number, line in enumerate(lines):
        CheckIn.objects.create(
            monitor=monitor, number=number, at=clock.now(), outcome="failed", message=f"last of all: {line}; exit 1"
        )


def test_the_words_go_however_often_they_were_said_and_whatever_varied(pipeline):
    environment = pipeline.environment
    lines = [f"invoice {number} of {MARK} was refused" for number in range(60)]
    pipeline({"message": SHARED, "user.id": "joe"}, *(hers(message=line) for line in lines))
    pipeline(hers(message=f'"{MARK} Street" is refused for good', service="till"))
    quote(environment, lines[0], lines[59], f'"{MARK} Street" is refused for good', "invoice 3 of joe was refused")
    messages = [each for row in Incident.objects.all() for each in row.context["messages"]]
    assert {each["count"] for each in messages if MARK in each["text"]} == {60, 1}
    assert {"alerts_incident", "alerts_checkin"} <= set(tables_with(MARK))

    done = work("erase", environment)

    assert (done.state, done.left) == ("done", {})
    assert tables_with(MARK) == []
    said = list(CheckIn.objects.order_by("number").values_list("message", flat=True))
    assert said == [f"last of all: {what}; exit 1" for what in (*["[erased]"] * 3, "invoice 3 of joe was refused")]


@pytest.mark.parametrize("are_too_many", [False, True])
def test_a_sample_of_an_incident_goes_only_where_nobody_else_said_the_same(pipeline, monkeypatch, are_too_many):
    environment = pipeline.environment
    pipeline(*(hers(message="invoice 7 was refused") for _ in range(3)))
    pipeline({"message": "invoice 8 was refused", "user.id": "joe"})
    incident = next(row for row in Incident.objects.all() if row.context["messages"])
    assert incident.context["messages"][0]["kinds"]
    if are_too_many:
        monkeypatch.setattr("alerts.own_messages.MOST_ASKED", 0)
    own = Own(jobs.gather(Subject.from_typed(environment, JANE)))
    assert list(own_messages(own, incident)) == ["invoice 7 was refused"]
    pipeline({"message": "invoice 7 was refused", "user.id": "joe"})
    assert list(own_messages(own, incident)) == (["invoice 7 was refused"] if are_too_many else [])
    incident.context["messages"] = [{"text": "invoice 7 was refused", "count": count} for count in (3, 4)]
    assert list(own_messages(own, incident)) == [
        "invoice 7 was refused"
    ]  # kept before kinds were: by how many are hers


def test_where_there_are_too_many_records_to_ask_what_is_known_decides(pipeline, monkeypatch):
    pipeline({"message": SHARED, "user.id": "joe"}, hers(message=SHARED), hers(message=f"order of {MARK} lost"))
    subject = jobs.gather(Subject.from_typed(pipeline.environment, JANE))
    asked = [find(subject) for find in (templates.find, errors.find)]
    assert [len(found) for found in asked] == [1, 1]
    monkeypatch.setattr(alone, "SHARED", alone.SHARED.replace("HAVING", "HAVING pg_sleep(9)::text = '' AND"))
    monkeypatch.setattr(alone, "SECONDS", 0.1)
    with transaction.atomic():
        before = alone.run("SELECT current_setting('statement_timeout')", [])
        assert [find(subject) for find in (templates.find, errors.find)] == asked
        assert alone.run("SELECT current_setting('statement_timeout')", []) == before


def test_an_export_that_is_being_made_ends_with_the_slice_at_hand(pipeline, monkeypatch):
    pipeline(hers(message=f"order of {MARK} lost"))
    environment = pipeline.environment
    export = jobs.request_job("export", Subject.from_typed(environment, JANE), None, {})
    real = jobs.advance

    def erased_meanwhile(job):
        real(job)
        if job.pk == export.pk:
            monkeypatch.setattr(jobs, "advance", real)
            work("erase", environment)

    monkeypatch.setattr(jobs, "advance", erased_meanwhile)
    assert jobs.work_on(str(export.pk)) is None
    export.refresh_from_db()
    assert (export.state, export.work) == ("expired", {})
    assert not ExportPart.objects.exists()


def test_the_words_of_an_error_come_back_with_somebody_elses_record(pipeline):
    text = "the till is stuck"
    pipeline(hers(message=text))
    work("erase", pipeline.environment)
    assert ErrorGroup.objects.get().title == ""
    pipeline({"message": text, "user.id": "joe"})
    assert ErrorGroup.objects.get().title == text
