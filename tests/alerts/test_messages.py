"""Messages as who is on call reads them: where it is, what is wrong in numbers, since when, and links that lead to it."""

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.delivery.render import render_alert
from alerts.delivery.run import deliver_due
from alerts.delivery.share import SHAREABLE, withhold
from alerts.incidents.people import reopen_incident
from alerts.incidents.transitions import Opening, acknowledge_incident, resolve_incident, still_bad
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.integrations.slack.message import build_message
from alerts.integrations.text import describe_state, named_links
from alerts.models import Incident, Notification
from tests.alerts.samples import make_alert
from tests.factories import make_user


def search_in(link):
    """Parameters of a link to the logs, but for its times."""
    return {
        name: values[0] for name, values in parse_qs(urlsplit(link).query).items() if name not in ("since", "until")
    }


def preview(kind, **fields):
    return INTEGRATIONS[kind].preview(make_alert(**fields), Setup({"recipients": "a@shop.com"}))


@pytest.mark.parametrize("kind", ["slack", "teams", "pagerduty", "opsgenie", "jsm", "email", "apprise"])
def test_the_environment_stands_in_what_a_phone_shows(kind):
    shown = preview(kind)
    first = {
        "slack": lambda: json.loads(shown)["text"][2:],
        "teams": lambda: json.loads(shown)["attachments"][0]["content"]["body"][0]["text"].replace("\\", ""),
        "pagerduty": lambda: json.loads(shown)["payload"]["summary"],
        "email": lambda: shown.removeprefix("Subject: "),
        "apprise": lambda: shown,
    }
    read = first.get(kind, lambda: json.loads(shown)["message"])
    assert read().startswith("[Shop] ")


@pytest.mark.parametrize("kind", ["slack", "teams", "pagerduty", "opsgenie", "email", "apprise", "webhook"])
@pytest.mark.parametrize(("milliseconds", "said"), [(340, "340 ms"), (1234, "1.2 s"), (1_800_000, "30 min")])
def test_each_message_says_how_long_it_took(kind, milliseconds, said):
    text = preview(kind, told_after_ms=milliseconds)
    assert (said if kind != "webhook" else f'"told_after_ms":{milliseconds}') in text


def test_a_template_can_say_it_too():
    setup = Setup({"template": '{"text": "{{ title }} after {{ told_after }}"}'})
    text = INTEGRATIONS["custom_webhook"].preview(make_alert(told_after_ms=860), setup)
    assert json.loads(text) == {"text": "5xx surge: checkout after 860 ms"}


@pytest.mark.django_db
def test_time_to_alert_in_the_message_is_what_the_ledger_keeps(make_target, make_incident, receiver, standing):
    make_target("webhook", receiver.url)
    make_incident()
    Incident.objects.update(seen_at=standing.now - timedelta(milliseconds=700))
    standing.advance(seconds=2)
    deliver_due()
    assert json.loads(receiver.got[0][2])["data"]["told_after_ms"] == 2700
    assert Notification.objects.get().time_to_alert_ms == 2700


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("signal", "route", "expected"),
    [
        ("errors", "", {"level": "error", "service": "web"}),
        ("warnings", "", {"level": "warn", "service": "web"}),
        ("status_4xx", "/pay", {"status": "4xx", "service": "web", "route": "/pay"}),
        ("latency_p95", "/pay", {"service": "web", "route": "/pay"}),  # slow responses stand in records of any level
        ("requests", "", {"service": "web"}),
        ("matches", "", {"q": "level:warn declined", "service": "web"}),
    ],
)
def test_the_link_to_the_logs_shows_what_the_rule_counts(
    client, make_target, make_rule, make_incident, signal, route, expected
):
    make_target("inbox")
    rule = make_rule(signal=signal, query="level:warn declined" if signal == "matches" else "")
    incident = make_incident(rule, "web", route)
    alert = render_alert(Notification.objects.get())
    assert search_in(alert.links.logs) == expected
    since = parse_qs(urlsplit(alert.links.logs).query)["since"][0]
    assert since == (incident.started_at - timedelta(minutes=2)).isoformat()
    shared = [name for name in SHAREABLE if name not in ("service", "route", "rule")]
    kept = {name: value for name, value in expected.items() if name in ("level", "status")}
    assert search_in(withhold(alert, shared).links.logs) == kept


@pytest.mark.django_db
@pytest.mark.parametrize(("prints", "leads"), [(["f" * 16], True), (["f" * 16, "e" * 16], False), ([], False)])
def test_of_one_new_error_the_message_leads_to_its_page(make_target, make_rule, make_incident, prints, leads):
    make_target("inbox")
    incident = make_incident(make_rule(signal="new_errors", condition="first_seen"))
    Incident.objects.update(context={"fingerprints": prints})
    alert = render_alert(Notification.objects.get())
    page = f"http://testserver/e/{incident.environment.slug}/errors/{'f' * 16}/"
    assert alert.links.error == (page if leads else "")
    assert (("Error", page) in named_links(alert)) == leads
    assert withhold(alert, []).links.error == ""


@pytest.mark.parametrize(
    ("action", "state", "asks"),
    [("trigger", "triggered", True), ("update", "triggered", True), ("update", "acknowledged", False),
     ("resolve", "resolved", False)],
)  # fmt: skip
def test_a_message_offers_to_acknowledge_while_nobody_is_on_it(action, state, asks):
    names = [name for name, _ in named_links(make_alert(action=action, state=state))]
    assert ("Acknowledge" in names) == asks


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("signal", "said"), [("latency_p95", "10.0 times the usual 240 ms"), ("errors", "10.0 times the usual 240")]
)
def test_the_usual_has_its_unit(make_target, make_rule, make_incident, signal, said):
    make_target("inbox")
    make_incident(make_rule(signal=signal), value=2400.0, usual=240.0)
    assert render_alert(Notification.objects.get()).change == said


@pytest.mark.django_db
def test_an_acknowledgement_without_a_person_of_ours_says_where_it_was_made(make_target, make_incident, standing):
    make_target("inbox")
    acknowledge_incident(make_incident(), None, "At Pager by Ann Other.")
    row = Notification.objects.get(action="acknowledge")
    assert render_alert(row).news == "Acknowledged at 12:00:30 UTC, at Pager by Ann Other."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "said"), [("", "ana opened it again."), ("Not mended.", "ana opened it again. Not mended.")]
)
def test_what_a_person_opened_again_says_who_did_it(make_target, make_incident, standing, text, said):
    make_target("inbox")
    incident = make_incident()
    ana = make_user("ana")
    resolve_incident(incident, ana)
    standing.advance(seconds=5)
    reopen_incident(incident, ana, text)
    alert = render_alert(Notification.objects.get(event__kind="reopened"))
    assert (alert.news, describe_state(alert)) == (said, "Triggered again")


@pytest.mark.django_db
def test_what_goes_on_although_somebody_closed_it_says_for_how_long(make_target, make_rule, make_incident, standing):
    make_target("inbox")
    incident = make_incident()
    resolve_incident(incident, make_user("ana"))
    standing.advance(minutes=6)
    said = incident.summary
    still_bad(incident, Opening(incident.rule, "checkout", "checkout", "", incident.title, said, 40.0, standing.now))
    alert = render_alert(Notification.objects.get(event__kind="reopened"))
    assert (alert.news, alert.summary) == ("Still so 6 min after ana resolved it.", said)


@pytest.mark.django_db
def test_what_begins_to_flap_says_so(make_target, make_rule, make_incident, standing):
    make_target("inbox")
    rule = make_rule()
    for _ in range(4):
        incident = make_incident(rule)
        standing.advance(minutes=1)
        resolve_incident(incident, None, is_recovered=True)
        standing.advance(minutes=1)
    row = Notification.objects.get(event__kind="flapping")
    assert render_alert(row).news.startswith("It came back 3 times within an hour: it is flapping.")


def test_news_tell_no_more_than_the_target_shares():
    alert = make_alert(action="update", news="Severity rose from warning to error: checkout: 15 errors in 3 min.")
    assert withhold(alert, [name for name in SHAREABLE if name != "summary"]).news == ""
    hidden = withhold(alert, [name for name in SHAREABLE if name != "service"])
    assert hidden.news == "Severity rose from warning to error: [service]: 15 errors in 3 min."


def test_the_inbox_says_what_is_new():
    assert "It came back. checkout: 5xx 14.0%" in preview("inbox", action="update", news="It came back.")


def test_slack_shows_every_fact_and_a_records_own_signs():
    alert = make_alert(action="update", news="It came back.", told_after_ms=900, facts={"Extra": "one", "More": "two"},
                       messages=(("order *void* ```x``` for _a_ & <b>", 3),))  # fmt: skip
    blocks = build_message(alert)["blocks"]
    fields = [found["text"].split("\n")[0] for block in blocks for found in block.get("fields", [])]
    assert len(fields) > 10
    assert {"*Environment*", "*Trace*", "*Rule*", "*Told after*", "*More*"} <= set(fields)
    said = next(block["text"]["text"] for block in blocks if "void" in json.dumps(block))
    assert said == "```\n3× order *void* '''x''' for _a_ &amp; &lt;b&gt;\n```"


def test_what_is_too_long_for_slack_keeps_its_sentence():
    alert = replace(make_alert(), messages=(("&" * 500, 1),) * 3, facts={f"Fact {n}": "&" * 200 for n in range(30)})
    blocks = build_message(alert)["blocks"]
    said = [block["text"]["text"] for block in blocks if "text" in block]
    assert said[1] == alert.summary
    assert said[-1] == "Too long for Slack: open the incident for the rest."


@pytest.mark.parametrize("status", [200, 400, 403])
@pytest.mark.parametrize("word", ["invalid_token", "channel_is_archived", "no_active_hooks"])
def test_slack_says_in_a_word_that_nobody_is_there(receiver, status, word):
    receiver.answer((status, {}, word.encode()))
    with pytest.raises(Exception, match=word) as failure:
        INTEGRATIONS["slack"].send(make_alert(), Setup(secrets={"url": receiver.url}))
    assert failure.value.disables
