"""Records of more names than anybody reads: the first are kept, the others counted, and what has a column is found anywhere."""

from diagnostics.core import limits
from diagnostics.core.record import Record
from diagnostics.pipeline import normalise
from diagnostics.pipeline.normalise import MARK_DROPPED, WIDE, normalise_log

NOW = 1_767_000_000_000_000_000


def test_the_first_are_kept_and_what_has_a_column_is_found_behind_thousands():
    names = {f"k{number}": number for number in range(5_000)}
    record = Record(NOW, NOW, attributes={**names, "session.id": "s-1", "last": 1})
    normalise_log(record)
    assert record.session_id == "s-1"
    assert list(record.attributes)[: limits.ATTRIBUTES] == [f"k{number}" for number in range(limits.ATTRIBUTES)]
    assert record.attributes[MARK_DROPPED] == 5_001 - limits.ATTRIBUTES


def test_below_that_nothing_changes():
    record = Record(NOW, NOW, attributes={f"k{number}": number for number in range(WIDE)})
    normalise_log(record)
    assert record.attributes[MARK_DROPPED] == WIDE - limits.ATTRIBUTES


def test_no_more_names_are_judged_than_that(monkeypatch):
    judged = []
    monkeypatch.setattr(normalise, "plan_of", lambda name: judged.append(name) or ("", name))
    normalise_log(Record(NOW, NOW, attributes={f"name{number}": number for number in range(300_000)}))
    assert len(judged) == WIDE
