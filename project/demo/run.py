"""Runs the shop: some history first, then live traffic with its ups and downs, and trouble every few minutes."""

import base64
import logging
import math
import os
import random
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterable
from typing import Final

from alerts.models import Target
from alerts.targets import write_secrets
from diagnostics.models import Environment, PrivacyPolicy
from project.demo.jobs import Jobs
from project.demo.receiver import Receiver
from project.demo.shop import LEFT_AFTER_MINUTES, ORDER, PLACED, Shop, fail_once, history
from project.demo.telemetry import Telemetry
from project.demo.trouble import NONE, deploys_at, trouble_at

HISTORY_SECONDS: Final = 25 * 60
HISTORY_FLUSH: Final = 20  # seconds of history between flushes: the SDK's queue holds 2048 records
VISITORS: Final = {"production": 26, "staging": 3}
HISTORY_VISITORS: Final = {"production": 12, "staging": 2}
RETENTION_DAYS: Final = 2
TICK: Final = 0.2
DAY: Final = 24 * 60 * 60
LONG_AGO: Final = 8 * 60 * 60  # seconds: what is so old is no news
DIGESTED: Final = 2.0  # seconds until the worker knows it
Say = Callable[[str], object]


def run_demo(keys: dict[str, str], say: Say) -> None:
    """Until SIGTERM or Ctrl-C."""
    logging.getLogger("opentelemetry").setLevel(logging.ERROR)  # a web server that restarts is no news
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    endpoint = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/otlp"
    receiver = connect_receiver(say)
    shops = {slug: Shop(Telemetry(endpoint, key), random.Random()) for slug, key in keys.items()}  # noqa: S311  play
    Environment.objects.filter(slug__in=shops).update(
        retention_days=RETENTION_DAYS, restricted_retention_days=RETENTION_DAYS
    )
    name_journeys(shops)
    try:
        send_history(shops, stopping)
        say("live traffic begins")
        send_live(shops, stopping, say)
    finally:
        for shop in shops.values():
            shop.telemetry.close()
        receiver.shutdown()


def name_journeys(slugs: Iterable[str]) -> None:
    """An order is a journey, unless somebody has said otherwise."""
    untouched = PrivacyPolicy.objects.filter(environment__slug__in=list(slugs), journey="", journey_ends="")
    untouched.update(journey=ORDER, journey_ends=f"event:{PLACED}", journey_minutes=LEFT_AFTER_MINUTES)


def connect_receiver(say: Say) -> Receiver:
    """A receiver with a fresh key, and the target that calls it."""
    key = secrets.token_bytes(32)
    receiver = Receiver(key, say)
    receiver.start()
    environment = Environment.objects.order_by("pk").first()
    if environment is not None:
        target, _ = Target.objects.get_or_create(
            environment=environment, name="Demo receiver", defaults={"kind": "webhook"}
        )
        write_secrets(target, {"url": receiver.url, "signing_key": f"whsec_{base64.b64encode(key).decode()}"})
        target.enabled = True
        target.save()
    return receiver


def send_history(shops: dict[str, Shop], stopping: threading.Event) -> None:
    """Healthy traffic of the minutes before, so that there is a usual to compare with."""
    end = time.time() - 2
    start = end - HISTORY_SECONDS
    for shop in shops.values():
        fail_once(shop, start - LONG_AGO)
        shop.telemetry.flush()
    stopping.wait(DIGESTED)
    for slug, shop in shops.items():
        for number, _ in enumerate(history(shop, start, end, HISTORY_VISITORS.get(slug, 1))):
            if number % HISTORY_FLUSH == 0:
                shop.telemetry.flush()
            if stopping.is_set():
                return
        shop.visitors.clear()
        shop.telemetry.flush()


def send_live(shops: dict[str, Shop], stopping: threading.Event, say: Say) -> None:
    """Staging stays healthy; in production things go wrong by the plan."""
    began = time.time()
    last = NONE
    place = Environment.objects.filter(slug="production").first()
    jobs = Jobs(place, random.Random()) if place is not None else None  # noqa: S311  play
    while not stopping.wait(TICK):
        now = time.time()
        for slug, shop in shops.items():
            if slug == "production":
                shop.trouble = trouble_at(now - began)
                shop.release = f"2.4.{deploys_at(now - began)}"
                if shop.trouble != last:
                    say(f"trouble begins: {shop.trouble.said}" if shop.trouble != NONE else "trouble is over")
                    last = shop.trouble
            shop.step(now, wanted_visitors(slug, now))
        if jobs is not None:
            jobs.step(now, is_well=last == NONE)


def wanted_visitors(slug: str, now: float) -> int:
    """More by day than by night (UTC), never none."""
    swing = 1 + 0.35 * math.sin(2 * math.pi * ((now % DAY) / DAY - 0.3))
    return max(1, round(VISITORS.get(slug, 1) * swing))
