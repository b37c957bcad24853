"""Every request of the tables, over a socket, against a web server of its own: the right class of answer each time, never a
5xx, no process lost, and a good request answered after each.
"""

from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from tests.hostile.asking import GOOD, ask, case, in_bytes
from tests.hostile.cases_body import BODIES
from tests.hostile.cases_request import BODY, HTTP, REQUESTS

pytestmark = pytest.mark.xdist_group("product")
CASES = [*BODIES, *REQUESTS]
GROUPS = 12  # tests that share the table: one for each case would be mostly overhead


@pytest.fixture(scope="module")
def server(product):
    return product, product.provision("hostile", kind="development")["ingest_key"]


@pytest.fixture(scope="module", autouse=True)
def dawdlers(server):
    """Who trickles and who falls silent; they take their time while the others ask."""
    product, key = server
    where = address(product)
    head = HTTP.replace(b"%KEY%", key.encode()).replace(b"%HOST%", where.encode())
    with ThreadPoolExecutor() as pool:
        trickling = pool.submit(ask, where, head + b"Content-Length: 150\r\n\r\n" + BODY, seconds=60)
        silent = pool.submit(ask, where, head[:40], seconds=60)
        yield trickling, silent


def address(product):
    return product.url.removeprefix("http://")


def test_the_table_is_not_small_and_its_names_differ():
    assert len(CASES) > 284
    assert len({one.name for one in CASES}) == len(CASES)


@pytest.mark.parametrize("group", range(GROUPS))
def test_hostile_requests_get_the_right_class_of_answer(server, group):
    product, key = server
    where = address(product)
    good = in_bytes(case("good", {200}, GOOD), key, where)
    before = psutil.Process(product.children["web"].process.pid).memory_info().rss
    wrong = []
    for one in CASES[group::GROUPS]:
        status, body, seconds = ask(where, in_bytes(one, key, where))
        if status not in one.allowed:
            wrong.append(f"{one.name}: {status} {body[:200]!r}")
        after, said, _ = ask(where, good)
        if after != 200 or b'"accepted":1' not in said:
            wrong.append(f"after {one.name}: {after} {said[:200]!r}")
        if seconds > 20:
            wrong.append(f"{one.name}: {seconds:.1f} s")
    assert wrong == []
    assert psutil.Process(product.children["web"].process.pid).memory_info().rss < before + 256 * 2**20


def test_whoever_trickles_or_falls_silent_holds_no_connection(dawdlers):
    trickling, silent = dawdlers
    status, said, seconds = trickling.result()
    assert (status, seconds < 30) == (408, True)
    assert b"send it faster" in said
    assert silent.result()[0] == 0
