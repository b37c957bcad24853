"""Everything else, by an Apprise address: sent from a process of its own that reaches public hosts by https and nothing else."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.delivery.seal import own_texts, seal_text
from alerts.integrations.base import Field, Sent, Setup, check_fields
from alerts.integrations.text import facts_of, message_lines, named_links, subject
from diagnostics.core.options import option

SECONDS: Final = 25.0
KINDS: Final = {"critical": "failure", "error": "failure", "warning": "warning", "info": "info"}


class AppriseTarget:
    """The registry's entry."""

    label = "Apprise (other services)"
    help_text = "Discord, Telegram, Pushover, Matrix, ntfy and over a hundred more, by an Apprise address."
    fields: tuple[Field, ...] = (
        Field(
            "url",
            "Apprise address",
            "Such as discord://…, tgram://…, pover://…, ntfys://…; see the Apprise project for each service's. "
            "Only services that are reached by https at public hosts.",
            is_secret=True,
        ),
    )

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """Apprise itself reads the address."""
        found = check_fields(self.fields, config, secrets)
        if found:
            return found
        answer = run_child({"url": secrets["url"], "check_only": True})
        return [] if answer["ok"] else [answer["problem"] or "Address: it cannot be read."]

    def preview(self, alert: Alert, setup: Setup) -> str:
        """Title and text."""
        title, text, links = write_message(alert)
        return "\n\n".join(part for part in (title, text, "\n".join(": ".join(pair) for pair in links)) if part)

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """Apprise says yes or no, not why; so a no is tried again until it is too late."""
        title, text, links = write_message(alert)
        kind = "success" if alert.action == "resolve" else KINDS.get(alert.severity, "failure")
        message = {"title": title, "text": text, "links": links, "type": kind}
        answer = run_child({"url": setup.secrets.get("url", ""), "check_only": False, **message})
        if not answer["ok"]:
            problem = answer["problem"].removeprefix("Address: ")
            raise DeliveryError(problem or "the service did not take the message", permanent=bool(problem))
        return Sent()


def write_message(alert: Alert) -> tuple[str, str, list[tuple[str, str]]]:
    """Title, text and links, plain: what the service reads them as, the child knows."""
    facts = "\n".join(f"{name}: {value}" for name, value in facts_of(alert))
    lines = "\n".join(message_lines(alert, 200)) if alert.action != "resolve" else ""
    keep = own_texts(alert)
    text = seal_text("\n\n".join(part for part in (alert.summary, facts, lines) if part), keep)
    links = [(words, seal_text(address, keep)) for words, address in named_links(alert)]
    return seal_text(subject(alert), keep), text, links


def run_child(job: dict[str, Any]) -> dict[str, Any]:
    """Run the child with a job, bounded in time; neither proxies nor secrets of ours are in its environment."""
    job |= {"allowed_networks": option("DELIVERY_ALLOWED_NETWORKS"), "allow_http": option("DELIVERY_ALLOW_HTTP")}
    environment = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "SSL_CERT_FILE") if name in os.environ}
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "alerts.integrations.apprise.child"],
            input=json.dumps(job).encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=settings.BASE_DIR,
            env=environment,
        )
        answer = json.loads(ended.stdout)
    except subprocess.TimeoutExpired:
        raise DeliveryError("no answer in time") from None
    except (OSError, ValueError):
        raise DeliveryError("the message could not be handed over") from None
    return {"ok": bool(answer.get("ok")), "problem": str(answer.get("problem", ""))}
