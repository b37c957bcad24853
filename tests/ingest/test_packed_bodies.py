"""Compressed bodies: whole or refused, and never at more than their size's cost."""

import gzip
import secrets
import time
import zlib

import brotli
import pytest
import zstandard

from diagnostics.core.errors import BadInput
from diagnostics.ingest.body import MEMBERS, decompress, decompress_head

PACK = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}
TEXT = b"all is well " * 50_000


@pytest.mark.parametrize("coding", PACK)
def test_a_body_is_whole_or_refused(coding):
    packed = PACK[coding](TEXT)
    assert decompress(packed, coding) == TEXT
    for spoilt in (b"", packed[:-1], packed[: len(packed) // 2], packed + b"junk", b"nothing of the kind"):
        with pytest.raises(BadInput, match=coding):
            decompress(spoilt, coding)


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_members_are_joined_but_many_empty_ones_are_not_worth_a_decoder_each(coding):
    one = PACK[coding](b"a")
    assert decompress(one * 3, coding) == b"aaa"
    assert len(decompress(one * MEMBERS, coding)) == MEMBERS
    started = time.process_time()
    with pytest.raises(BadInput, match="members"):
        decompress(PACK[coding](b"") * 700_000, coding)
    assert time.process_time() - started < 5  # it was minutes


def test_padding_behind_a_member_is_allowed():
    assert decompress(gzip.compress(b"a") + b"\0" * 3_000_000 + gzip.compress(b"b"), "gzip") == b"ab"


@pytest.mark.parametrize("coding", PACK)
def test_of_a_sender_without_a_key_only_the_beginning_is_unpacked(coding):
    noise = secrets.token_bytes(1_000_000)
    head = decompress_head(PACK[coding](noise), coding)
    assert 50_000 < len(head) < 500_000
    assert noise.startswith(head)
