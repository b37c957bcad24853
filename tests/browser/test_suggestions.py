"""Suggestions in a real browser: a week of sums, a look by the real worker, one click, and the rule is there."""

import re

from playwright.sync_api import expect

PLANT = "from tests.alerts.suggestions.weeks import plant_noisy_week; plant_noisy_week('weekly')"


def test_a_week_is_looked_at_and_one_click_makes_the_rule(product, signed_in):
    page = signed_in
    person = product.provisioned["shop"]["user"]
    product.manage("provision", "weekly", "--user", person, "--role", "environment-admin")  # nobody else sends to it
    page.goto("/e/weekly/suggestions/")
    expect(page.locator(".empty")).to_contain_text("a week after the first record")
    product.manage("shell", "-v", "0", "-c", PLANT)
    page.reload()
    page.click("button:has-text('Look now')")
    expect(page.locator(".notice")).to_contain_text("takes some minutes")
    card = page.locator(".suggestion", has_text="p95 of report")
    for _ in range(60):
        if card.count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(card).to_contain_text("Slow responses would have opened 7 incidents about report in 7 days")
    count = page.locator(".nav a", has_text="Suggestions").locator(".count")
    before = int(count.inner_text())
    card.locator("button", has_text="Make this rule").click()
    expect(page.locator(".notice")).to_contain_text("p95 of report: Fires when report has a p95 of at least")
    expect(page.locator(".table").last).to_contain_text("Accepted")
    assert before - int(count.inner_text() if count.count() else 0) >= 1
    page.locator(".table a", has_text=re.compile("^p95 of report$")).click()
    expect(page.locator("[data-sentence]")).to_contain_text("Fires when report")
