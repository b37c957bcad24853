"""The way of somebody on call: sign in, see a record arrive, open the incident, acknowledge it, open the session."""

import re
import time

import httpx
import pytest

from tests.browser.arriving import open_when_there

pytestmark = pytest.mark.xdist_group("product")


def send(product, *records):
    """Through the real ingest."""
    key = product.provisioned["shop"]["ingest_key"]
    answer = httpx.post(f"{product.url}/api/v1/logs", json=list(records), headers={"Authorization": f"Bearer {key}"})
    assert answer.json()["rejected"] == 0, answer.text


def failure(number, **fields):
    return {
        "level": "error", "service": "checkout", "message": f"payment {number} failed", "session_id": f"session-{number % 3}",
        "http.request.method": "POST", "http.route": "/pay", "http.response.status_code": 500, "duration_ms": 20, **fields,
    }  # fmt: skip


def address_of_incident(page, service):
    """The overview names the worst of all: other tests' records may have opened that one."""
    deadline = time.monotonic() + 30
    found = page.locator("main a[data-row]")
    while True:
        page.goto(f"/e/shop/incidents/?service={service}")
        if found.count():
            return found.first.get_attribute("href")
        assert time.monotonic() < deadline, f"no incident of {service}"
        time.sleep(0.5)


def look_at_menus(page):
    """One is open at a time, Escape closes it, and Enter in the reason silences nobody."""
    opened = page.locator("details.menu-of[open]")
    page.click("summary:has-text('Snooze')")
    page.click("summary:has-text('Silence')")
    assert opened.count() == 1
    address = page.url
    page.fill("input[name=reason]", "deploy")
    page.press("input[name=reason]", "Enter")
    page.keyboard.press("Escape")
    assert opened.count() == 0
    assert page.evaluate("document.activeElement.textContent") == "Silence"
    assert page.url == address


def test_from_a_live_record_to_the_session_behind_an_incident(signed_in, product):
    page = signed_in
    page.goto("/")
    page.click("nav >> text=Live")
    page.wait_for_selector("#live-state:has-text('Live')")
    send(product, {"level": "warn", "service": "cart", "message": "a record that comes <b>live</b>"})
    page.wait_for_selector("#live-rows >> text=a record that comes <b>live</b>")

    for number in range(30):
        send(product, failure(number))
    page.goto("/e/shop/")
    page.wait_for_selector("text=open incident", timeout=30_000)
    page.goto(address_of_incident(page, "checkout"))
    page.wait_for_selector("h1:has-text('checkout')")
    page.wait_for_selector("text=Inbox")
    page.keyboard.press("a")
    page.wait_for_selector(".state-acknowledged")
    assert "is on it" in page.inner_text("main")
    look_at_menus(page)

    page.click("main [data-row] >> nth=0")
    page.wait_for_selector("#panel >> text=payment")
    page.click("#panel >> text='Session'")
    page.wait_for_selector("h1:has-text('session-')")
    assert page.locator(".timeline .row.is-here").count() == 1

    page.goto("/inbox/")
    page.wait_for_selector("text=checkout")
    page.click("text=Mark all as read")
    page.wait_for_selector(".tag:has-text('new')", state="detached")


def test_live_can_be_filtered_paused_and_taken_up_again(signed_in, product):
    page = signed_in
    page.goto("/e/shop/live/")
    page.wait_for_selector("#live-state:has-text('Live')")
    page.select_option("#live-level", "error")
    page.click("text=Apply")
    time.sleep(0.5)
    send(product, {"level": "info", "service": "quiet", "message": "too quiet to be shown"})
    send(product, {"level": "error", "service": "loud", "message": "loud enough"})
    page.wait_for_selector("#live-rows >> text=loud enough")
    assert page.locator("#live-rows >> text=too quiet").count() == 0
    page.click("#live-pause")
    send(product, {"level": "error", "service": "loud", "message": "while paused"})
    time.sleep(1.5)
    assert page.locator("#live-rows >> text=while paused").count() == 0
    page.click("#live-pause")
    page.wait_for_selector("#live-rows >> text=while paused")


def test_logs_are_searched_chosen_by_keys_and_shown_beside(signed_in, product):
    page = signed_in
    for number in range(3):
        send(
            product,
            {"level": "info", "service": "keys", "message": f"key record {number}", "user_id": "anna@example.com"},
        )
    page.goto("/e/shop/logs/")
    page.keyboard.press("/")
    page.keyboard.type("service:keys")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=key record 2")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector("#panel .body-text >> text=key record 1")
    page.keyboard.press("j")
    page.wait_for_selector("#panel .body-text >> text=key record 0")  # the panel shows the row that is marked
    page.wait_for_url("**record=*")
    assert page.locator(".page .record.is-chosen").inner_text().endswith("key record 0")
    page.reload()
    page.wait_for_selector("#panel .body-text >> text=key record 0")
    page.go_back()
    page.wait_for_function("!document.querySelector('#panel > *')")
    page.go_forward()
    page.wait_for_selector("#panel .body-text >> text=key record 0")
    assert "anna@example.com" not in page.content()
    page.keyboard.press("Escape")
    assert page.locator("#panel > *").count() == 0


def test_a_live_page_that_shows_nothing_says_so_and_a_batch_stands_in_the_order_of_time(signed_in, product):
    page = signed_in
    page.goto("/e/shop/live/")
    page.wait_for_selector("#live-state:has-text('Live')")
    page.fill("#live-filter input[name=q]", "service:ordered")
    page.click("text=Apply")
    page.wait_for_selector("#live-empty >> text=Nothing matches yet")
    now = time.time_ns()
    numbers = (2, 0, 1)
    send(product, *(failure(number, service="ordered", timestamp=str(now + number * 1000)) for number in numbers))
    page.wait_for_selector("#live-rows >> text=payment 0")
    assert page.locator("#live-empty").is_hidden()
    shown = page.locator("#live-rows .text").all_inner_texts()
    assert shown == ["payment 2 failed", "payment 1 failed", "payment 0 failed"]
    page.click("#live-clear")
    page.wait_for_selector("#live-empty >> text=Nothing since you cleared it")


def test_local_times_are_short_on_axes_and_name_their_zone_once(chromium, product, signed_in_state):
    context = chromium.new_context(base_url=product.url, storage_state=signed_in_state, timezone_id="Asia/Tokyo")
    page = context.new_page()
    send(product, {"level": "info", "service": "axes", "message": "something to count"})
    page.goto("/e/shop/logs/")
    page.click("button[name=zone]")
    page.wait_for_selector("html[data-zone=local]")
    for label in page.locator(".axis time").all_inner_texts():
        assert re.fullmatch(r"[0-2][0-9]:[0-5][0-9]", label)
    assert "Asia/Tokyo" in page.get_attribute("button[name=zone]", "title")
    context.close()


def test_on_a_phone_a_sessions_lanes_can_be_read(signed_in, product):
    """The drawing keeps its size and its box scrolls: the page does not."""
    page = signed_in
    send(product, failure(1, session_id="on-a-phone", service="phone"))
    page.set_viewport_size({"width": 390, "height": 844})
    open_when_there(page, "/e/shop/sessions/on-a-phone/")
    assert page.locator("svg.lanes").bounding_box()["width"] >= 720
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1


def test_finding_sessions_takes_one_row(signed_in):
    page = signed_in
    page.goto("/e/shop/sessions/")
    tops = {round(box["y"]) for part in page.locator("form.is-many > :is(input[type=search], button)").all()
            if (box := part.bounding_box())}  # fmt: skip
    assert len(tops) == 1


PAGES = ["/e/shop/", "/e/shop/access/", "/e/shop/logs/", "/e/shop/errors/", "/e/shop/live/", "/e/shop/sessions/", "/e/shop/snapshots/",
         "/e/shop/incidents/", "/e/shop/monitors/", "/inbox/", "/account/", "/admin/",
         "/admin/alerts/monitor/add/", "/admin/alerts/alertrule/", "/admin/alerts/target/add/", "/api/docs/"]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_each_page_fits_a_phone_and_breaks_no_policy(signed_in, address):
    page = signed_in
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(address)
    page.wait_for_timeout(300)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 1, f"{address} is {overflow} px too wide"


def test_dark_and_local_time_are_kept(signed_in):
    page = signed_in
    page.goto("/e/shop/logs/")
    page.click("button[name=theme]")
    page.wait_for_selector("html[data-theme]")
    page.click("button[name=zone]")
    page.wait_for_selector("html[data-zone=local]")
    page.goto("/e/shop/")
    assert page.get_attribute("html", "data-zone") == "local"


def test_pages_work_without_script(chromium, product, signed_in_state):
    context = chromium.new_context(java_script_enabled=False, base_url=product.url, storage_state=signed_in_state)
    page = context.new_page()
    send(product, {"level": "info", "service": "plain", "message": "read without script"})
    page.goto("/e/shop/logs/?service=plain")
    page.click("text=read without script")
    assert "plain" in page.inner_text("main")
    context.close()
