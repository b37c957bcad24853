"""A storm is one incident that stands for the others, with exact counts, and the ledger adds up."""

from datetime import timedelta

import pytest
from django.db.models import Sum

from alerts.delivery.ledger import read_ledger
from alerts.delivery.run import deliver_due
from alerts.incidents.sweep import sweep_incidents
from alerts.incidents.transitions import resolve_incident
from alerts.models import Bucket, Fired, Incident, Notification, Silence
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("standing")]
CAP = 5


@pytest.fixture(autouse=True)
def low_cap(settings):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "STORM_INCIDENTS": CAP}


def storm():
    return Incident.objects.get(kind="storm")


def test_above_the_cap_one_storm_is_told_and_the_others_are_shown_but_not_told(
    make_rule, make_target, make_incident, standing, told
):
    make_target("inbox")
    rule = make_rule()
    for number in range(12):
        make_incident(rule, f"service-{number}")
        standing.advance(seconds=1)
    assert Incident.objects.filter(kind="alert").count() == 12
    assert Incident.objects.filter(storm=storm()).count() == 7
    assert Notification.objects.filter(state="pending").count() == CAP + 1
    assert Notification.objects.filter(reason="storm").aggregate(found=Sum("alerts"))["found"] == 7
    assert all(line.adds_up for line in read_ledger(Incident.objects.all()))


def test_the_storms_end_is_told_with_exact_counts(make_rule, make_target, make_incident, standing, told):
    make_target("inbox")
    rule, worse = make_rule(), make_rule(severity="critical")
    for number in range(12):
        make_incident(rule, f"service-{number % 10}", route=f"/r{number}")
    make_incident(worse, "service-9")  # joins one of the storm: told as the storm's becoming worse
    assert told(incident=storm()) == [("trigger", "pending", ""), ("update", "pending", "")]
    assert storm().severity == "critical"
    standing.advance(minutes=6)
    sweep_incidents(standing.now)
    assert storm().state == "resolved"
    assert storm().summary == (
        "5 incidents (1 critical, 4 error; 5 still open) and 1 further alert from 5 services: "
        "service-5, service-6, service-7, service-8, service-9. 5 are still open from 5 services: "
        "service-5, service-6, service-7, service-8, service-9. What nobody was told of is told now."
    )
    assert told(incident=storm())[-1] == ("resolve", "pending", "")
    make_incident(rule, "calm")
    assert Incident.objects.get(service_name="calm").storm is None


def test_a_storm_that_lasts_is_told_every_five_minutes(make_rule, make_target, make_incident, standing, told):
    make_target("inbox")
    rule = make_rule()
    for minute in range(12):
        for number in range(3):
            make_incident(rule, f"service-{minute}-{number}")
        standing.advance(minutes=1)
        sweep_incidents(standing.now)
    assert [action for action, *_ in told(incident=storm())] == ["trigger", "update", "update"]


def test_the_storms_first_message_names_the_services(make_rule, make_incident):
    rule = make_rule()
    for number in range(CAP + 1):
        make_incident(rule, "web" if number % 2 else f"service-{number}", route=f"/r{number}", grouping_key=str(number))
    assert storm().summary == (
        "More than 5 incidents opened within 5 minutes from 4 services: web, service-0, service-2, service-4. "
        "Single alerts are held back; summaries follow."
    )


def test_what_is_open_and_untold_when_the_storm_ends_is_told_then_and_once(
    make_rule, make_target, make_incident, standing, told
):
    pager, mail = make_target("pagerduty", name="pager"), make_target("email", name="mail", digest_seconds=60)
    rule, worse = make_rule(), make_rule(severity="critical")
    absorbed = [make_incident(rule, f"service-{number}") for number in range(CAP + 4)][CAP:]
    first, second = (make_incident(worse, name) for name in ("first", "second"))
    over = absorbed.pop()
    resolve_incident(over, None)
    Notification.objects.filter(state="pending").update(state="sent", is_held=False)
    for _ in range(3):
        standing.advance(minutes=6)
        sweep_incidents(standing.now)
    assert storm().summary.endswith(
        " 5 are still open from 5 services: first, second, service-5, service-6, service-7. "
        "What nobody was told of is told now."
    )
    for incident in absorbed:
        assert told(incident=incident, target=pager) == [("trigger", "suppressed", "storm"), ("trigger", "pending", "")]
        assert told(incident=incident, target=mail)[1:] == [("trigger", "pending", "")]
    assert {(action, state) for action, state, _ in told(incident=over)} == {
        ("trigger", "suppressed"), ("resolve", "suppressed"),
    }  # fmt: skip
    assert told(incident=first, target=pager) == [("trigger", "sent", "")]
    assert told(incident=second, target=pager) == [("trigger", "suppressed", "storm"), ("trigger", "pending", "")]
    late = Notification.objects.filter(target=mail, state="pending", action="trigger")
    assert late.filter(incident=second, is_held=False).exists()  # by itself, at once
    assert late.filter(is_held=True).count() >= len(absorbed) - 1  # the others in one message
    assert all(line.adds_up for line in read_ledger(Incident.objects.all()))


def test_a_storm_that_a_person_ends_leaves_nothing_untold(make_rule, make_target, make_incident, standing, told):
    make_target("inbox")
    rule = make_rule()
    last = [make_incident(rule, f"service-{number}") for number in range(CAP + 1)][-1]
    sweep_incidents(standing.now)
    assert told(incident=last) == [("trigger", "suppressed", "storm")]
    resolve_incident(storm(), make_user())
    standing.advance(minutes=1)
    sweep_incidents(standing.now)
    assert told(incident=last)[1:] == [("trigger", "pending", "")]
    assert last.events.latest("pk").text == "The storm is over, and it is still open."


def test_a_critical_incident_is_not_hidden_by_a_storm_of_milder_ones(make_rule, make_target, make_incident, told):
    make_target("inbox", minimum_severity="critical")
    rule = make_rule()
    for number in range(CAP + 2):
        make_incident(rule, f"service-{number}")
    worse = make_rule(severity="critical")
    first, second = (make_incident(worse, name) for name in ("first", "second"))
    assert told(incident=first) == [("trigger", "pending", "")]
    assert told(incident=storm())[-1] == ("trigger", "pending", "")
    assert told(incident=second) == [("trigger", "suppressed", "storm")]


@pytest.mark.parametrize("how", ["silence", "mute"])
def test_what_is_hushed_neither_makes_a_storm_nor_belongs_to_one(
    environment, make_rule, make_target, make_incident, standing, told, how
):
    make_target("inbox")
    until = standing.now + timedelta(hours=1)
    quiet = make_rule(**({"muted_until": until} if how == "mute" else {}))
    if how == "silence":
        Silence.objects.create(
            environment=environment, rule=quiet, reason="deploy", starts_at=standing.now, ends_at=until
        )
    rule = make_rule()
    for number in range(3 * CAP):
        make_incident(quiet, f"quiet-{number}")
    for number in range(CAP):
        make_incident(rule, f"loud-{number}")
    assert not Incident.objects.filter(kind="storm").exists()
    make_incident(rule, "one-more")
    late = make_incident(quiet, "late")
    assert [row.service_name for row in Incident.objects.filter(storm=storm())] == ["one-more"]
    assert told(incident=late)[0][1] == "suppressed"
    assert told(incident=late)[0][2] in ("silenced", "muted")


def test_other_environments_are_not_touched(make_rule, make_incident):
    rule = make_rule()
    for number in range(CAP):
        make_incident(rule, f"service-{number}")
    assert not Incident.objects.filter(kind="storm").exists()


def test_messages_are_bounded_by_budgets_and_every_alert_is_accounted_for(
    settings, make_rule, make_target, make_incident, receiver, standing
):
    settings.DIAGNOSTICS = {**settings.DIAGNOSTICS, "STORM_INCIDENTS": 20}
    target = make_target("webhook", receiver.url, hourly_budget=60)  # one a minute, 60 at once
    narrow = make_target("webhook", receiver.url.replace("tok", "narrow"), hourly_budget=12)
    errors, requests = make_rule(), make_rule(severity="critical")
    for number in range(300):
        make_incident(errors, f"service-{number % 50}", route=f"/r{number}")
        standing.advance(milliseconds=200)
        if number % 30 == 0:
            deliver_due()
    for number in range(50):
        make_incident(requests, f"service-{number}")
    for _ in range(12):
        sweep_incidents(standing.now)
        deliver_due()
        standing.advance(minutes=5)
    paths = [path for path, *_ in receiver.got]
    assert len([path for path in paths if "narrow" in path]) <= 12 + 12  # at once, and an hour's
    assert len(paths) - len([path for path in paths if "narrow" in path]) <= 60 + 60
    lines = read_ledger(Incident.objects.all())
    assert all(line.adds_up for line in lines)
    assert sum(line.fired for line in lines) == Fired.objects.aggregate(found=Sum("alerts"))["found"]
    assert storm().summary.startswith(
        "30 incidents (30 critical; 30 still open) and 180 further alerts from 30 services"
    )
    assert Bucket.objects.filter(target__in=[target, narrow]).count() == 2
