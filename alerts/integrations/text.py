"""Words that several integrations say alike, and how a text is made to fit: a cut can be seen."""

from typing import Final

from alerts.delivery.alert import Alert

STATES: Final = {
    "trigger": "Triggered", "update": "Update", "acknowledge": "Acknowledged", "resolve": "Resolved",
    "digest": "Several alerts", "test": "Test",
}  # fmt: skip


def describe_state(alert: Alert) -> str:
    """'Triggered', 'Triggered again'; a test says that it is one."""
    said = STATES[alert.action]
    return f"{said} again" if alert.action == "trigger" and alert.back_at else said


def is_over(alert: Alert) -> bool:
    """Whether the message says that all it is about is over."""
    return alert.action == "resolve" or (alert.action == "digest" and alert.state == "resolved")


def headline(alert: Alert) -> str:
    """The first line of a message."""
    return f"{describe_state(alert)}: {alert.title}"


def subject(alert: Alert) -> str:
    """The same with the environment in front: what a phone shows of a message, and what filters look at."""
    return f"[{alert.environment}] {headline(alert)}"


def facts_of(alert: Alert) -> list[tuple[str, str]]:
    """What is known, in few words."""
    affected = f"{count(alert.sessions, 'session')}, {count(alert.users, 'user')}" if alert.sessions else ""
    facts = [
        ("New", alert.news), ("Environment", alert.environment), ("Severity", alert.severity), ("Service", alert.service),
        ("Route", alert.route), ("Release", alert.release), ("Since", moment(alert.started_at)),
        ("Back since", moment(alert.back_at)),
        ("Resolved", moment(alert.resolved_at)), ("Against the usual", alert.change), ("Changed before", alert.deploy),
        ("Affected", affected), ("Trace", alert.trace_id), ("Rule", alert.rule),
        ("Told after", "" if alert.told_after_ms is None else span(alert.told_after_ms)), *alert.facts.items(),
    ]  # fmt: skip
    return [(name, value) for name, value in facts if value]


def count(number: int, noun: str) -> str:
    """'1 user', '2 users'."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def span(milliseconds: int) -> str:
    """'340 ms', '1.2 s', '4 min'."""
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    return f"{milliseconds / 1000:,.1f} s" if milliseconds < 120_000 else f"{milliseconds // 60_000:,} min"


def moment(text: str) -> str:
    """A time for people: '2026-03-01 12:00:30 UTC'."""
    return f"{text[:19].replace('T', ' ')} UTC" if text else ""


def named_links(alert: Alert) -> list[tuple[str, str]]:
    """(words, address) of each link there is, the most useful first."""
    links = alert.links
    acknowledge = links.acknowledge if asks_for_answer(alert) else ""
    named = [
        ("Incidents" if alert.action == "test" else "Incident", links.incident), ("Acknowledge", acknowledge),
        ("Monitor", links.monitor), ("Error", links.error), ("Logs", links.logs), ("Trace", links.trace),
        ("Session", links.session), ("Runbook", links.runbook), ("Silence", links.silence), ("Rule", links.rule),
    ]  # fmt: skip
    return [(words, address) for words, address in named if address]


def asks_for_answer(alert: Alert) -> bool:
    """Whether nobody is on it, as far as is known when the message is written."""
    return alert.action in ("trigger", "update") and alert.state == "triggered"


def message_lines(alert: Alert, longest: int) -> list[str]:
    """The most frequent messages, each with its count."""
    return [f"{number}\N{MULTIPLICATION SIGN} {cut(text, longest)}" for text, number in alert.messages]


def cut(text: str, longest: int) -> str:
    """The text, or its beginning and a sign that there was more."""
    return text if len(text) <= longest else f"{text[: max(longest - 1, 0)]}…"
