"""A custom action: a django-q2 task that the operator has named in the settings. Who sets up targets chooses one of those
names; nothing else can be called, and nothing that was typed is ever run."""

from collections.abc import Mapping
from typing import Any

import orjson
from django_q.tasks import async_task

from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import TURNS, Field, Sent, Setup, check_fields
from diagnostics.core.options import option


class Task:
    """The registry's entry."""

    label = "Custom action (task)"
    help_text = "Runs a task of your operator's own code in the worker; they name the tasks in the settings."
    fields: tuple[Field, ...] = (Field("task", "Task", 'A name from DIAGNOSTICS["ACTIONS"] in the settings.'), TURNS)

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """The task must be one that the operator registered."""
        found = check_fields(self.fields, config, secrets)
        actions = option("ACTIONS")
        if config.get("task") and config["task"] not in actions:
            found.append(
                f"Task: there is no such task; use {', '.join(sorted(actions)) or 'none yet: ask your operator'}."
            )
        return found

    def preview(self, alert: Alert, setup: Setup) -> str:
        """What the task is given."""
        return orjson.dumps(arguments_of(alert), option=orjson.OPT_INDENT_2).decode()

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """Queue it."""
        path = option("ACTIONS").get(setup.config.get("task", ""))
        if path is None:
            raise DeliveryError("the task is not registered any more", permanent=True)
        async_task(path, arguments_of(alert), task_name=f"action {alert.id}"[:100])
        return Sent()


def arguments_of(alert: Alert) -> dict[str, Any]:
    """Ids and words of ours: no text of a record is put into the queue. The task reads the incident if it needs more."""
    return {
        "notification_id": alert.id,
        "incident_id": alert.incident_id,
        "action": alert.action,
        "severity": alert.severity,
        "state": alert.state,
        "dedup_key": alert.dedup_key,
    }
