"""What mails say of an incident's turns, of several at once, and of a test."""

import pytest

from alerts.delivery.plan import plan_test
from alerts.delivery.render import render_alert
from alerts.delivery.run import deliver_due
from alerts.delivery.share import withhold
from alerts.incidents.people import reopen_incident
from alerts.incidents.transitions import acknowledge_incident, resolve_incident
from alerts.integrations.email.message import write_subject
from alerts.integrations.slack.message import mark_of
from alerts.integrations.text import is_over
from alerts.models import Notification, Receipt
from tests.alerts.mailbox import heard, read, send
from tests.alerts.samples import LINKS, make_alert
from tests.factories import make_user


def test_a_mail_says_where_its_target_is_set_up(mailbox):
    page = "https://diagnostics.shop.com/admin/alerts/target/3/change/"
    send(make_alert(target_link=page))
    send()
    assert [read(mail)["List-Unsubscribe"] for mail in mailbox.got] == [f"<{page}>", f"<{LINKS.home}>"]


@pytest.mark.parametrize("action", ["test", "digest"])
def test_what_is_of_no_single_incident_has_a_thread_and_a_subject_of_its_own(mailbox, action):
    send()
    send(make_alert(action=action))
    first, other = map(read, mailbox.got)
    assert other["References"] != first["References"]
    assert other["Subject"] != first["Subject"]
    assert "works once" not in other.get_body(["plain"]).get_content()


@pytest.mark.django_db
def test_a_digest_links_each_incident_and_says_how_it_stands(
    mailbox, make_rule, make_target, make_incident, standing, environment
):
    target = make_target("email", config={"recipients": "ann@shop.com"})
    incidents = [make_incident(make_rule(), service) for service in "abc"]
    deliver_due()
    resolve_incident(incidents[1], None)
    standing.advance(minutes=1)
    deliver_due()
    digest = Notification.objects.get(action="digest")
    message = read(mailbox.got[-1])
    text, html = (message.get_body([kind]).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    for incident, state in zip(incidents[1:], ("resolved", "triggered"), strict=True):
        page = f"http://testserver/e/{environment.slug}/incidents/{incident.pk}/"
        lines = (
            f"{incident.summary}\nService {incident.service_name}, since 2026-03-01 12:00:30 UTC\nIncident:\n{page}\n"
        )
        assert f"Error: {incident.title} ({state})\n{lines}" in text
        assert f'<a href="{page}" style="font-weight:600">{incident.title}</a>' in html
        assert f"<br>{incident.summary}<br>" in html
    assert "/respond/" not in text
    assert "Service:" not in text  # of one of them alone
    assert message["Subject"] == "[Shop] Several alerts, the worst error: c, b (2 incidents: 1 triggered, 1 resolved)"
    assert message["List-Unsubscribe"] == f"<http://testserver/admin/alerts/target/{target.pk}/change/>"
    assert message["X-Diagnostics-State"] == "triggered"
    resolve_incident(incidents[2], None)
    alert = render_alert(digest)
    assert (alert.state, is_over(alert), mark_of(alert)) == ("resolved", True, "\N{LARGE GREEN CIRCLE}")
    hidden = withhold(alert, ["summary"])
    assert {member.title for member in hidden.members} == {f"Incident {one.pk}" for one in incidents[1:]}
    assert {(member.summary, member.service) for member in hidden.members} == {("", "")}
    assert hidden.summary == "\n".join(f"Incident {one.pk} (resolved)" for one in incidents[1:])
    assert write_subject(hidden).startswith("[Shop] Several alerts, the worst error (2 ")  # no service is named


@pytest.mark.django_db
def test_each_of_several_has_its_link_that_acts_and_says_when_it_came_back(
    mailbox, make_rule, make_target, make_incident, standing
):
    make_target("email", config={"recipients": "ann@shop.com", "action_links": "yes"})
    incidents = [make_incident(make_rule(), service) for service in "abcdef"]
    deliver_due()
    resolve_incident(incidents[1], None)
    standing.advance(seconds=20)
    reopen_incident(incidents[1], make_user())
    acknowledge_incident(incidents[2], make_user())
    standing.advance(minutes=2)
    deliver_due()
    message = read(mailbox.got[-1])
    text, html = (message.get_body([kind]).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    assert text.count("Acknowledge (works once, asks before it acts):\nhttp://testserver/respond/") == 4
    assert html.count(">Acknowledge</a>") == 4
    assert "Service b, since 2026-03-01 12:00:30 UTC, back since 2026-03-01 12:00:50 UTC" in text
    assert message["Subject"].startswith("[Shop] Several alerts, the worst error: b, c, d and 2 more (5 incidents: ")


@pytest.mark.django_db
def test_a_mail_of_an_acknowledgement_says_who_did_it_and_asks_for_none(mailbox, make_target, make_incident, standing):
    make_target("email", config={"recipients": "ann@shop.com", "action_links": "yes"})
    incident = make_incident()
    deliver_due()
    standing.advance(seconds=20)
    acknowledge_incident(incident, make_user("ana"))
    deliver_due()
    texts = [read(mail).get_body(["plain"]).get_content() for mail in mailbox.got]
    assert ["Acknowledge (works once" in text for text in texts] == [True, False]
    assert "Acknowledged: Errors: checkout" in texts[1]
    assert "New: ana acknowledged it at 12:00:50 UTC." in texts[1]
    assert "Resolve (works once" in texts[1]


@pytest.mark.django_db
def test_a_mail_of_what_came_back_says_that_and_since_when(mailbox, make_rule, make_target, make_incident, standing):
    make_target("email", config={"recipients": "ann@shop.com"})
    rule = make_rule()
    incident = make_incident(rule)
    deliver_due()
    standing.advance(minutes=1)
    resolve_incident(incident, None, is_recovered=True)
    deliver_due()
    standing.advance(minutes=2)
    assert make_incident(rule).pk == incident.pk
    standing.advance(minutes=1)
    deliver_due()
    text = read(mailbox.got[-1]).get_body(["plain"]).get_content().replace("\r\n", "\n")
    assert text.startswith("Triggered again: Errors: checkout\n")
    assert "New: It came back 2 min after it was over.\n" in text
    assert "Since: 2026-03-01 12:00:30 UTC\nBack since: 2026-03-01 12:03:30 UTC\n" in text
    assert len({read(mail)["Subject"] for mail in mailbox.got}) == 1


@pytest.mark.django_db
def test_a_test_is_a_sample_of_its_own_whatever_there_is(mailbox, make_target, make_rule, make_incident, environment):
    target = make_target("email", config={"recipients": "ann@shop.com", "action_links": "yes"}, enabled=False)
    make_incident(make_rule(severity="critical"))
    row = plan_test(target)
    assert (row.severity, render_alert(row).severity) == ("info", "info")
    deliver_due()
    (message,) = map(read, mailbox.got)
    assert message["Subject"] == "[Shop] Test: a sample, nothing is wrong"
    text = message.get_body(["plain"]).get_content().replace("\r\n", "\n")
    assert f"Somebody sent a test to {target.name}. An alert would say here what is wrong" in text
    assert f"Incidents:\nhttp://testserver/e/{environment.slug}/incidents/\n" in text
    assert not [word for word in ("Errors", "Acknowledge", "Silence", "/respond/") if word in text]


@pytest.mark.django_db
def test_a_test_is_not_mailed_again_to_who_had_it(mailbox, make_target, standing):
    target = make_target("email", config={"recipients": "ann@shop.com bob@shop.com"})
    mailbox.codes["bob@shop.com"] = 452
    plan_test(target)
    deliver_due()
    mailbox.codes.clear()
    standing.advance(minutes=2)
    deliver_due()
    assert heard(mailbox) == ["ann", "bob"]
    assert Receipt.objects.get().incident is None
