"""Log files: what each format reads, and an import that can be taken up again."""

import gzip
import os
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from diagnostics.core import clock
from diagnostics.ingest.files.line_formats import LINE_FORMATS, detect
from diagnostics.models import LogRecord, RestrictedFields
from tests.factories import make_environment

NOW = datetime(2027, 1, 15, 12, 0, tzinfo=UTC)
LINES = [
    (
        "combined",
        '203.0.113.9 - anna [15/Jan/2027:10:00:00 +0100] "GET /pay/17?x=1 HTTP/1.1" 502 12 "https://a.example/" "curl/8" 0.250',
        {
            "timestamp": "2027-01-15T10:00:00+01:00", "severity_number": 17, "url.path": "/pay/17", "client.address": "203.0.113.9",
            "user_id": "anna", "http.response.status_code": 502, "duration_ms": 250.0, "user_agent.original": "curl/8",
        },
    ),
    ("combined", '::1 - - [15/Jan/2027:10:00:00 +0000] "-" 400 0', {"severity_number": 13, "message": "- 400"}),
    ("json", '{"level": "warn", "msg": "x"}', {"level": "warn", "msg": "x"}),
    (
        "syslog",
        '<27>1 2027-01-15T10:00:00.5Z web-1 nginx 17 - [a@1 b="c]"] upstream failed',
        {"service": "nginx", "host.name": "web-1", "severity_number": 17, "message": "upstream failed", "syslog.a.b": "c]"},
    ),
    (
        "syslog",
        r'<165>1 2027-01-15T10:00:00Z web-1 app - ID47 [ex@32473 iut="3" said="a \"b\" \\ c\]"][origin ip="x"] hello',
        {"syslog.msgid": "ID47", "syslog.ex.iut": "3", "syslog.ex.said": 'a "b" \\ c]', "syslog.origin.ip": "x", "message": "hello"},
    ),
    (
        "combined",
        '203.0.113.9 - - [15/Jan/2027:10:00:00 +0100] "GET /my files/a b.pdf?x=1 2 HTTP/1.1" 200 12 "-" "curl/8"',
        {"message": "GET /my files/a b.pdf?x=1 2 200", "url.path": "/my files/a b.pdf", "user_agent.original": "curl/8"},
    ),
    ("combined", '::1 - - [15/Jan/2027:10:00:00 +0000] "GET /a" 200 0', {"url.path": "/a", "http.request.method": "GET"}),
    (
        "syslog",
        "Jan  5 03:04:05 web-1 sshd[99]: refused",
        {"timestamp": "2027-01-05T03:04:05+00:00", "service": "sshd", "process.pid": "99", "message": "refused"},
    ),
    ("syslog", "Dec 31 23:59:59 web-1 cron: done", {"timestamp": "2026-12-31T23:59:59+00:00"}),
    (
        "python",
        "2027-01-15 10:00:00,123 ERROR shop.pay: broken",
        {"timestamp": "2027-01-15 10:00:00,123", "level": "ERROR", "logger": "shop.pay", "message": "broken"},
    ),
    ("python", "2027-01-15 10:00:00 - shop - WARNING - low", {"logger": "shop", "level": "WARNING", "message": "low"}),
    (
        "combined",
        'shop.example:443 198.51.100.7 - - [15/Jan/2027:10:00:00 +0000] "GET / HTTP/2.0" 304 0 "-" "curl \\"x\\"" rt=0.123 uct="0.001"',
        {"client.address": "198.51.100.7", "http.response.status_code": 304},
    ),
    (
        "syslog",
        "2027-01-15T10:00:00.123456+00:00 web-1 systemd[1]: Started shop.",
        {"timestamp": "2027-01-15T10:00:00.123456+00:00", "service": "systemd", "message": "Started shop."},
    ),
    (
        "python",
        "[2027-01-15 10:00:00 +0100] [17] [INFO] Starting gunicorn",
        {"timestamp": "2027-01-15 10:00:00+0100", "level": "INFO", "message": "Starting gunicorn"},
    ),
    ("python", "INFO:root:hello", {"level": "INFO", "logger": "root", "message": "hello"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "expected"), LINES)
def test_each_format_reads_its_own_lines(name, line, expected):
    fields = LINE_FORMATS[name](line, NOW)
    assert {key: fields[key] for key in expected} == expected
    assert detect([line], NOW) == name


@pytest.mark.parametrize("line", ["", "just words", "{", "<999999>1 x", '"' * 5000, "[" * 5000, "a" * 100_000])
def test_what_is_of_no_format_is_left_alone(line):
    assert detect([line], NOW) is None


def run(*arguments):
    output = StringIO()
    call_command("import_logs", *map(str, arguments), stdout=output)
    return output.getvalue()


def write_log(path, count, start=None):
    start = start or clock.now() - timedelta(hours=1)
    lines = [
        f"{start + timedelta(seconds=n):%Y-%m-%d %H:%M:%S} ERROR shop.pay: payment {n} of anna@example.com failed"
        for n in range(count)
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.django_db(transaction=True)
def test_an_import_is_clean_and_can_be_started_again(tmp_path):
    environment = make_environment()
    path = write_log(tmp_path / "shop.log", 2500)
    whole = path.read_bytes()
    path.write_bytes(b"".join(whole.splitlines(keepends=True)[:1300]))  # then it grows
    run(path, "--environment", environment.slug)
    path.write_bytes(whole)
    run(path, "--environment", environment.slug)
    said = run(path, "--environment", environment.slug)
    rows = LogRecord.objects.filter(environment_id=environment.pk)
    bodies = list(rows.values_list("body", flat=True))
    assert len(bodies) == 2500
    assert len(set(bodies)) == 2500
    assert "were there already" in said
    assert all("anna@example.com" not in body for body in bodies)
    assert set(rows.values_list("service_name", flat=True)) == {"shop"}


def bodies_of(environment):
    return list(LogRecord.objects.filter(environment_id=environment.pk).order_by("body").values_list("body", flat=True))


@pytest.mark.django_db(transaction=True)
def test_files_that_begin_alike_are_told_apart(tmp_path):
    environment = make_environment()
    stamp = f"{clock.now():%Y-%m-%d %H:%M:%S} INFO app:"
    banner = f"{stamp} {'=' * 400}\n"
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    one.write_text(f"{banner}{stamp} of one\n")
    two.write_text(f"{banner}{stamp} of two\n{stamp} of two as well\n")
    run(one, "--environment", environment.slug)
    assert "3 records stored" in run(two, "--environment", environment.slug)
    for path in (one, two):
        assert ", 0 records stored" in run(path, "--environment", environment.slug)
    assert bodies_of(environment)[-3:] == ["of one", "of two", "of two as well"]


@pytest.mark.django_db(transaction=True)
def test_a_short_file_that_grows_is_imported_once(tmp_path):
    environment = make_environment()
    stamp = f"{clock.now():%Y-%m-%d %H:%M:%S} INFO app:"
    path = tmp_path / "app.log"
    text = ""
    for number in range(9):
        text += f"{stamp} line {number}\n"
        path.write_text(text)
        said = run(path, "--environment", environment.slug)
        assert "1 records stored" in said
        assert f"{number} were there already" in said or not number
    assert bodies_of(environment) == [f"line {number}" for number in range(9)]


@pytest.mark.django_db(transaction=True)
def test_a_line_that_is_still_being_written_comes_with_the_next_import(tmp_path):
    environment = make_environment()
    stamp = f"{clock.now():%Y-%m-%d %H:%M:%S} INFO app:"
    path = tmp_path / "app.log"
    path.write_text(f"{stamp} whole\n{stamp} half")
    assert "1 left out: not complete yet" in run(path, "--environment", environment.slug)
    path.write_text(f"{stamp} whole\n{stamp} half and half\n{stamp} last")
    os.utime(path, (0, clock.now().timestamp() - 120))  # whoever wrote it has ended long ago
    assert "2 records stored, 1 were there already" in run(path, "--environment", environment.slug)
    assert bodies_of(environment) == ["half and half", "last", "whole"]


@pytest.mark.django_db(transaction=True)
def test_stack_traces_belong_to_their_record_and_strange_lines_are_told(tmp_path):
    environment = make_environment()
    path = tmp_path / "app.log.gz"
    moment = f"{clock.now():%Y-%m-%d %H:%M:%S}"
    text = f"{moment} ERROR app: boom\nTraceback (most recent call last):\n  File x\nnonsense here\n1971-01-01 00:00:00 INFO app: old\n"
    path.write_bytes(gzip.compress(text.encode()))
    said = run(path, "--environment", environment.slug, "--format", "python")
    (row,) = LogRecord.objects.filter(environment_id=environment.pk)
    assert row.body == "boom"  # what follows is no exception's line; the trace is among the restricted fields
    assert RestrictedFields.objects.filter(pk=row.pk).exists()
    assert "1 left out: not a line of this format (line 4)" in said
    assert "retention" in said


@pytest.mark.django_db(transaction=True)
def test_chained_tracebacks_keep_the_lines_that_say_what_was_raised(tmp_path):
    environment = make_environment()
    trace = (
        "Traceback (most recent call last):\n  File x\nshop.errors.Sold: out\n\nDuring handling of the above exception, another "
        "exception occurred:\n\nTraceback (most recent call last):\n  File y\nKeyError\n"
    )
    path = tmp_path / "app.log"
    path.write_text(f"{clock.now():%Y-%m-%d %H:%M:%S} ERROR app: boom\n{trace}")
    assert "left out" not in run(path, "--environment", environment.slug)
    (row,) = LogRecord.objects.filter(environment_id=environment.pk)
    assert "Sold: out" in row.body
    assert row.body.endswith("KeyError")
    assert "File" not in row.body
    assert row.error_type == "KeyError"


@pytest.mark.django_db(transaction=True)
def test_a_line_without_end_and_a_spoilt_file_are_told_and_the_rest_is_kept(tmp_path):
    environment = make_environment()
    moment = f"{clock.now():%Y-%m-%d %H:%M:%S}"
    text = f"{moment} INFO app: {'x' * 1_000_000}\n" + "".join(f"{moment} INFO app: {n}\n" for n in range(30_000))
    path = tmp_path / "app.log.gz"
    path.write_bytes(gzip.compress(text.encode())[:-50])
    said = run(path, "--environment", environment.slug)
    assert "1 left out: longer than 256 KiB: cut (line 1)" in said
    assert "cannot be unpacked any further" in said
    assert LogRecord.objects.filter(environment_id=environment.pk).count() > 10_000
    run(path, "--environment", environment.slug)


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_no_gzip_file_stops_no_other(tmp_path):
    environment = make_environment()
    (tmp_path / "a.gz").write_bytes(b"\x1f\x8b\x08 nothing of the kind")
    good = write_log(tmp_path / "b.log", 3)
    said = run(tmp_path / "a.gz", good, "--environment", environment.slug)
    assert "cannot be read" in said
    assert "3 records stored" in said


@pytest.mark.django_db
def test_it_names_what_is_wrong(tmp_path):
    with pytest.raises(CommandError, match="--environment"):
        run(tmp_path, "--environment", "nowhere")
    environment = make_environment()
    with pytest.raises(CommandError, match="no such file"):
        run(tmp_path / "x.log", "--environment", environment.slug)
