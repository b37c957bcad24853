"""What was sent is on its page a moment later, when the digest has run."""

import time

PATIENCE_S = 30


def open_when_there(page, address):
    """Asks beside the page, whose console would tell the 404 of each early look as an error of the test."""
    deadline = time.monotonic() + PATIENCE_S
    while (status := page.request.get(address).status) == 404:
        assert time.monotonic() < deadline, f"{address} did not appear"
        time.sleep(0.3)
    assert status == 200, f"{address} answered {status}"
    page.goto(address)
