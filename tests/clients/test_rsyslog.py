"""Debian's rsyslog with its Elasticsearch output, as a process of its own with a configuration of its own."""

import os
import shutil
import subprocess
import time
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("product")
HOW = "apt-get install rsyslog rsyslog-elasticsearch"

CONFIG = """
global(workDirectory="{folder}" processInternalMessages="on")
module(load="imfile" PollingInterval="1")
module(load="omelasticsearch")
template(name="record" type="string"
  string="{{\\"@timestamp\\":\\"%timereported:::date-rfc3339%\\",\\"message\\":\\"%msg:::json%\\",\\"level\\":\\"%syslogseverity-text%\\",\\"service\\":\\"rsyslog-shop\\"}}")
input(type="imfile" File="{folder}/app.log" Tag="app" Severity="error" Ruleset="send")
ruleset(name="send") {{
  action(type="omelasticsearch" server="http://{host}:{port}/elastic" searchIndex="logs" searchType="" bulkmode="on"
    usehttps="off" uid="anybody" pwd="{key}" template="record" errorFile="{folder}/errors.json"
    queue.type="LinkedList" action.resumeRetryCount="5" action.resumeInterval="1")
}}
"""


@pytest.fixture
def rsyslogd():
    path = shutil.which("rsyslogd") or shutil.which("rsyslogd", path="/usr/sbin")
    if not (path and list(Path("/usr/lib").glob("*/rsyslog/omelasticsearch.so"))):
        assert not os.environ.get("CI"), f"rsyslog is missing: {HOW}"
        pytest.skip(f"rsyslog is not installed: {HOW}")
    return path


def test_rsyslog_ships_a_file(rsyslogd, site, tmp_path):
    url = httpx.URL(site.url)
    config = tmp_path / "rsyslog.conf"
    config.write_text(CONFIG.format(folder=tmp_path, host=url.host, port=url.port, key=site.key))
    process = subprocess.Popen(
        [rsyslogd, "-n", "-f", str(config), "-i", str(tmp_path / "pid")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        log = tmp_path / "app.log"
        log.write_text('first line with "quotes" of jane@example.com\nsecond line\n')
        deadline = time.monotonic() + 30
        found = []
        while len(found) < 2 and time.monotonic() < deadline:
            time.sleep(0.5)
            found = site.find(0, service="rsyslog-shop")
        errors = tmp_path / "errors.json"
        assert len(found) == 2, errors.read_text() if errors.exists() else process.poll()
        assert {record["body"].strip() for record in found} == {'first line with "quotes" of [email]', "second line"}
        assert {record["severity"] for record in found} == {"error"}
    finally:
        process.terminate()
        said = process.communicate(timeout=20)[0]
    assert process.returncode == 0, said
