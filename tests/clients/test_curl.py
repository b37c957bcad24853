"""curl, as the first thing that people try: one object, an array, lines, gzip, and each refusal in words."""

import gzip
import json
import os
import shutil
import subprocess
import time

import pytest

pytestmark = [
    pytest.mark.flow,
    pytest.mark.xdist_group("product"),
    pytest.mark.skipif(not (shutil.which("curl") or os.environ.get("CI")), reason="curl is not installed"),
]
JSON = ("-H", "content-type: application/json")


def curl(site, body, *words, key=None, path="/api/v1/logs"):
    """(status, body) of a POST."""
    command = [
        "curl", "-sS", "-m", "20", "-X", "POST", f"{site.url}{path}", "--data-binary", "@-",
        "-H", f"Authorization: Bearer {key or site.key}", "-w", "\n%{http_code}", *words,
    ]  # fmt: skip
    done = subprocess.run(command, input=body.encode() if isinstance(body, str) else body, capture_output=True)
    assert done.returncode == 0, done.stderr
    text, _, status = done.stdout.decode().rpartition("\n")
    return int(status), json.loads(text)


def bodies(site, word):
    return sorted(record["body"] for record in site.search(word))


@pytest.mark.parametrize(
    ("word", "body", "words", "expected"),
    [
        ("poplar", '{"message": "poplar one", "level": "error", "service": "shop"}', JSON, ["poplar one"]),
        ("linden", '[{"message": "linden one"}, {"message": "linden two"}]', JSON, ["linden one", "linden two"]),
        (
            "willow", '{"message": "willow one"}\n{"message": "willow two"}\n',
            ("-H", "content-type: application/x-ndjson"), ["willow one", "willow two"],
        ),
        ("acacia", '{"message": "acacia one"}', ("-H", "content-type:"), ["acacia one"]),
        (
            "laurel", gzip.compress(b'{"message": "laurel one"}\n{"message": "laurel two"}\n'),
            ("-H", "content-type: application/x-ndjson", "-H", "content-encoding: gzip"), ["laurel one", "laurel two"],
        ),
        ("cherry", '{"message": "cherry one"}', (*JSON, "-H", "transfer-encoding: chunked"), ["cherry one"]),
    ],
    ids=["object", "array", "lines", "no-type", "gzip", "chunked"],
)  # fmt: skip
def test_what_curl_sends_is_found_at_once(site, word, body, words, expected):
    status, answer = curl(site, body, *words)
    sent = time.monotonic()
    assert (status, answer) == (200, {"accepted": len(expected), "rejected": 0, "errors": []})
    assert bodies(site, word) == expected
    page = site.page("logs/", q=word)
    assert time.monotonic() - sent < 2
    for text in expected:
        assert text in page


def test_curl_s_own_type_for_forms_is_refused_with_the_right_ones_named(site):
    status, answer = curl(site, '{"message": "aspen"}')
    assert status == 415
    assert "application/json" in answer["error"]["message"]


def test_a_large_file_is_taken_although_curl_asks_before_it_sends(site):
    lines = "\n".join(json.dumps({"message": f"juniper {number}", "filler": "x" * 2000}) for number in range(1500))
    status, answer = curl(site, lines, "-H", "content-type: application/x-ndjson", "-H", "expect: 100-continue")
    assert (status, answer["accepted"]) == (200, 1500)
    assert len(site.search("juniper")) == 100  # a page of them


def test_a_wrong_key_and_a_broken_body_are_refused_in_words(site):
    status, answer = curl(site, "{}", *JSON, key="dk_wrong")
    assert status == 401
    assert "ingest key" in answer["error"]["message"]
    status, answer = curl(site, '{"message": ', *JSON)
    assert status == 400
    assert "JSON" in answer["error"]["message"]


def test_otlp_in_json_is_taken_from_curl(site):
    record = {"body": {"stringValue": "alder one"}, "severityNumber": 17}
    body = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})
    assert curl(site, body, *JSON, path="/v1/logs") == (200, {})
    assert bodies(site, "alder") == ["alder one"]
