"""Replay in a real browser: it plays, skips what is quiet, goes from error to error, and fetches what comes next."""

import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.browser.arriving import open_when_there

pytestmark = pytest.mark.xdist_group("product")

BEGAN = datetime.now(UTC) - timedelta(minutes=30)
NOW_ROW = "#steps .row.is-now"


def send(product, session_id, *steps):
    """Records of one session at seconds since it began, through the real ingest."""
    records = [
        {
            "timestamp": (BEGAN + timedelta(seconds=seconds)).isoformat(), "level": level, "service": "film",
            "message": message, "session_id": session_id, "sequence": number,
        }
        for number, (seconds, level, message) in enumerate(steps)
    ]  # fmt: skip
    key = product.provisioned["shop"]["ingest_key"]
    answer = httpx.post(f"{product.url}/api/v1/logs", json=records, headers={"Authorization": f"Bearer {key}"})
    assert answer.json()["rejected"] == 0, answer.text


def open_session(page, session_id):
    open_when_there(page, f"/e/shop/sessions/{session_id}/")
    page.wait_for_selector("#player-transport:not([hidden])")


@pytest.fixture
def film(signed_in, product, request):
    """A session with a quiet time of ten minutes, and two errors."""
    session_id = f"film-{request.node.name.split('@')[0][-20:]}"
    send(
        product, session_id, (0, "info", "it begins"), (0.4, "info", "a page is opened"), (1.2, "error", "the first fails"),
        (600, "info", "back after ten minutes"), (601, "error", "the second fails <b>badly</b>"),
    )  # fmt: skip
    open_session(signed_in, session_id)
    return signed_in


def wait_past(page, milliseconds):
    """Until the film is beyond this moment."""
    deadline = time.monotonic() + 15
    while int(page.input_value("#player-scrub")) <= milliseconds:
        assert time.monotonic() < deadline, "the film stands still"
        time.sleep(0.05)


def wait_for_now(page, words):
    page.wait_for_selector(f"{NOW_ROW} >> text={words}")


def test_it_plays_to_the_end_and_skips_what_is_quiet(film):
    wait_for_now(film, "it begins")
    began = time.monotonic()
    film.keyboard.press("Space")
    assert "Pause" in film.inner_text("[data-act=play]")
    wait_for_now(film, "the first fails")
    assert film.locator("#steps .row.is-ahead").count() == 2
    film.wait_for_selector("#player-note >> text=Skipped")
    wait_for_now(film, "the second fails")
    film.wait_for_selector("#player-note >> text=The end")
    assert time.monotonic() - began < 12
    assert film.locator("#steps .row.is-ahead").count() == 0
    assert "Play" in film.inner_text("[data-act=play]")


def test_it_stops_where_it_is_and_the_address_says_so(film):
    film.uncheck("#player-quiet")
    film.select_option("#player-speed", "60")
    film.click("[data-act=play]")
    wait_past(film, 30_000)
    film.click("[data-act=play]")
    stopped = int(film.input_value("#player-scrub"))
    assert f"t={stopped}" in film.url
    time.sleep(0.3)
    assert int(film.input_value("#player-scrub")) == stopped
    film.reload()
    film.wait_for_selector("#player-transport:not([hidden])")
    assert int(film.input_value("#player-scrub")) == stopped
    wait_for_now(film, "the first fails")


def test_keys_go_from_error_to_error_and_a_mark_to_its_line(film):
    film.keyboard.press("e")
    wait_for_now(film, "the first fails")
    film.keyboard.press("e")
    wait_for_now(film, "the second fails <b>badly</b>")
    film.keyboard.press("e")
    film.wait_for_selector("#player-note >> text=No later error")
    film.keyboard.press("Shift+E")
    wait_for_now(film, "the first fails")
    film.locator(".lanes [data-seek='600000']").dispatch_event("click")
    wait_for_now(film, "back after ten minutes")
    film.keyboard.press("e")
    film.click("[data-act=lead]")
    wait_for_now(film, "the first fails")
    assert int(film.input_value("#player-scrub")) >= 571_000


def test_who_comes_for_a_moment_is_offered_what_led_to_it(film):
    """An incident leads to the end of a session: playing from there would say 'The end.'"""
    film.goto(f"{film.url.split('?')[0]}?t=601000")
    film.wait_for_selector("[data-act=lead].primary:not([hidden])")
    assert "primary" not in film.get_attribute("[data-act=play]", "class")
    film.uncheck("#player-quiet")
    film.click("[data-act=play]")
    wait_past(film, 571_000)
    assert int(film.input_value("#player-scrub")) < 590_000
    assert "primary" in film.get_attribute("[data-act=play]", "class")


def test_a_long_session_is_fetched_part_by_part(signed_in, product):
    send(product, "film-2", *((number / 10, "info", f"line {number} of many") for number in range(900)))
    open_session(signed_in, "film-2")
    assert signed_in.locator("#steps .row").count() == 300
    signed_in.locator("#player-scrub").fill("29000")
    signed_in.select_option("#player-speed", "4")
    signed_in.click("[data-act=play]")
    wait_past(signed_in, 32_000)
    signed_in.click("[data-act=play]")
    signed_in.wait_for_selector("#steps .row.is-now:not(:first-child)")
    assert signed_in.locator("#steps >> text='line 0 of many'").count() == 0
    signed_in.locator("#player-scrub").fill("85000")
    signed_in.locator("#player-scrub").dispatch_event("change")
    wait_for_now(signed_in, "line 850")
    signed_in.locator("#player-scrub").fill("0")
    signed_in.locator("#player-scrub").dispatch_event("change")
    wait_for_now(signed_in, "line 0")
