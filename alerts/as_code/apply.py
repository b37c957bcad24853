"""Applying a document: what would change is worked out by changing it, in a transaction that a dry run takes back."""

from django.db import transaction

from alerts.as_code.document import Document, DocumentError
from alerts.as_code.monitors import apply_monitors, prune_monitors
from alerts.as_code.policy import apply_policy
from alerts.as_code.rules import apply_rules, prune_rules
from alerts.as_code.steps import Step
from alerts.as_code.targets import apply_targets, prune_targets
from alerts.changes import Actor
from diagnostics.models import Environment


class TakenBackError(Exception):
    """Ends the transaction of a dry run."""


def apply_document(
    actor: Actor,
    environment: Environment,
    document: Document,
    *,
    dry_run: bool = False,
    prune: bool = False,
    trusted: bool = False,
) -> list[Step]:
    """What changed (or would); all of it, or nothing. `prune` deletes what the document does not name."""
    if document.environment not in ("", environment.slug):
        raise DocumentError(
            f"environment: this is the document of {document.environment[:60]}; take the line out to use it here"
        )
    steps: list[Step] = []
    try:
        with transaction.atomic():
            steps += apply_targets(actor, environment, document.targets, trusted=trusted)
            steps += apply_rules(actor, environment, document.rules)
            steps += apply_monitors(actor, environment, document.monitors)
            steps += apply_policy(actor, environment, document.policy)
            if prune:
                steps += prune_rules(actor, environment, document.rules)
                steps += prune_targets(actor, environment, document.targets)
                steps += prune_monitors(actor, environment, document.monitors)
            if dry_run:
                raise TakenBackError
    except TakenBackError:
        pass
    return steps
