"""Headless Chromium for the tests of a module: Playwright keeps a loop running in the thread, which
other tests of the worker could not bear."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

CHROMIUMS = (
    "chromium", "chromium-browser", "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)  # fmt: skip


@pytest.fixture(scope="session")
def product(product):
    product.provision("shop")
    return product


@pytest.fixture(scope="module")
def chromium():
    path = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    assert path, "Chromium is missing: `make test` installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def signed_in_state(chromium, product):
    """The cookies of the environment's admin, after signing in once."""
    account = product.provisioned["shop"]
    context = chromium.new_context(base_url=product.url)
    page = context.new_page()
    page.goto("/login/")
    page.fill("#id_login", account["user"])
    page.fill("#id_password", account["password"])
    page.click("button:has-text('Sign in')")
    page.wait_for_url("**/e/shop/")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def signed_in(chromium, product, signed_in_state):
    """A signed-in page that fails its test for any error in the console: a broken policy, script or address."""
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, base_url=product.url, storage_state=signed_in_state
    )
    found = context.new_page()
    found.set_default_timeout(15_000)
    errors = []
    found.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    found.on("pageerror", lambda error: errors.append(str(error)))
    yield found
    context.close()
    assert errors == []
