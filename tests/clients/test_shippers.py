"""Real clients, unchanged but for their address and key: Sentry's SDK, Loki's and Elasticsearch's, as processes of their own."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.xdist_group("product")


def run(program, site):
    """A program with the address and the key in its environment."""
    env = {"PATH": "/usr/bin:/bin", "URL": site.url, "HOST": site.url.removeprefix("http://"), "KEY": site.key}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


SENTRY = """
import logging, os, sentry_sdk
sentry_sdk.init(dsn=f"http://{os.environ['KEY']}@{os.environ['HOST']}/1", release="shop@3.1", traces_sample_rate=1.0, enable_logs=True)
sentry_sdk.set_tag("service", "sentry-shop")
sentry_sdk.set_tag("session_id", "sentry-session")
sentry_sdk.set_user({"id": "u-1", "email": "anna@example.com"})
with sentry_sdk.start_transaction(op="http.server", name="GET /basket"):
    with sentry_sdk.start_span(op="db.query", name="SELECT basket"):
        pass
    logging.getLogger("shop").warning("a breadcrumb before the crash")
    sentry_sdk.add_breadcrumb(category="ui.click", message="clicked pay")
    try:
        secret = "password=hunter2"
        raise ValueError("basket of anna@example.com is broken")
    except ValueError as error:
        sentry_sdk.capture_exception(error)
sentry_sdk.logger.warning("a log entry of the SDK")
with sentry_sdk.sessions.track_session(sentry_sdk.get_isolation_scope(), session_mode="request"):
    pass
sentry_sdk.get_client().session_flusher.flush()
assert sentry_sdk.flush(timeout=20) is None
"""


def test_sentry_sdk_errors_breadcrumbs_logs_and_transactions(site):
    run(SENTRY, site)
    (error,) = site.find(1, q="basket", error="ValueError")
    assert error["body"] == "ValueError: basket of [email] is broken"
    assert error["service_name"] == "sentry-shop"
    assert error["release"] == "shop@3.1"
    assert error["has_restricted"]
    led_to_it = site.find(3, session="sentry-session")
    assert {"clicked pay", "a breadcrumb before the crash"} <= {record["body"] for record in led_to_it}
    (entry,) = site.find(1, q='"a log entry of the SDK"')
    assert entry["severity"] == "warn"
    assert "anna@example.com" not in str(led_to_it) + str(error)
    assert "GET /basket" in site.page(f"traces/{error['trace_id']}/")
    (sums,) = site.find(1, q='"sessions: 1 exited"')
    assert sums["release"] == "shop@3.1"


LOKI = """
import logging, logging_loki, os
handler = logging_loki.LokiHandler(
    url=os.environ["URL"] + "/loki/api/v1/push", tags={"app": "loki-shop"}, auth=("anybody", os.environ["KEY"]), version="VERSION"
)
handler.handleError = lambda record: (_ for _ in ()).throw(SystemExit("not taken"))
logger = logging.getLogger("loki")
logger.addHandler(handler)
logger.error("from python-logging-loki VERSION")
"""


@pytest.mark.parametrize("version", ["0", "1"])
def test_python_logging_loki_in_both_shapes(site, version):
    run(LOKI.replace("VERSION", version), site)
    (record,) = site.find(1, q=f'"from python-logging-loki {version}"')
    assert record["service_name"] == "loki-shop"
    assert record["severity"] == "error"


ELASTIC = """
import os
from elasticsearch import ApiError, Elasticsearch
from elasticsearch.helpers import bulk
client = Elasticsearch(os.environ["URL"] + "/elastic", basic_auth=("anybody", os.environ["KEY"]))
assert client.info()["version"]["number"]
documents = [{"_op_type": "create", "_index": "logs", "message": f"document {n} of elastic", "service": {"name": "elastic-shop"}} for n in range(50)]
done, errors = bulk(client, documents)
assert (done, errors) == (50, []), (done, errors)
alone = {"message": "alone", "service": {"name": "elastic-alone"}}
assert client.index(index="logs", document=alone)["result"] == "created"
assert client.index(index="logs", id="1", document=alone)["_id"] == "1"
assert client.create(index="logs", id="2", document=alone)["_shards"]["failed"] == 0
for ask in (lambda: client.search(index="logs"), lambda: client.delete(index="logs", id="1"), lambda: client.get(index="logs", id="1")):
    try:
        ask()
    except ApiError as error:
        assert error.status_code in (400, 405), error
    else:
        raise SystemExit("not refused")
"""


def test_elasticsearch_client_greets_and_sends(site):
    run(ELASTIC, site)
    site.find(3, service="elastic-alone")
    found = site.find(50, service="elastic-shop", limit=100)
    assert len({record["body"] for record in found}) == 50
