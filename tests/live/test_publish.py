"""Publishing: frames are bounded, ingest never waits, and nobody pays when nobody watches."""

import queue

import pytest
import redis
from django.conf import settings

from diagnostics.core.record import Record
from diagnostics.live import publish
from diagnostics.live.publish import FRAME_RECORDS, WAITING_BATCHES, Publisher
from diagnostics.live.wire import watched_key


class Layer:
    """Notes what is sent to which group."""

    def __init__(self):
        self.sent = []

    async def group_send(self, group, frame):
        self.sent.append((group, frame))


@pytest.fixture
def layer(monkeypatch):
    layer = Layer()
    monkeypatch.setattr(publish, "get_channel_layer", lambda: layer)
    return layer


def make_records(count, **fields):
    return [
        Record(number + 1, 1, sequence=number, body=str(number), row_id=number, **fields) for number in range(count)
    ]


def test_a_frame_is_bounded_keeps_errors_first_and_counts_the_rest(layer):
    records = make_records(1000)
    for number in (3, 500, 999):
        records[number].severity_number = 17
    Publisher().send(7, records)
    ((group, frame),) = layer.sent
    assert group == "live.7"
    assert len(frame["records"]) == FRAME_RECORDS
    assert frame["dropped"] == 1000 - FRAME_RECORDS
    bodies = [record["body"] for record in frame["records"]]
    assert {"3", "500", "999"} <= set(bodies)
    assert bodies == sorted(bodies, key=int)


def test_bodies_are_cut(layer):
    (record,) = make_records(1)
    record.body = "x" * 100_000
    Publisher().send(7, [record])
    assert len(layer.sent[0][1]["records"][0]["body"]) == 500


def test_what_finds_no_room_is_counted_and_said_with_the_next_frame(layer, monkeypatch):
    publisher = Publisher()
    monkeypatch.setattr(publisher, "start", lambda: None)  # nobody takes what waits
    for _ in range(WAITING_BATCHES + 2):
        publisher.offer(7, make_records(3))
    publisher.offer(7, [])
    assert publisher.dropped == {7: 6}
    publisher.send(7, make_records(1))
    publisher.send(7, make_records(1))
    assert [frame["dropped"] for _, frame in layer.sent] == [6, 0]


def test_batches_that_follow_closely_share_a_frame_each_environment_its_own(monkeypatch):
    monkeypatch.setattr(publish, "FRAME_SECONDS", 0.01)
    publisher = Publisher()
    publisher.waiting = queue.Queue()
    for environment_id in (1, 2, 1):
        publisher.waiting.put((environment_id, make_records(2)))
    gathered = publisher.gather()
    assert {key: len(records) for key, records in gathered.items()} == {1: 4, 2: 2}


def test_an_environment_that_nobody_watches_is_asked_for_at_most_once_a_second():
    publisher = Publisher()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(watched_key(7))
        assert publisher.is_watched(client, 7) is False
        client.set(watched_key(7), 1, ex=5)
        assert publisher.is_watched(client, 7) is False
        publisher.watched[7] = (0.0, False)
        assert publisher.is_watched(client, 7) is True
        client.delete(watched_key(7))


def test_a_publisher_outlives_valkey(layer, monkeypatch, settings):
    class Done(BaseException):
        pass

    publisher, batches = Publisher(), [{7: make_records(1)}, {7: make_records(1)}]

    def gather():
        if not batches:
            raise Done
        return batches.pop()

    monkeypatch.setattr(publisher, "gather", gather)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(Done):
        publisher.run()
    assert layer.sent == []
