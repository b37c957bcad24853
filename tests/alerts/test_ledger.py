"""Whatever happens, in whatever order: fired = sent + suppressed + pending + failed, for each target and rule."""

import os
import random
from contextlib import suppress
from datetime import timedelta

import pytest

from alerts.delivery.ledger import read_ledger
from alerts.delivery.reconcile import reconcile
from alerts.delivery.redeliver import redeliver
from alerts.delivery.run import deliver_due
from alerts.incidents.people import NotOpen, reopen_incident, snooze_incident
from alerts.incidents.sweep import sweep_incidents
from alerts.incidents.transitions import (
    Opening,
    acknowledge_incident,
    end_rule,
    end_series,
    open_incident,
    resolve_incident,
)
from alerts.models import DeliveryAttempt, Fired, Incident, Notification, Silence, Target
from alerts.silences import end_silence, make_silence, sweep_silences
from tests.factories import make_user

pytestmark = pytest.mark.django_db
STEPS = int(os.environ.get("LEDGER_STEPS", "120"))


class World:
    """Acts, chosen by a seeded die."""

    def __init__(self, seed, rules, receiver, standing, environment):
        self.die = random.Random(seed)
        self.rules, self.receiver, self.standing, self.environment = rules, receiver, standing, environment
        self.person = make_user()

    def act(self):
        names = [name for name in dir(self) if name.startswith("do_")]
        weights = [6 if name in ("do_open", "do_deliver", "do_wait") else 1 for name in names]
        name = self.die.choices(names, weights)[0]
        getattr(self, name)()
        return name

    def any_of(self, rows):
        found = list(rows.order_by("pk"))
        return self.die.choice(found) if found else None

    def do_open(self):
        rule, service = self.die.choice(self.rules), self.die.choice("abcdefgh")
        route = self.die.choice(("", "/x", "/y"))
        severity = self.die.choice(("", "warning", "critical"))
        series = f"{service} {route}".strip()
        now = self.standing.now
        open_incident(Opening(rule, series, service, route, f"T {series}", "s", 1.0, now, severity=severity))

    def do_end(self):
        incident = self.any_of(Incident.objects.exclude(state="resolved").filter(kind="alert"))
        evidence = self.any_of(incident.evidence.filter(ended_at=None)) if incident else None
        if evidence is not None:
            end_series(incident, evidence.rule, evidence.series, "well", self.standing.now)

    def do_end_rule(self):
        end_rule(self.die.choice(self.rules), "off", self.standing.now)

    def do_acknowledge(self):
        self.with_incident(lambda one: acknowledge_incident(one, self.person))

    def do_resolve(self):
        self.with_incident(lambda one: resolve_incident(one, self.person))

    def do_reopen(self):
        def again(one):
            with suppress(NotOpen):
                reopen_incident(one, self.person)

        self.with_incident(again)

    def do_snooze(self):
        def later(one):
            with suppress(NotOpen):
                snooze_incident(one, self.standing.now + timedelta(minutes=self.die.randint(1, 60)), self.person)

        self.with_incident(later)

    def with_incident(self, act):
        incident = self.any_of(Incident.objects.all())
        if incident is not None:
            act(incident)

    def do_silence(self):
        ends = self.standing.now + timedelta(minutes=self.die.randint(1, 30))
        service = self.die.choice(("", "a", "b"))
        make_silence(self.person, Silence(environment=self.environment, service_name=service, reason="r",
                                          starts_at=self.standing.now, ends_at=ends))  # fmt: skip

    def do_end_silence(self):
        silence = self.any_of(Silence.objects.all())
        if silence is not None:
            end_silence(self.person, silence)

    def do_switch(self):
        target = self.any_of(Target.objects.all())
        Target.objects.filter(pk=target.pk).update(enabled=not target.enabled, disabled_reason="")

    def do_answer(self):
        self.receiver.answer(*(self.die.choice((200, 200, 200, 500, 429, 400, 410)) for _ in range(3)))

    def do_deliver(self):
        deliver_due()

    def do_redeliver(self):
        row = self.any_of(Notification.objects.filter(state__in=("failed", "sent")))
        if row is not None:
            redeliver(row, self.person)

    def do_wait(self):
        self.standing.advance(seconds=self.die.choice((1, 30, 120, 900)))

    def do_sweep(self):
        sweep_incidents(self.standing.now)
        sweep_silences(self.standing.now)
        reconcile(self.standing.now)


@pytest.mark.parametrize("seed", range(4))
def test_the_ledger_adds_up_after_every_act(seed, environment, make_rule, make_target, receiver, standing, settings):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "STORM_INCIDENTS": 4}
    reserve = make_target("inbox")
    make_target("webhook", receiver.url, fallback=reserve, hourly_budget=20)
    make_target("webhook", receiver.url, digest_seconds=120, minimum_severity="error")
    rules = [make_rule(severity=severity, cooldown_seconds=60) for severity in ("warning", "error", "error")]
    world, acts = World(seed, rules, receiver, standing, environment), []
    for _ in range(STEPS):
        acts.append(world.act())
        wrong = [line for line in read_ledger(Incident.objects.all()) if not line.adds_up]
        assert wrong == [], (seed, acts[-5:])
        strange = Notification.objects.filter(state="suppressed", reason="") | Notification.objects.exclude(
            state="suppressed"
        ).exclude(reason="")
        assert not strange.exists(), (seed, acts[-5:], strange.values())
    assert {row.state for row in Notification.objects.all()} >= {"sent", "suppressed"}
    told = Incident.objects.filter(fired__isnull=False).distinct().count()
    assert told == Incident.objects.count()  # of each incident every target has its count
    assert Fired.objects.values("target").distinct().count() == Target.objects.count()
    assert not DeliveryAttempt.objects.filter(outcome="unknown").exists()


def test_a_row_that_is_lost_shows(make_target, make_incident):
    make_target("inbox")
    incident = make_incident()
    Notification.objects.all().delete()
    assert [line.adds_up for line in read_ledger([incident])] == [False]
