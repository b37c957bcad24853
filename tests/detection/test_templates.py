"""The template miner: what it groups, that ids are stable, and that nothing in it can grow or run away."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.templates.made import SERVICES, make_lines
from benchmarks.templates.score import grouping
from diagnostics.detection.templates import TemplateMiner
from diagnostics.detection.templates.clusters import GROUP, Clusters
from diagnostics.detection.templates.ids import OTHER, read_id, write_id
from diagnostics.detection.templates.mask import TOKENS, mask_line
from diagnostics.detection.templates.shape import LINE_CHARS


def mine(*lines, miner=None):
    miner = miner or TemplateMiner()
    return miner, [miner.add(line) for line in lines]


def test_lines_that_differ_in_numbers_share_a_template():
    miner, ids = mine("order 17 paid in 12 ms", "order 4711 paid in 3.5 s")
    assert len(set(ids)) == 1
    assert miner.template(ids[0]) == "order <*> paid in <*>"


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("id 5f0c7d2e-8a1b-4c3d-9e0f-112233445566 gone", "id <*> gone"),
        ("peer 10.1.2.3:443 closed", "peer <*> closed"),
        ("node eu-1 is -3 degrees", "node eu-<*> is <*> degrees"),
        ("at 0xDEADbeef, next", "at <*>, next"),
        ("commit 9fceb02d0ae5 by decade", "commit <*> by decade"),
        ("sent 1536 bytes (1.5 KB) in <1 sec", "sent <*> in <*>"),
        ('unknown product "blue shoes" asked for', "unknown product <*> asked for"),
        ('10.0.0.1 "GET /a/7 HTTP/1.1" 200', '<*> "GET /a/<*> HTTP/<*>" <*>'),
        ("receipt to [email] with card [card]", "receipt to [email] with card [card]"),
    ],
)
def test_what_varies_is_masked_and_markers_of_redaction_stay_readable(line, masked):
    assert " ".join(mask_line(line)) == masked


def test_other_words_are_another_template():
    _, ids = mine("disk sda is full", "login of bob refused", "login of bob accepted after a second look at the list")
    assert len(set(ids)) == 3


def test_a_template_keeps_its_id_when_it_generalises():
    miner, ids = mine("mail to alice queued as job 3 by the night run", "mail to bob queued as job 4 by the night run")
    assert len(set(ids)) == 1
    assert miner.template(ids[0]) == "mail to <*> queued as job <*> by the night run"


def test_a_leading_word_that_takes_many_values_varies():
    lines = [f"user {name} signed out after 5 s" for name in ("anna", "bruno", "chiara", "deniz", "emil", "fatima")]
    miner, ids = mine(*lines)
    assert len(set(ids[:3])) == 3
    assert ids[3:] == [ids[0]] * 3
    assert mine(*lines, miner=miner)[1] == [ids[0]] * 6
    assert {miner.template(number) for number in ids} == {"user <*> signed out after <*>"}


def test_few_leading_words_are_kept_apart():
    _, ids = mine(*[f"VM {what} (Lifecycle Event) 7" for what in ("Started", "Paused", "Stopped")])
    assert len(set(ids)) == 3


def test_ids_are_the_same_in_another_process_whatever_its_hash_seed():
    code = "from diagnostics.detection.templates import TemplateMiner; print(TemplateMiner('web').add('order 1 paid'))"
    command = [sys.executable, "-c", code]
    ids = {
        subprocess.run(command, env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout.strip()
        for seed in ("1", "2")
    }
    assert ids == {TemplateMiner("web").add("order 99 paid")}
    assert TemplateMiner("worker").add("order 99 paid") not in ids


def test_the_id_of_a_known_line_never_changes_unnoticed():
    """Another value means that the way of mining changed: raise VERSION, so that old and new ids do not mix."""
    assert TemplateMiner("web").add('order 17 of "blue shoes" paid in 12 ms from 10.0.0.1') == "5ac31932fc983768"


@given(st.text(max_size=300))
def test_any_text_has_a_template(text):
    miner = TemplateMiner()
    number = miner.add(text)
    assert miner.add(text) == number
    assert write_id(read_id(number)) == number
    miner.template(number)


def test_beyond_its_limit_lines_are_counted_as_other_and_known_ones_still_found():
    miner = TemplateMiner(limit=3)
    _, ids = mine("alpha one two three", "beta four five six", "gamma seven", "delta eight", "epsilon", miner=miner)
    assert len(set(ids)) == 4
    assert miner.template(ids[3]) == miner.template(ids[4]) == OTHER
    assert miner.add("gamma seven") == ids[2]


def test_a_line_is_compared_with_a_bounded_number_of_templates():
    clusters = Clusters("", 100_000)
    for number in range(GROUP + 50):
        clusters.put(("same", "start", *(f"{chr(97 + digit)}x" * (number + 1) for digit in range(6))))
    assert max(map(len, clusters.groups.values())) == GROUP


def test_caches_are_bounded(monkeypatch):
    monkeypatch.setattr("diagnostics.detection.templates.miner.SHAPES", 10)
    monkeypatch.setattr("diagnostics.detection.templates.shape.WORDS_KEPT", 10)
    miner = TemplateMiner(limit=5)
    for number in range(100):
        miner.add(chr(0x4E00 + number) * 3)
    assert len(miner.shapes) <= 10


def test_long_lines_are_cut():
    miner = TemplateMiner()
    assert miner.add("x " * LINE_CHARS + "a") == miner.add("x " * LINE_CHARS + "b")
    assert len(mask_line("x " * 5_000)) == TOKENS + 1


def test_a_body_of_several_lines_is_known_by_its_first():
    _, ids = mine("could not pay\n  at a.py:1", "could not pay\n  at b.py:2\n  at c.py:3", "\ncould not pay")
    assert len(set(ids)) == 1


def test_made_logs_are_grouped_well_with_one_setting():
    scores = []
    for service in SERVICES:
        lines = make_lines(service, 2_000, seed=7)
        _, ids = mine(*[line for line, _ in lines])
        scores.append(grouping(ids, [label for _, label in lines])[0])
    assert sum(scores) / len(scores) >= 0.65


def test_generalising_does_not_depend_on_the_order():
    lines = [tuple(f"job done of queue {name} has ended with code {code}".split()) for name in "ab" for code in "xy"]
    texts = set()
    for order in (lines, lines[::-1]):
        miner = Clusters("", 10)
        for tokens in order:
            cluster, _ = miner.put(tokens)
        texts.add(cluster.text)
    assert len(texts) == 1


@pytest.mark.parametrize("text", ["", "xyz", "1" * 17, "-1", " 1", "٣"])
def test_a_text_that_is_no_id_is_told_so(text):
    with pytest.raises(ValueError, match="16 hexadecimal digits"):
        read_id(text)


def test_an_id_beyond_63_bits_matches_nothing():
    assert read_id("f" * 16) == 0
