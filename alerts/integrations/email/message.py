"""A mail for one recipient: text first, then HTML, with the small chart; all turns of an incident form one thread."""

import hashlib
from dataclasses import replace
from email.mime.image import MIMEImage
from email.utils import format_datetime
from typing import Final
from urllib.parse import urlsplit

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from alerts.delivery.alert import Alert, Links, Member
from alerts.delivery.seal import own_texts, seal_text
from alerts.integrations.email.chart import draw_chart
from alerts.integrations.text import (
    asks_for_answer,
    cut,
    describe_state,
    facts_of,
    headline,
    message_lines,
    moment,
    named_links,
)
from diagnostics.core import clock

SUBJECT_CHARS: Final = 180
NAMED: Final = 3  # services in the subject of several alerts
ALONE: Final = ("test", "digest")  # belong to no incident's thread
CHART_ID: Final = "chart"


class Mail(EmailMultiAlternatives):
    """Pictures belong to the HTML instead of being enclosed beside it."""

    mixed_subtype = "related"


def build_mail(alert: Alert, sender: str, recipient: str) -> Mail:
    """Ready to be sent."""
    context = context_of(alert)
    keep = own_texts(alert)
    mail = Mail(
        subject=write_subject(alert),
        body=seal_text(render_to_string("alerts/messages/mail.txt", context), keep),
        from_email=sender,
        to=[recipient],
        headers=headers_of(alert, recipient),
    )
    mail.attach_alternative(seal_text(render_to_string("alerts/messages/mail.html", context), keep), "text/html")
    if context["chart"]:
        mail.attach(chart_part(alert))
    return mail


def write_subject(alert: Alert) -> str:
    """One line, the same at all turns of an incident: mail programs take another subject for another thread. The first line
    of the text says what happened."""
    said = headline(alert) if alert.action in ALONE else alert.title
    said = f"[{alert.environment}] {describe_several(alert) if alert.members else said}"
    return cut(" ".join(seal_text(said, own_texts(alert)).split()), SUBJECT_CHARS)


def describe_several(alert: Alert) -> str:
    """'Several alerts, the worst critical: checkout, search and 2 more (4 incidents: 4 triggered)'."""
    services = list(dict.fromkeys(member.service for member in alert.members if member.service))
    more = f" and {len(services) - NAMED} more" if len(services) > NAMED else ""
    where = f": {', '.join(services[:NAMED])}{more}" if services else ""
    return f"{describe_state(alert)}, the worst {alert.severity}{where} ({alert.title})"


def context_of(alert: Alert) -> dict[str, object]:
    """For both templates. Of several incidents each has its line, and what is known of one alone is left out."""
    if alert.members:
        alert = replace(alert, service="", route="", release="", change="", deploy="", sessions=0, trace_id="", rule="",
                        started_at="", resolved_at="", messages=(), links=Links(alert.links.incident), trend=())  # fmt: skip
    return {
        "alert": alert,
        "state": describe_state(alert),
        "headline": headline(alert),
        "facts": facts_of(alert),
        "lines": message_lines(alert, 400),
        "links": named_links(alert) if not alert.members else [],
        "acts": acts_of(alert) if alert.action not in ALONE else [],
        "members": [(member, facts_of_member(member)) for member in alert.members],
        "chart": CHART_ID if alert.trend else "",
    }


def facts_of_member(member: Member) -> str:
    """'Service checkout, since 2026-03-01 12:00:00 UTC, back since 2026-03-01 12:05:00 UTC'."""
    facts = (
        ("service", member.service), ("since", moment(member.started_at)), ("back since", moment(member.back_at)),
    )  # fmt: skip
    said = ", ".join(f"{name} {value}" for name, value in facts if value)
    return f"{said[:1].upper()}{said[1:]}"


def acts_of(alert: Alert) -> list[tuple[str, str]]:
    """Links that act; without them the page of the incident is linked anyway. What somebody is on is not acknowledged
    again."""
    acts = [
        ("Acknowledge", alert.links.acknowledge if asks_for_answer(alert) else ""),
        ("Resolve", alert.links.resolve),
    ]
    return [(words, link) for words, link in acts if link and link != alert.links.incident]


def headers_of(alert: Alert, recipient: str) -> dict[str, str]:
    """Threads, and what keeps vacation answers and lists from answering."""
    host = urlsplit(alert.links.incident).hostname or "diagnostics.invalid"
    about = (
        f"{alert.action}-{alert.id}"
        if alert.action in ALONE
        else f"incident-{alert.incident_id}-{alert.dedup_key[:16]}"
    )
    thread = f"<{about}@{host}>"
    who = hashlib.sha256(recipient.lower().encode()).hexdigest()[:8]
    return {
        "Message-ID": f"<{alert.id}.{who}@{host}>",  # the same for each try: a receiver can tell a repetition
        "In-Reply-To": thread,
        "References": thread,
        "Date": format_datetime(clock.now()),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": f"<alerts.{host}>",
        "List-Unsubscribe": f"<{alert.target_link or alert.links.home or alert.links.incident}>",
        "X-Diagnostics-Severity": alert.severity,
        "X-Diagnostics-State": alert.state,
    }


def chart_part(alert: Alert) -> MIMEImage:
    """The picture, shown where the HTML names it."""
    part = MIMEImage(draw_chart(alert.trend), "png")
    part.add_header("Content-ID", f"<{CHART_ID}>")
    part.add_header("Content-Disposition", "inline", filename="chart.png")
    return part
