"""A passkey in a real browser: added, then signed in with, and no password typed. The browser plays the key."""

import pytest

pytestmark = pytest.mark.xdist_group("product")


@pytest.fixture
def page(chromium, product):
    """On `localhost`: a passkey is bound to a name, never to an address of numbers."""
    base = product.url.replace("127.0.0.1", "localhost")
    context = chromium.new_context(base_url=base)
    found = context.new_page()
    devtools = context.new_cdp_session(found)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    errors = []
    found.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield found
    context.close()
    assert errors == []


def test_add_a_passkey_then_sign_in_with_it(page, product):
    account = product.provision("passkeys")  # a second factor is nothing for whom others sign in as
    page.goto("/login/")
    page.fill("#id_login", account["user"])
    page.fill("#id_password", account["password"])
    page.click("button:has-text('Sign in') >> nth=0")
    page.wait_for_url("**/e/passkeys/")

    page.goto("/account/factors/keys/add/")
    page.fill("#id_name", "the browser's key")
    page.click("#passkey_add")
    page.wait_for_url("**/account/factors/codes/")
    page.goto("/account/factors/keys/")
    page.wait_for_selector("text=the browser's key")

    page.context.clear_cookies()
    page.goto("/login/?next=/account/")
    page.click("#passkey_login")
    page.wait_for_url("**/account/")
    page.wait_for_selector(f"h1:has-text('{account['user']}')")

    page.goto("/account/factors/keys/")
    page.click("text=Remove")
    page.click("text=Remove it")
    page.wait_for_url("**/account/factors/keys/")
