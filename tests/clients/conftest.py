"""The server for real clients: what is acknowledged must be found at once."""

import time
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import pytest

from tests.product import Product

ENVIRONMENT = "clients"


@dataclass
class Site:
    """The server as a client and as a person see it."""

    product: Product
    key: str
    api: httpx.Client
    browser: httpx.Client

    @property
    def url(self):
        return self.product.url

    def search(self, query):
        """What the API finds."""
        answer = self.api.get("/api/v1/logs", params={"environment": ENVIRONMENT, "q": query})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    def find(self, wanted, **params):
        """What the API finds, as soon as there are `wanted`: a client may send after it has ended its work."""
        for _ in range(40):
            answer = self.api.get("/api/v1/logs", params={"environment": ENVIRONMENT, "range": "1h", **params})
            found = answer.json()["results"]
            if len(found) >= wanted:
                return found
            time.sleep(0.1)
        raise AssertionError(f"{len(found)} of {wanted} records after 4 s")

    def page(self, path, **params):
        """A page of the environment, as a person sees it who is signed in."""
        answer = self.browser.get(f"/e/{ENVIRONMENT}/{path}?{urlencode(params)}")
        assert answer.status_code == 200
        return answer.text


@pytest.fixture(scope="session")
def site(product):
    found = product.provision(ENVIRONMENT)
    token = {"Authorization": f"Bearer {found['api_token']}"}
    with (
        httpx.Client(base_url=product.url, headers=token, timeout=20) as api,
        httpx.Client(base_url=product.url, timeout=20, follow_redirects=True) as browser,
    ):
        sign_in(browser, found)
        made = Site(product, found["ingest_key"], api, browser)
        made.search("nothing")  # a server's first page takes longer than any later one
        made.page("logs/")
        yield made


def sign_in(browser, account):
    browser.get("/login/")
    form = {
        "login": account["user"],
        "password": account["password"],
        "csrfmiddlewaretoken": browser.cookies["csrftoken"],
    }
    answer = browser.post("/login/", data=form)
    assert answer.url.path != "/login/"
