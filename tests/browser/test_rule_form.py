"""A rule's form in a real browser: the sentence follows, what does not apply folds away, a new rule begins sensibly."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.xdist_group("product")


def test_the_form_folds_begins_and_tells(signed_in):
    page = signed_in
    page.goto("/admin/alerts/alertrule/add/")
    sentence = page.locator("[data-sentence]")
    expect(sentence).to_contain_text("unlike what it usually does")
    expect(page.locator("#id_query")).to_be_hidden()
    expect(page.locator("#id_minimum_sample")).to_be_hidden()
    page.select_option("#id_signal", "status_5xx")
    expect(page.locator("#id_threshold")).to_have_value("5%")
    expect(page.locator("#id_minimum_sample")).to_be_visible()
    expect(sentence).to_contain_text("at least 5% 5xx")
    page.fill("#id_threshold", "12%")
    expect(page.locator("#id_recover_threshold")).to_have_value("")  # what was offered belonged to 5%
    expect(sentence).to_contain_text("at least 12% 5xx")
    page.select_option("#id_signal", "latency_p95")  # the limit was typed by a person: it stays, and does not fit
    expect(page.locator("[data-problems]")).to_contain_text("Limit:")
    assert page.locator("#id_condition option[value=share]").is_disabled()
    page.fill("#id_threshold", "800 ms")
    expect(sentence).to_contain_text("p95 of at least 800 ms")
    expect(page.locator("[data-problems]")).to_be_hidden()


def test_it_is_as_wide_as_the_window_and_offers_targets_of_the_environment_alone(signed_in):
    page = signed_in
    page.goto("/admin/alerts/alertrule/add/")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("input[name=targets]").first
    box.check()
    own = box.get_attribute("data-environment")
    page.evaluate("""() => {
      const other = document.querySelector("#id_environment").appendChild(new Option("Other", "999999"));
      other.selected = true;
      other.parentElement.dispatchEvent(new Event("change", { bubbles: true }));
    }""")
    expect(box).to_be_hidden()
    assert not box.is_checked()
    page.select_option("#id_environment", own)
    expect(box).to_be_visible()


def test_limits_fit_the_condition_that_is_chosen_and_the_sentence_stays_in_sight(signed_in):
    page = signed_in
    page.goto("/admin/alerts/alertrule/add/?signal=errors")
    sentence = page.locator("[data-sentence]")
    page.select_option("#id_condition", "share")
    expect(page.locator("#id_threshold")).to_have_value("5%")
    expect(page.locator("#id_minimum_sample")).to_have_value("20")
    page.select_option("#id_condition", "threshold")
    expect(page.locator("#id_threshold")).to_have_value("10")
    expect(page.locator("#id_minimum_count")).to_have_value("1")
    expect(sentence).to_contain_text("at least 10 errors in 5 min.")
    page.locator("#id_cooldown_seconds").scroll_into_view_if_needed()
    expect(sentence).to_be_in_viewport()
    page.fill("#id_minimum_count", "15")
    expect(page.locator("[data-problems]")).to_contain_text("use 10 or less here, or a limit of 15")
