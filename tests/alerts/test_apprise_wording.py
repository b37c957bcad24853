"""What a service gets through Apprise of a hostile log text: nothing that it would act on; links of our own stay links."""

import html
import json

import pytest
import requests
from apprise import Apprise

from alerts.integrations.apprise.child import deliver
from alerts.integrations.apprise.transport import write_message
from alerts.integrations.apprise.wording import defuse
from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from tests.alerts.samples import LINKS, make_alert

HOSTILE = "@everyone foo@here <!channel> <@99999> <@&42> <https://evil.example|text> <users/all> [x](https://evil.example) <b>x</b>"
LIVE = (
    "@everyone",
    "@here",
    "<!channel",
    "<@99999",
    "<@&42",
    "<https://evil",
    "<users/all",
    "](https://evil",
    "<b>x</b>",
)
DISCORD = "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123"
ADDRESSES = {
    "telegram": "tgram://123456789:abcdefghijklmnopqrstuvwxyz123456789/12315544/",
    "telegram markdown": "tgram://123456789:abcdefghijklmnopqrstuvwxyz123456789/12315544/?format=markdown",
    "slack": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/",
    "slack markdown": "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?format=markdown",
    "discord": DISCORD,
    "discord markdown": f"{DISCORD}?format=markdown",
    "google chat": "gchat://workspace/mykey/mytoken",
    "mattermost": "mmosts://chat.example.com/3ccdd113474722377935511fc85d3dd4",
    "rocket.chat": "rockets://3ccdd113474722377935511fc85d3dd4/a1bcdd113474722377935511fc85d3dd@chat.example.com/#general",
    "pushover": "pover://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
}


@pytest.fixture
def posted(monkeypatch):
    """What goes out, as text; every service says yes."""
    bodies = []

    def request(session, method, url, *, data=None, json=None, **_):
        bodies.append(data.decode() if isinstance(data, bytes) else data or json)
        answer = requests.Response()
        answer.status_code = 200
        answer._content = b"ok" if "slack" in url else b'{"ok": true, "status": 1}'
        return answer

    monkeypatch.setattr(requests.Session, "request", request)
    return bodies


def send(address, alert):
    title, text, links = write_message(alert)
    job = {"title": title, "text": text, "links": [list(pair) for pair in links], "type": "failure"}
    return deliver(Apprise.instantiate(address), job)


def texts_of(value):
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for item in inner for text in texts_of(item)]


def read(posted):
    """Every text of what was posted, as the service reads it."""
    values = [json.loads(body) if isinstance(body, str) else body for body in posted]
    return "\n".join(texts_of(values))


@pytest.mark.parametrize("service", ADDRESSES)
def test_a_hostile_text_calls_nobody_and_is_no_markup(posted, service):
    alert = make_alert(title=f"Errors: {HOSTILE}", summary=HOSTILE, messages=((HOSTILE, 3),))
    assert send(ADDRESSES[service], alert)
    found = read(posted)
    assert [word for word in LIVE if word in found] == []
    assert "everyone" in found


@pytest.mark.parametrize("service", ADDRESSES)
def test_links_of_our_own_stay_links(posted, service):
    assert send(ADDRESSES[service], make_alert())
    found = html.unescape(read(posted)).replace("\\", "" if service == "telegram markdown" else "\\")
    for link in (LINKS.incident, LINKS.silence, LINKS.runbook):
        assert link in found


def test_telegram_gets_escaped_text_and_anchors(posted):
    send(ADDRESSES["telegram"], make_alert(summary="<b>x</b> & <i>y</i>"))
    payload = json.loads(posted[0])
    assert payload["parse_mode"] == "HTML"
    assert "&lt;\u200bb&gt;x" in payload["text"]
    assert f'<a href="{LINKS.incident}">{LINKS.incident}</a>' in payload["text"]


@pytest.mark.parametrize(
    "text",
    ["a@example.com is theirs", "x < y and 3 <4 <= 5", "p @ 0.5", "list[int] (none)", "f[0](1)", "x <- y", "1×"],
)
def test_what_calls_nobody_stays_as_it_is(text):
    assert defuse(text) == text


def test_what_is_taken_apart_reads_the_same():
    assert defuse(HOSTILE).replace("\u200b", "") == HOSTILE


def test_a_real_service_gets_it_from_the_process_of_its_own(receiver):
    url = f"mmost://127.0.0.1:{receiver.server_port}/3ccdd113474722377935511fc85d3dd4"
    INTEGRATIONS["apprise"].send(make_alert(summary=HOSTILE), Setup({}, {"url": url}))
    text = json.loads(receiver.got[0][2])["text"]
    assert [word for word in LIVE if word in text] == []
    assert LINKS.incident in text


def test_a_link_that_is_none_is_written_as_text(posted):
    alert = make_alert(links=LINKS.__class__(incident="https://a.example/ <!channel>"))
    send(ADDRESSES["google chat"], alert)
    assert "<!channel" not in read(posted)
