"""The shop: visitors with sessions, what they do, and which services that takes."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from opentelemetry.trace import SpanKind

from project.demo.telemetry import Call, Providers, Telemetry, begin
from project.demo.trouble import NONE, OLD_FAULT, Trouble

AGENTS: Final = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 "
    "Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
)
NAMES: Final = (
    "anna",
    "ben",
    "chen",
    "dina",
    "emre",
    "farah",
    "goran",
    "hana",
    "ivan",
    "jo",
    "kofi",
    "lena",
    "mia",
    "noor",
)
THINGS: Final = ("kettle", "teapot", "mug", "grinder", "scale", "filter", "lamp", "apron")
STORE, CATALOGUE, CART, CHECKOUT, PAYMENTS, MAILER = "storefront", "catalogue", "cart", "checkout", "payments", "mailer"


class OutOfStock(Exception):
    """The shop's own errors: they are raised for real, so that they carry a real stack trace."""


class PriceMissing(Exception):
    """What the bad release does."""


class GiftCardCrash(Exception):
    """What crashes checkout."""


@dataclass
class Visitor:
    """Somebody with a session and a plan."""

    dice: random.Random
    session_id: str
    user_id: str
    agent: str
    address: str
    plan: list[str]
    next_at: float = 0.0
    order: str = ""  # once something is in the cart
    is_placed: bool = False

    @property
    def shared(self) -> dict[str, Any]:
        """Attributes that each span and record of the visit carries."""
        known = {"user.id": self.user_id, "order.id": self.order}
        return {"session.id": self.session_id, **{name: value for name, value in known.items() if value}}


# What a journey is called here, and what ends one well.
ORDER: Final = "order.id"
PLACED: Final = "order.placed"
LEFT_AFTER_MINUTES: Final = 5

PLANS: Final = {
    "purchase": ["home", "search", "product", "cart", "login", "product", "cart", "checkout"],
    "quick-purchase": ["product", "cart", "checkout"],
    "browse": ["home", "search", "product", "product", "search", "product"],
    "account": ["home", "login", "orders", "orders"],
    "put-off": ["home", "product", "cart", "product"],
}
WEIGHTS: Final = (4, 4, 5, 2, 3)
COME_BACK: Final = ["login", "cart", "checkout"]


def new_visitor(dice: random.Random, now: float) -> Visitor:
    """A made-up person; the addresses are reserved for documentation."""
    plan = dice.choices(list(PLANS), weights=WEIGHTS)[0]
    name = dice.choice(NAMES)
    network = dice.choice(("192.0.2", "198.51.100", "203.0.113"))
    return Visitor(
        dice,
        session_id=f"{dice.getrandbits(64):016x}",
        user_id=f"{name}@example.com" if dice.random() < 0.7 else "",
        agent=dice.choice(AGENTS),
        address=f"{network}.{dice.randrange(1, 255)}",
        plan=list(PLANS[plan]),
        next_at=now,
    )


def come_back(visitor: Visitor) -> Visitor:
    """Somebody who goes on with their order a while later, in another session and often on another device."""
    dice = visitor.dice
    return replace(
        visitor,
        session_id=f"{dice.getrandbits(64):016x}",
        agent=dice.choice(AGENTS),
        plan=list(COME_BACK),
        next_at=visitor.next_at + dice.uniform(15, 60),
    )


@dataclass
class Shop:
    """Sends what its visitors cause. `release` is checkout's."""

    telemetry: Telemetry
    dice: random.Random
    release: str = "2.4.0"
    trouble: Trouble = NONE
    visitors: list[Visitor] = field(default_factory=list)

    def providers(self, service: str) -> Providers:
        """Of a service in its present release."""
        return self.telemetry.of(service, self.release if service == CHECKOUT else "1.9.2")

    def step(self, now: float, visitors_wanted: int) -> int:
        """Let everybody act whose time has come; returns how many requests that were."""
        while len(self.visitors) < visitors_wanted:
            self.visitors.append(new_visitor(self.dice, now + self.dice.uniform(0, 4)))
        requests = 0
        for visitor in self.visitors:
            if visitor.next_at <= now and visitor.plan:
                ACTIONS[visitor.plan.pop(0)](self, visitor, int(visitor.next_at * 1e9))
                visitor.next_at += self.dice.uniform(1.5, 5.5)
                requests += 1
        for visitor in [visitor for visitor in self.visitors if not visitor.plan and visitor.order]:
            if visitor.user_id and not visitor.is_placed and self.dice.random() < 0.5:
                self.visitors.append(come_back(visitor))
        self.visitors = [visitor for visitor in self.visitors if visitor.plan]
        return requests

    def request(self, visitor: Visitor, method: str, route: str, path: str, start_ns: int) -> Call:
        """The storefront gets a request."""
        attributes = {
            "http.request.method": method,
            "http.route": route,
            "url.path": path,
            "client.address": visitor.address,
            "user_agent.original": visitor.agent,
            "request.id": f"{self.dice.getrandbits(48):012x}",
        }
        call = begin(self.providers(STORE), f"{method} {route}", SpanKind.SERVER, start_ns, attributes, visitor.shared)
        call.request = {"http.request.method": method, "http.route": route, "request.id": attributes["request.id"]}
        call.spend(self.dice.uniform(2, 9))
        return call

    def ask(self, parent: Call, service: str, method: str, route: str) -> Call:
        """One service asks another."""
        attributes = {"http.request.method": method, "http.route": route}
        call = parent.child(self.providers(service), f"{method} {route}", SpanKind.SERVER, attributes)
        call.spend(self.dice.uniform(1, 6))
        return call

    def query(self, parent: Call, statement: str) -> None:
        """A database call; slow when the database is."""
        slow = self.trouble.name == "slow database"
        took = self.dice.uniform(1900, 4200) if slow else self.dice.lognormvariate(2.2, 0.6)
        call = parent.child(
            parent.providers, statement.split(" WHERE")[0], SpanKind.CLIENT, {"db.system.name": "postgresql"}
        )
        call.spend(took)
        call.end(parent)
        if took > 1500:
            parent.log("warn", f"slow query: {statement} took {took:,.0f} ms", duration_ms=round(took, 1))

    def finish(self, call: Call, visitor: Visitor, what: str, status: int = 200) -> None:
        """The storefront answers and says so."""
        call.spend(self.dice.uniform(1, 5))
        level = "error" if status >= 500 else "warn" if status >= 400 else "info"
        took = (call.now_ns - call.start_ns) / 1e6
        seen: dict[str, Any] = {
            **call.request,
            "client.address": visitor.address,
            "user_agent.original": visitor.agent,
            "duration_ms": round(took, 1),
            "http.response.status_code": status,
        }
        call.log(level, f"{what}, answered {status}", None, **seen)
        call.end(status=status, failed=status >= 500)


Action = Callable[[Shop, Visitor, int], None]


def show_home(shop: Shop, visitor: Visitor, at: int) -> None:
    """GET /"""
    call = shop.request(visitor, "GET", "/", "/", at)
    inner = shop.ask(call, CATALOGUE, "GET", "/featured")
    shop.query(inner, "SELECT * FROM product WHERE featured")
    inner.end(call, status=200)
    shop.finish(call, visitor, "home page")


def search(shop: Shop, visitor: Visitor, at: int) -> None:
    """GET /search"""
    thing = shop.dice.choice(THINGS)
    call = shop.request(visitor, "GET", "/search", "/search", at)
    inner = shop.ask(call, CATALOGUE, "GET", "/products")
    shop.query(inner, f"SELECT * FROM product WHERE name LIKE '{thing}%'")  # noqa: S608  never run
    inner.log("debug", f"search for {thing} found {shop.dice.randrange(3, 40)} products")
    inner.end(call, status=200)
    shop.finish(call, visitor, f"search for {thing}")


def show_product(shop: Shop, visitor: Visitor, at: int) -> None:
    """GET /products/{id}"""
    number = shop.dice.randrange(100, 180)
    call = shop.request(visitor, "GET", "/products/{id}", f"/products/{number}", at)
    inner = shop.ask(call, CATALOGUE, "GET", "/products/{id}")
    shop.query(inner, "SELECT * FROM product WHERE id = $1")
    missing = shop.dice.random() < 0.02
    inner.end(call, status=404 if missing else 200)
    shop.finish(call, visitor, f"product {number}", 404 if missing else 200)


def fill_cart(shop: Shop, visitor: Visitor, at: int) -> None:
    """POST /cart"""
    visitor.order = visitor.order or f"A-{shop.dice.randrange(100_000, 1_000_000)}"
    call = shop.request(visitor, "POST", "/cart", "/cart", at)
    inner = shop.ask(call, CART, "POST", "/items")
    inner.spend(shop.dice.uniform(3, 20))
    if shop.dice.random() < 0.03:
        raised = caught(lambda: take_from_stock(0))
        inner.log("warn", "item is out of stock, offering another", raised)
    inner.end(call, status=201)
    shop.finish(call, visitor, f"{shop.dice.choice(THINGS)} put into the cart", 201)


def log_in(shop: Shop, visitor: Visitor, at: int) -> None:
    """POST /login"""
    call = shop.request(visitor, "POST", "/login", "/login", at)
    call.spend(shop.dice.uniform(60, 140))
    if shop.dice.random() < 0.08:
        # Careless on purpose: what reaches the page must not hold it.
        call.log(
            "warn",
            f"login failed for {visitor.user_id or 'guest@example.com'} password=hunter2-{visitor.session_id[:4]}",
        )
        shop.finish(call, visitor, "login", 401)
        return
    shop.finish(call, visitor, "login")


def show_orders(shop: Shop, visitor: Visitor, at: int) -> None:
    """GET /orders"""
    call = shop.request(visitor, "GET", "/orders", "/orders", at)
    shop.query(call, "SELECT * FROM orders WHERE customer = $1")
    shop.finish(call, visitor, "orders")


def check_out(shop: Shop, visitor: Visitor, at: int) -> None:
    """POST /checkout: through checkout and payments to the card provider, then a mail."""
    call = shop.request(visitor, "POST", "/checkout", "/checkout", at)
    inner = shop.ask(call, CHECKOUT, "POST", "/orders")
    failure = fail_checkout(shop, inner)
    if failure:
        inner.end(call, status=500, failed=True)
        shop.finish(call, visitor, "checkout", 500)
        return
    paid = pay(shop, inner, visitor)
    inner.end(call, status=201 if paid else 504, failed=not paid)
    if paid:
        visitor.is_placed = True
        call.log("info", "order placed", None, **{"event.name": PLACED})
        send_mail(shop, call, visitor)
    shop.finish(call, visitor, "checkout", 201 if paid else 504)


def fail_checkout(shop: Shop, inner: Call) -> bool:
    """What goes wrong inside checkout, if anything does."""
    if shop.trouble.name == "bad deploy" and shop.dice.random() < 0.75:
        raised = caught(lambda: price_of({"sku": "K-17"}))
        inner.log("error", "order could not be priced", raised)
        return True
    if shop.trouble.name == "crash" and shop.dice.random() < 0.7:
        raised = caught(lambda: redeem_gift_card(None))
        inner.log("fatal", "checkout worker crashed while redeeming a gift card", raised)
        return True
    if shop.dice.random() < 0.004 or shop.trouble == OLD_FAULT:
        inner.log("error", "order could not be saved: serialization failure")
        return True
    return False


def pay(shop: Shop, inner: Call, visitor: Visitor) -> bool:
    """Payments asks the card provider; False when it does not answer in time."""
    payment = shop.ask(inner, PAYMENTS, "POST", "/charges")
    attributes = {"server.address": "api.cards.example", "http.request.method": "POST"}
    provider = payment.child(payment.providers, "POST api.cards.example", SpanKind.CLIENT, attributes)
    hangs = shop.trouble.name == "third party" and shop.dice.random() < 0.7
    provider.spend(5000 if hangs else shop.dice.lognormvariate(4.6, 0.35))
    provider.end(payment, failed=hangs)
    if hangs:
        raised = caught(wait_for_cards)
        payment.log("error", "card provider timed out after 5000 ms", raised)
    else:
        payment.log("info", f"charged card 4111 1111 1111 1111 of {visitor.user_id or 'a guest'}")
    payment.end(inner, status=504 if hangs else 201, failed=hangs)
    return not hangs


def send_mail(shop: Shop, call: Call, visitor: Visitor) -> None:
    """The mailer confirms."""
    mail = call.child(shop.providers(MAILER), "send order confirmation", SpanKind.CONSUMER, {})
    mail.spend(shop.dice.uniform(10, 60))
    mail.log("info", f"order confirmation sent to {visitor.user_id or 'guest@example.com'}")
    mail.end()


def take_from_stock(left: int) -> int:
    """Raises for nothing left."""
    if left < 1:
        raise OutOfStock("0 left in warehouse 3")
    return left - 1


def price_of(item: dict[str, Any]) -> int:
    """The bad release looks for a field that is not there."""
    try:
        return int(item["net_price"])
    except KeyError as error:
        raise PriceMissing(f"item {item['sku']} has no net_price") from error


def redeem_gift_card(card: Any) -> int:
    """Nobody thought of an empty card."""
    if card is None:
        raise GiftCardCrash("gift card balance is None")
    return int(card)


def wait_for_cards() -> None:
    """The card provider's silence."""
    raise TimeoutError("no answer from api.cards.example within 5000 ms")


def caught(act: Callable[[], Any]) -> BaseException:
    """Run what fails, for its stack trace."""
    try:
        act()
    except Exception as error:
        return error
    raise AssertionError("it was meant to fail")


ACTIONS: Final[dict[str, Action]] = {
    "home": show_home, "search": search, "product": show_product, "cart": fill_cart, "login": log_in,
    "orders": show_orders, "checkout": check_out,
}  # fmt: skip


def fail_once(shop: Shop, at: float) -> None:
    """The fault that everybody knows, so that it is no news when it comes again."""
    shop.trouble = OLD_FAULT
    check_out(shop, new_visitor(shop.dice, at), int(at * 1e9))
    shop.trouble = NONE


def history(shop: Shop, start: float, end: float, visitors: int) -> Iterator[int]:
    """Let the shop run through past time, a second at a time; yields the requests of each."""
    now = start
    while now < end:
        yield shop.step(now, visitors)
        now += 1.0
