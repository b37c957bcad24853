"""Errors in a real browser: from the list to one of them, resolved, and back when it comes again."""

import time

import pytest

from tests.browser.test_walk import send

pytestmark = pytest.mark.xdist_group("product")
SERVICE = "errors-walk"


def fail(product, *words):
    send(product, *({"level": "error", "service": SERVICE, "message": text, "release": "1.0"} for text in words))


def wait_for_errors(page, number, state="open"):
    """The digest takes a moment."""
    deadline = time.monotonic() + 30
    while True:
        page.goto(f"/e/shop/errors/?service={SERVICE}&state={state}")
        if page.locator("main [data-row]").count() == number:
            return
        assert time.monotonic() < deadline, f"there are not {number} errors"
        time.sleep(0.5)


def test_errors_are_ticked_resolved_and_come_back(signed_in, product):
    page = signed_in
    fail(product, "the till is stuck", "the drawer is open")
    wait_for_errors(page, 2)
    page.check("text=All on this page")
    assert page.locator("input[name=error]:checked").count() == 2
    page.click("button:text-is('Resolve')")
    page.wait_for_selector("text=2 errors were resolved.")
    wait_for_errors(page, 0)
    time.sleep(1)
    fail(product, "the till is stuck")
    wait_for_errors(page, 1, "regression")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('the till is stuck')")
    assert "1 of 2" in page.inner_text("#record")
    page.click("#record >> text=Older")
    page.wait_for_selector("#record >> text=2 of 2")
    page.click("summary:has-text('Ignore')")
    page.click("text=for 1 week")
    page.wait_for_selector(".state-ignored")
    page.click("text=Open again")
    page.wait_for_selector(".state-regression")
    page.set_viewport_size({"width": 390, "height": 844})
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 1
