"""Templates as rows: every process agrees on ids, counts are added once, and the tables stay small."""

import threading
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from asgiref.sync import sync_to_async
from django.db import connections, transaction

from diagnostics.core import clock
from diagnostics.core.record import Record
from diagnostics.detection.templates.catalogue import OTHER_SERVICES, Catalogue
from diagnostics.detection.templates.ids import OTHER, write_id
from diagnostics.digest.run import digest_all
from diagnostics.digest.templates import expire, expire_templates, fold_templates
from diagnostics.environments import create_environment
from diagnostics.ingest import catalogues
from diagnostics.ingest.catalogues import catalogue_of
from diagnostics.models import IngestBatch, LogRecord, Template, TemplateHour
from diagnostics.pipeline.templates import mine_templates
from diagnostics.privacy.stores import templates as personal
from diagnostics.privacy.subject import Subject
from diagnostics.search.templates import read_template_minutes, templates_new_since
from diagnostics.storage.expiring import delete_some
from tests.factories import make_key, send_json
from tests.world import make_record

NOON = datetime(2030, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def forget_catalogues():
    catalogues.KEPT.clear()


def batch_of(environment, catalogue, *bodies, at=NOON, **fields):
    """A stored batch of one process's records; returns the records."""
    values = {"service_name": "shop", "severity_number": 9, **fields}
    records = [Record(clock.to_ns(at), clock.to_ns(at), body=body, **values) for body in bodies]
    IngestBatch.objects.create(
        id=IngestBatch.objects.count() + 1,
        environment=environment,
        received_at=at,
        wire_format="json",
        records=len(records),
        templates=mine_templates(records, catalogue),
    )
    return records


def rows_of(environment):
    return list(Template.objects.filter(environment=environment, merged_into=None).order_by("text"))


@pytest.mark.django_db
def test_templates_are_counted_by_minute_release_and_worst_severity():
    environment, catalogue = create_environment("counted"), Catalogue()
    batch_of(environment, catalogue, "order 1 paid", "order 2 paid", release="1.0")
    batch_of(environment, catalogue, "order 3 paid", at=NOON + timedelta(minutes=61), release="1.1", severity_number=17)
    digest_all()
    (row,) = rows_of(environment)
    assert (row.text, row.service_name, row.records, row.severity) == ("order <*> paid", "shop", 3, "error")
    assert (row.first_seen, row.last_seen) == (NOON, NOON + timedelta(minutes=61))
    assert list(row.releases) == ["1.0", "1.1"]
    hours = TemplateHour.objects.order_by("hour").values_list("hour", "total")
    assert list(hours) == [(NOON, 2), (NOON + timedelta(hours=1), 1)]
    (series,) = read_template_minutes(environment, NOON + timedelta(seconds=30), NOON + timedelta(minutes=62))
    assert series.template == row
    assert (series.minutes[0], series.minutes[61], sum(series.minutes), len(series.minutes)) == (2, 1, 3, 62)


@pytest.mark.django_db
def test_the_text_of_templates_leaves_the_batch_once_it_has_a_row():
    environment, catalogue = create_environment("leaves"), Catalogue()
    batch_of(environment, catalogue, "order 1 paid")
    assert IngestBatch.objects.get().templates["news"]
    digest_all()
    assert set(IngestBatch.objects.get().templates) == {"counts"}
    digest_all()
    assert rows_of(environment)[0].records == 1


@pytest.mark.django_db
def test_two_processes_that_name_one_message_differently_end_with_one_template():
    environment, one, two = create_environment("two"), Catalogue(), Catalogue()
    (first,) = batch_of(environment, one, "mail to alice queued as job 3 by the night run")
    (second,) = batch_of(environment, two, "mail to bob queued as job 4 by the night run")
    assert first.template_id != second.template_id
    digest_all()
    (row,) = rows_of(environment)
    assert (row.text, row.records) == ("mail to <*> queued as job <*> by the night run", 2)
    alias = Template.objects.get(environment=environment, merged_into=row.template_id)
    assert {row.template_id, alias.template_id} == {first.template_id, second.template_id}
    batch_of(environment, two, "mail to carol queued as job 5 by the night run")
    digest_all()
    assert [(row.records, row.text) for row in rows_of(environment)] == [
        (3, "mail to <*> queued as job <*> by the night run")
    ]


@pytest.mark.django_db
def test_templates_that_are_joined_later_bring_their_counts():
    environment, catalogue = create_environment("joined"), Catalogue()
    for name in ("anna", "bruno", "chiara", "deniz", "emil"):
        batch_of(environment, catalogue, f"user {name} signed out after 5 s")
        digest_all()
    (row,) = rows_of(environment)
    assert (row.text, row.records, row.is_joined) == ("user <*> signed out after <*>", 5, True)
    assert TemplateHour.objects.get().total == 5
    again = Catalogue(known for known in catalogues.read_known(environment.pk))
    assert again.number_of("shop", "user zoe signed out after 7 s") == row.template_id


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_make_one_row():
    environment = create_environment("at-once")
    for name in ("alice", "bob"):
        for _ in range(5):
            batch_of(environment, Catalogue(), f"mail to {name} queued as job 3 by the night run", "order 1 paid")
    batches = list(IngestBatch.objects.all())
    errors = []

    def work(part):
        try:
            with transaction.atomic():
                fold_templates(part)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(batches[number::4],)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert [(row.text, row.records) for row in rows_of(environment)] == [
        ("mail to <*> queued as job <*> by the night run", 10),
        ("order <*> paid", 10),
    ]


@pytest.mark.django_db
def test_a_fresh_process_knows_what_the_rows_know():
    environment = create_environment("fresh")
    records = batch_of(
        environment, Catalogue(), *(f"mail to {name} queued as job 3 by the night run" for name in ("alice", "bob"))
    )
    digest_all()
    catalogue = catalogue_of(environment.pk)
    assert catalogue.number_of("shop", "mail to zoe queued as job 9 by the night run") == records[0].template_id
    assert catalogue.take_news() == []


@pytest.mark.django_db
def test_news_that_were_lost_with_a_batch_are_told_again_and_what_the_rows_dropped_is_forgotten():
    environment = create_environment("lost")
    kept = catalogues.Kept(Catalogue())
    catalogues.KEPT[environment.pk] = kept
    mine_templates([Record(1, 1, service_name="shop", body="order 1 paid")], kept.catalogue)  # never stored
    batch_of(environment, Catalogue(), "something else altogether came up")
    digest_all()
    catalogues.refresh(kept, environment.pk)
    assert [known.tokens for known in kept.catalogue.take_news()] == [("order", "<*>", "paid")]
    Template.objects.all().delete()
    catalogues.refresh(kept, environment.pk)
    assert [known.tokens for known in kept.catalogue.everything()] == [("order", "<*>", "paid")]


@pytest.mark.django_db
def test_counts_that_come_before_their_text_wait_for_it():
    environment, catalogue = create_environment("before"), Catalogue()
    batch_of(environment, catalogue, "order 1 paid")
    late = IngestBatch.objects.get()
    IngestBatch.objects.update(digested_at=NOON)
    batch_of(environment, catalogue, "order 2 paid")
    digest_all()
    assert [(row.text, row.records) for row in rows_of(environment)] == [("", 1)]
    assert templates_new_since(environment, NOON - timedelta(days=9_999)) == []
    fold_templates([late])
    assert [(row.text, row.records) for row in rows_of(environment)] == [("order <*> paid", 2)]


@pytest.mark.django_db
def test_what_exceeds_the_bounds_is_counted_as_other(monkeypatch):
    monkeypatch.setattr("diagnostics.detection.templates.catalogue.SERVICE_TEMPLATES", 2)
    monkeypatch.setattr("diagnostics.detection.templates.catalogue.SERVICES", 2)
    environment, catalogue = create_environment("bounded"), Catalogue()
    batch_of(environment, catalogue, "alpha one", "beta two three", "gamma", "delta and so on")
    for service in ("cart", "mail", "jobs"):
        batch_of(environment, catalogue, "hello", service_name=service)
    digest_all()
    found = {(row.service_name, row.text): row.records for row in rows_of(environment)}
    assert found == {
        ("shop", "alpha one"): 1, ("shop", "beta two three"): 1, ("shop", OTHER): 2, ("cart", "hello"): 1,
        (OTHER_SERVICES, "hello"): 2,
    }  # fmt: skip


@pytest.mark.django_db
def test_rows_are_bounded_even_for_reports_without_measure(monkeypatch):
    monkeypatch.setattr("diagnostics.detection.templates.catalogue.TEMPLATES", 3)
    monkeypatch.setattr("diagnostics.digest.templates.counts.TEMPLATES", 3)
    environment = create_environment("measure")
    for number in range(8):
        batch_of(environment, Catalogue(), f"{chr(97 + number)} {chr(98 + number)}")
    digest_all()
    found = {row.text: row.records for row in rows_of(environment)}
    assert len(found) == 4
    assert (found[OTHER], sum(found.values())) == (5, 8)


@pytest.mark.django_db
def test_new_templates_are_told_by_severity_and_receipt():
    environment, catalogue = create_environment("new"), Catalogue()
    before = clock.now()
    batch_of(environment, catalogue, "order 1 paid")
    batch_of(environment, catalogue, "order 1 lost for good", severity_number=17)
    digest_all()
    assert {row.text for row in templates_new_since(environment, before)} == {
        "order <*> paid", "order <*> lost for good",
    }  # fmt: skip
    assert [row.text for row in templates_new_since(environment, before, lowest_severity=17)] == [
        "order <*> lost for good"
    ]
    assert templates_new_since(environment, clock.now()) == []
    assert templates_new_since(environment, before, service="cart") == []


@pytest.mark.django_db
@pytest.mark.parametrize("most", [1, 5000])
def test_templates_expire_with_the_names_that_they_had_by_joining(most, monkeypatch):
    monkeypatch.setattr(expire, "delete_some", partial(delete_some, most=most))
    environment, one, two = create_environment("expired"), Catalogue(), Catalogue()
    batch_of(environment, one, "mail to alice queued as job 3 by the night run")
    batch_of(environment, two, "mail to bob queued as job 4 by the night run")
    batch_of(environment, one, "order 1 paid", at=NOON + timedelta(days=3))
    digest_all()
    while expire_templates(environment, NOON + timedelta(days=2)):
        pass
    assert [row.text for row in Template.objects.all()] == ["order <*> paid"]
    assert TemplateHour.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("has_seen_the_rows", [True, False])  # the process that had learnt them
def test_a_persons_own_templates_are_erased_and_shared_ones_stay(has_seen_the_rows):
    environment = create_environment("erased")
    catalogue = catalogue_of(environment.pk)
    own, shared = batch_of(environment, catalogue, "shipping to Jane Roe of Elm Street", "order 1 paid")
    digest_all()
    make_record(environment, template_id=own.template_id, user_key="u1", has_restricted=False)
    make_record(environment, template_id=shared.template_id, user_key="u1", has_restricted=False)
    make_record(environment, template_id=shared.template_id, user_key="u2", has_restricted=False)
    if has_seen_the_rows:
        catalogues.KEPT[environment.pk].asked_at = 0.0
        catalogue_of(environment.pk)
    subject = Subject(environment, ("u1",))
    assert personal.STORE.count(subject) == personal.STORE.erase(subject, 10) == {"pattern texts": 1}
    assert personal.STORE.erase(subject, 10) == {}
    assert {row.text for row in Template.objects.all()} == {Template.ERASED, "order <*> paid"}
    catalogues.KEPT[environment.pk].asked_at = 0.0
    catalogue = catalogue_of(environment.pk)
    assert [" ".join(known.tokens) for known in catalogue.everything()] == ["order <*> paid"]
    assert catalogue.take_news() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.asyncio
async def test_the_miner_sees_redacted_text_alone_and_records_carry_the_id():
    environment = await sync_to_async(create_environment)("redacted")
    key = await sync_to_async(make_key)(environment)
    answer = await send_json(key, {"body": "receipt for order 17 to jane.roe@example.com", "service": "shop"})
    assert answer.status_code == 200

    def look():
        digest_all()
        row = Template.objects.get(environment=environment)
        return row, LogRecord.objects.get(environment_id=environment.pk)

    row, record = await sync_to_async(look)()
    assert row.text == "receipt for order <*> to [email]"
    assert record.template_id == row.template_id
    assert write_id(record.template_id) == row.reference
