"""Choosing a time and saving a view in a real browser: in the person's own zone, by dragging, from the live stream."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.test_walk import send

pytestmark = pytest.mark.xdist_group("product")


def params_of(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def test_moments_are_typed_in_the_zone_that_was_chosen_and_sent_in_utc(chromium, product, signed_in_state):
    context = chromium.new_context(base_url=product.url, storage_state=signed_in_state, timezone_id="Asia/Tokyo")
    context.add_cookies([{"name": "zone", "value": "local", "url": product.url}])
    page = context.new_page()
    page.goto("/e/shop/logs/?since=2026-03-04T12:00:00Z&until=2026-03-04T13:00:00Z&service=shop")
    page.click("details.times summary")
    assert page.input_value("details.times input[name=since]") == "2026-03-04T21:00"
    assert page.locator("details.times [data-zone-name]").all_inner_texts() == ["Asia/Tokyo", "Asia/Tokyo"]
    page.fill("details.times input[name=since]", "2026-03-04T20:30:00")
    page.click("text=Show this time")
    page.wait_for_url("**since=2026-03-04T11*")
    assert params_of(page) == {
        "service": "shop", "since": "2026-03-04T11:30:00.000Z", "until": "2026-03-04T13:00:00.000Z"
    }  # fmt: skip
    assert re.match(r"‹ earlier.*20:30.*to.*22:00.*later ›", page.inner_text(".time-ways").replace("\n", " "))
    context.close()


def test_dragging_over_bars_chooses_their_time_and_a_click_that_of_one(signed_in, product):
    page = signed_in
    send(product, {"level": "info", "service": "dragged", "message": "something to count"})
    page.goto("/e/shop/logs/?since=2026-03-04T12:00:00Z&until=2026-03-04T13:00:00Z&q=x")
    box = page.locator(".chart svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.26, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.49, box["y"] + 40, steps=4)
    page.mouse.up()
    page.wait_for_url("**since=2026-03-04T12%3A15*")
    found = params_of(page)
    assert (found["since"][:16], found["until"][:16], found["q"]) == ("2026-03-04T12:15", "2026-03-04T12:30", "x")
    page.locator(".chart a").first.click(force=True)
    page.wait_for_url("**until=2026-03-04T12%3A16*")


def test_the_filter_of_the_stream_is_saved_as_it_is_applied_and_comes_back(signed_in, product):
    page = signed_in
    page.goto("/e/shop/live/")
    page.wait_for_selector("#live-state:has-text('Live')")
    page.fill("#live-filter input[name=q]", "service:saved-stream user:anna@example.org")
    page.click("text=Apply")
    page.click("details.views summary")
    page.fill("details.views input[name=name]", "One stream")
    page.click("text=Save this view >> nth=-1")
    page.wait_for_selector("#live-state:has-text('Live')")
    assert "anna" not in page.url
    assert re.fullmatch(r"service:saved-stream user:[0-9a-f]{32}", params_of(page)["q"])
    send(product, {"service": "saved-stream", "message": "hers", "user.id": "anna@example.org"})
    page.wait_for_selector("#live-rows >> text=hers")
    page.click("details.views summary")
    assert page.locator("details.views a[aria-current=true]").inner_text() == "One stream"
    page.keyboard.press("Escape")
    assert page.locator("details.views[open]").count() == 0


@pytest.mark.parametrize(
    "address", ["/e/shop/traces/", "/e/shop/views/", "/e/shop/logs/?since=2026-03-04&until=2026-03-05"]
)
@pytest.mark.parametrize("width", [390, 1280])
def test_pages_and_their_menus_fit(signed_in, address, width):
    page = signed_in
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address)
    for menu in page.locator("details.menu-of summary").all():
        menu.click()
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 1, f"{address} is {overflow} px too wide"
