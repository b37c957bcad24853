"""The demo's jobs: well until payments are in trouble, and made once."""

import random

import pytest

from alerts.models import CheckIn, Monitor
from project.demo.jobs import FAILS, Jobs
from tests.factories import make_environment

pytestmark = pytest.mark.django_db


def test_jobs_report_and_one_fails_in_trouble():
    environment = make_environment()
    jobs = Jobs(environment, random.Random(1))
    assert {monitor.state for monitor in Monitor.objects.exclude(slug="weekly-report")} == {"up"}
    assert CheckIn.objects.filter(outcome="failed").count() == 1
    jobs.step(1.0, is_well=False)
    assert Monitor.objects.get(slug=FAILS).state == "down"
    assert Monitor.objects.exclude(slug=FAILS).filter(down_since__isnull=False).count() == 0
    number = CheckIn.objects.count()
    Jobs(environment, random.Random(1))
    assert (Monitor.objects.count(), CheckIn.objects.count()) == (4, number)


def test_half_of_a_past_is_never_seen(monkeypatch):
    def stop(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Jobs, "run", stop)
    with pytest.raises(KeyboardInterrupt):
        Jobs(make_environment(), random.Random(1))
    assert not Monitor.objects.exists()
