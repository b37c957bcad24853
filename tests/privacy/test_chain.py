"""The audit trail: what was removed or changed shows, retention leaves the rest whole, nobody waits for anybody."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, transaction
from django.test import override_settings

from diagnostics.core import clock
from diagnostics.models import AccessChain, AccessEvent
from diagnostics.privacy.audit import record_event
from diagnostics.privacy.chain import chain_events, verify_chain
from diagnostics.privacy.retention import cut_audit_trail
from tests.factories import make_environment, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def events():
    person, environment = make_user("ana"), make_environment("shop")
    return [record_event(person, "reveal", f"record {number}", environment, reason="why") for number in range(6)]


def behind_the_back(statement, *values):
    """What somebody can do who may write to the database and switch the trigger off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no pending triggers: one cannot ALTER beside them
        cursor.execute("ALTER TABLE diagnostics_accessevent DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE diagnostics_accessevent ENABLE TRIGGER USER")


def test_it_chains_each_event_with_its_own_transaction(events):
    assert [AccessEvent.objects.get(pk=event.pk).sequence for event in events] == [1, 2, 3, 4, 5, 6]
    verdict = verify_chain()
    assert (verdict.is_whole, verdict.events, verdict.unchained, verdict.head_sequence) == (True, 6, 0, 6)


CHANGES = {
    "the actor": ("UPDATE diagnostics_accessevent SET actor_name = 'nobody' WHERE sequence = 3", "event 3 "),
    "the subject": ("UPDATE diagnostics_accessevent SET subject = 'record 9' WHERE sequence = 1", "event 1 "),
    "the time": ("UPDATE diagnostics_accessevent SET at = at - interval '1 hour' WHERE sequence = 2", "event 2 "),
    "the detail": ("UPDATE diagnostics_accessevent SET detail = '{}' WHERE sequence = 6", "event 6 "),
    "one in the middle": ("DELETE FROM diagnostics_accessevent WHERE sequence = 4", "event 4 was removed"),
    "several": ("DELETE FROM diagnostics_accessevent WHERE sequence IN (2, 3)", "events 2 to 3 were removed"),
    "the first": ("DELETE FROM diagnostics_accessevent WHERE sequence = 1", "event 1 was removed"),
    "the last ones": ("DELETE FROM diagnostics_accessevent WHERE sequence > 4", "events 5 to 6, the last ones"),
    "all": ("DELETE FROM diagnostics_accessevent", "events 1 to 6, the last ones"),
    "order": ("UPDATE diagnostics_accessevent SET sequence = 9 - sequence + 100 WHERE sequence > 3", "removed"),
    "the end of the chain": ("UPDATE diagnostics_accesschain SET head_sequence = 4", "chain's own row"),
    "its beginning": ("UPDATE diagnostics_accesschain SET base_sequence = 2", "chain's own row"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_what_is_changed_behind_its_back_shows(events, what):
    statement, said = CHANGES[what]
    behind_the_back(statement)
    verdict = verify_chain()
    assert not verdict.is_whole
    assert any(said in fault for fault in verdict.faults), verdict.faults
    with pytest.raises(CommandError, match=r"(?s)not whole"):
        call_command("audit", "verify")


def test_who_knows_no_secret_key_cannot_mend_the_chain(events):
    """Digests recomputed under another key do not pass."""
    behind_the_back(
        "UPDATE diagnostics_accessevent SET sequence = NULL, digest = NULL, subject = 'x' WHERE sequence = 6"
    )
    behind_the_back("UPDATE diagnostics_accesschain SET head_sequence = 5")
    with override_settings(SECRET_KEY="another"):
        chain_events()
    assert not verify_chain().is_whole


def test_a_new_secret_key_keeps_the_old_chain_when_the_old_key_is_named(events):
    with override_settings(SECRET_KEY="a new one", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        record_event(None, "test", "after")
        assert verify_chain().is_whole
    with override_settings(SECRET_KEY="a new one", SECRET_KEY_FALLBACKS=[]):
        assert not verify_chain().is_whole


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE diagnostics_accessevent SET subject = 'x'",
        "UPDATE diagnostics_accessevent SET sequence = sequence + 100",
        "UPDATE diagnostics_accessevent SET digest = NULL",
        "UPDATE diagnostics_accessevent SET actor_id = actor_id + 1",
        "DELETE FROM diagnostics_accessevent",
        "DELETE FROM diagnostics_accessevent WHERE sequence = 1",
    ],
)
def test_the_database_refuses_to_change_or_delete(events, statement):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert verify_chain().is_whole


def test_deleting_a_person_keeps_the_name_and_the_chain(events):
    events[0].actor.delete()
    assert {event.actor_name for event in AccessEvent.objects.all()} == {"ana"}
    assert verify_chain().is_whole


def test_retention_cuts_the_oldest_and_the_rest_stays_provable():
    now = clock.now()
    for days in (500, 400, 366, 364, 10):
        with time_machine.travel(now - timedelta(days=days), tick=False):
            record_event(None, "test", f"{days} days ago")
    assert cut_audit_trail() == 3
    assert cut_audit_trail() == 0
    left = list(AccessEvent.objects.order_by("sequence").values_list("sequence", "action", "subject"))
    assert left[:2] == [(4, "test", "364 days ago"), (5, "test", "10 days ago")]
    assert left[2][1] == "audit.cut"
    assert verify_chain().is_whole
    behind_the_back("DELETE FROM diagnostics_accessevent WHERE sequence = 4")
    assert verify_chain().faults == [f"event 4 was removed, before {now - timedelta(days=10):%Y-%m-%d %H:%M:%S} UTC"]


def test_nothing_young_is_let_go_wherever_the_chain_is_said_to_begin(events):
    AccessChain.objects.update(base_sequence=6)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AccessEvent.objects.filter(sequence__lte=6).delete()


def test_names_that_no_database_takes_are_recorded_all_the_same():
    event = record_event(None, "signin.failed", "a\0b\ud800", by="x\0" * 200)
    event.refresh_from_db()
    assert event.subject == "a\u2400b?"
    assert len(event.actor_name) == 150


@pytest.mark.django_db(transaction=True)
def test_nobody_waits_for_another_who_chains():
    """While one transaction is open, another's event is written at once and chained by the next."""
    written = threading.Event()

    def other():
        record_event(None, "test", "of another")
        written.set()
        connections.close_all()

    record_event(None, "test", "earlier")
    with transaction.atomic():
        record_event(None, "test", "first")
        thread = threading.Thread(target=other)
        thread.start()
        assert written.wait(10), "it waited"
    thread.join()
    assert AccessEvent.objects.filter(sequence=None).count() == 1
    record_event(None, "test", "next")
    assert AccessEvent.objects.filter(sequence=None).count() == 0
    assert verify_chain().is_whole
