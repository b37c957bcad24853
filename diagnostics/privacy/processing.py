"""The record of processing (GDPR, Article 30), made from the configuration: it says what this environment does today."""

from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from diagnostics.core.options import option, plugins
from diagnostics.core.permissions import LABELS, Perm
from diagnostics.digest.errors import FORGOTTEN
from diagnostics.geo import read_status
from diagnostics.models import Environment, PrivacyPolicy
from diagnostics.pipeline.policy import DETECTORS, Action
from diagnostics.privacy.export_file import EXPORT_DAYS
from diagnostics.privacy.policies import compile_policy
from diagnostics.privacy.pseudonyms import living

DIAGNOSIS: Final = "Finding and mending faults of the software"
ANSWERABLE: Final = "Being answerable for who saw and changed what"


@dataclass(frozen=True, slots=True)
class Kept:
    """One category of what is kept."""

    what: str
    holds: str
    why: str
    days: str
    seen_by: Perm | tuple[Perm, ...] = ()

    @property
    def who(self) -> str:
        """The permissions that open it, in words."""
        needed = (self.seen_by,) if isinstance(self.seen_by, Perm) else self.seen_by
        return " · ".join(LABELS[perm] for perm in needed) or "superusers"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told something from here."""

    name: str
    kind: str
    gets: str
    is_on: bool


@dataclass(slots=True)
class Processing:
    """Everything on the page."""

    kept: list[Kept] = field(default_factory=list)
    recipients: list[Recipient] = field(default_factory=list)
    measures: list[tuple[str, str]] = field(default_factory=list)


def describe_processing(environment: Environment) -> Processing:
    """What each app says of itself, in the order of settings."""
    found = Processing()
    for describe in plugins("PROCESSING"):
        describe(environment, found)
    return found


def describe_records(environment: Environment, found: Processing) -> None:
    """Records, spans, sums, requests about persons, and the audit trail."""
    days, restricted = (
        environment.retention_days,
        min(environment.restricted_retention_days, environment.retention_days),
    )
    policy = compile_policy(PrivacyPolicy.objects.filter(environment=environment).first() or PrivacyPolicy())
    named = [rule.name for rule in policy.keys if rule.action is Action.RESTRICT]
    client = [
        name for name, on in (("IP address", policy.restrict_address), ("user agent", policy.restrict_agent)) if on
    ]
    apart = ", ".join(["stack traces, local variables, bodies", *named, *client])
    found.kept += [
        Kept(
            "Records", "redacted text and attributes, pseudonym of the user, session, truncated network, region, device "
            "family", DIAGNOSIS, f"{days} days", Perm.VIEW_LOGS,
        ),
        Kept(
            "Restricted fields", f"{apart}; encrypted, shown by an audited act", DIAGNOSIS, f"{restricted} days",
            (Perm.VIEW_RESTRICTED, Perm.VIEW_STACK_TRACES),
        ),
        Kept("Spans", "names and times of operations, pseudonym, session", DIAGNOSIS, f"{days} days", Perm.VIEW_TRACES),
        Kept(
            "Sums and message patterns", "counts by minute, service and route; no persons", DIAGNOSIS, f"{days} days",
            Perm.VIEW_LOGS,
        ),
        Kept(
            "Known errors", "type, releases and times, who of ours resolved or ignored them; their words and counts by the "
            "minute as long as records", DIAGNOSIS, f"{max(days, FORGOTTEN.days)} days after they were last seen",
            Perm.VIEW_LOGS,
        ),
        Kept(
            "Receipts of requests", "time, format, counts, what was refused and why, a keyed hash that tells repeats; no "
            "addresses of senders", "Storing once what is sent twice", f"{days} days",
        ),
        Kept(
            "Requests of persons", "hash of the pseudonym, counts; exports themselves encrypted",
            "Answering requests for access and erasure", f"exports {EXPORT_DAYS} days; the log of erasures stays",
            Perm.EXPORT_DATA,
        ),
        Kept(
            "Saved views", "searches under a name that people who work here give; pseudonyms and sessions that they look for",
            DIAGNOSIS, f"those that name somebody {days} days after their last change", Perm.VIEW_LOGS,
        ),
        Kept(
            "Access events", "name of the acting person, act, time; of changes what was before and after", ANSWERABLE,
            f"{option('AUDIT_RETENTION_DAYS')} days", Perm.MANAGE_ACCESS,
        ),
        Kept(
            "People who work here", "name, e-mail address, roles, means of signing in; of open sign-ins and failed ones "
            "address and browser", "Letting in who may, and nobody else",
            f"until the account is deleted; sign-ins {settings.SESSION_COOKIE_AGE // 3600} hours, failed ones 14 days",
            Perm.MANAGE_ACCESS,
        ),
    ]  # fmt: skip
    found.measures += measures_of(environment, policy.off, len(policy.keys), [item.name for item in policy.patterns])


def measures_of(environment: Environment, off: frozenset[str], keys: int, patterns: list[str]) -> list[tuple[str, str]]:
    """What protects it."""
    looked_for = ", ".join(sorted(set(DETECTORS) - off))
    own = f"; own patterns: {', '.join(patterns)}" if patterns else ""
    without = f"; switched off: {', '.join(sorted(off))}" if off else ""
    changed = environment.pseudonym_key_changed_at
    retired = len(living(environment.retired_pseudonym_keys))
    geo = read_status()
    return [
        (
            "Redaction before storing",
            f"credentials always; {looked_for}{own}{without}; {keys} rules for named attributes",
        ),
        (
            "Pseudonyms",
            "keyed hashes (HMAC-SHA256), one key for this environment, encrypted"
            + (f", last changed {changed:%Y-%m-%d}" if changed else "")
            + (f"; {retired} older keys still find old records" if retired else ""),
        ),
        (
            "Encryption",
            "restricted fields, exports, target secrets and keys: AES-256-GCM; the rest by disk and database",
        ),
        (
            "Access",
            "roles for this environment; reveals, exports, erasures, searches for a person are written down in a chain",
        ),
        ("Erasure", "by pseudonym over all stores; again after a backup was restored"),
        (
            "Regions",
            (geo.problem and "not derived") or f"from a file of {geo.built_at:%Y-%m-%d}; nothing is asked outside",
        ),
    ]
