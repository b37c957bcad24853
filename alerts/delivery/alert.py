"""What an integration gets: plain data, closed and redacted, never a model."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Links:
    """Where to go, as full addresses."""

    incident: str
    logs: str = ""
    home: str = ""  # the product itself
    trace: str = ""
    session: str = ""
    rule: str = ""
    acknowledge: str = ""
    resolve: str = ""
    silence: str = ""
    runbook: str = ""
    error: str = ""  # the page of the one error that it is about
    monitor: str = ""  # the job that did not check in, with its check-ins: in place of logs


@dataclass(frozen=True, slots=True)
class Member:
    """One of the incidents that a digest tells of, as it stands now."""

    incident_id: int
    title: str
    severity: str
    state: str
    link: str
    summary: str = ""
    service: str = ""
    started_at: str = ""
    back_at: str = ""
    acknowledge: str = ""  # a link that acts, while nobody is on it and where the target gives such links


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to tell. Times are RFC 3339 in UTC; texts have passed the outgoing redaction."""

    id: str  # the same on each attempt
    action: str  # trigger, update, acknowledge, resolve, digest, test
    dedup_key: str
    incident_id: int
    title: str
    summary: str
    severity: str
    environment: str
    environment_kind: str
    rule: str
    service: str
    route: str
    release: str
    state: str
    started_at: str
    resolved_at: str
    value: float | None
    trace_id: str
    messages: tuple[tuple[str, int], ...]
    sessions: int
    users: int
    deploy: str
    links: Links
    news: str = ""  # what is new beside the beginning or the end: "ana acknowledged it at 11:49:10 UTC."
    back_at: str = ""  # when it last came back; empty when it never did
    change: str = ""  # "4.2 times the usual 12"
    told_after_ms: int | None = None  # from the deciding record's receipt to this try
    trend: tuple[float | None, ...] = ()  # the signal up to now, for a small chart
    members: tuple[Member, ...] = ()  # of a digest
    target_link: str = ""  # where the target is set up
    facts: dict[str, str] = field(default_factory=dict)
