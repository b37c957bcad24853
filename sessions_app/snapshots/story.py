"""A snapshot as people read it: records and spans in one order, on one clock that ends at the failure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from diagnostics.core import clock, figures
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from sessions_app.models import Snapshot
from sessions_app.snapshots.content import Document, Item, read_document
from sessions_app.snapshots.read import BEFORE, COUNTED

ERROR_STATUS: Final = 2  # of a span
NS: Final = 1_000_000  # in a millisecond


@dataclass(frozen=True, slots=True)
class Step:
    """One line: a record, or a span by its beginning. `lives`: the record can still be opened."""

    item: Item
    at_ns: int
    moment: datetime
    from_failure: str
    away_ns: int = 0
    is_span: bool = False
    is_broken: bool = False
    lives: bool = False
    duration_ns: int = 0

    @property
    def tone(self) -> str:
        """The severity; of a span whether it failed."""
        if not self.is_span:
            return str(self.item.get("severity", ""))
        failed = self.item.get("status_code") == ERROR_STATUS or self.item.get("http_status", 0) >= 500
        return "error" if failed else ""

    @property
    def anchor(self) -> str:
        """Its name within the page."""
        return f"s{self.item.get('span_id', '')}" if self.is_span else f"r{self.item.get('reference', '')}"

    @property
    def offset_ms(self) -> float:
        """From the failure."""
        return self.away_ns / NS

    @property
    def service(self) -> str:
        """Whose it is."""
        return str(self.item.get("service_name", ""))

    @property
    def text(self) -> str:
        """What it says; of a span its name."""
        named = self.item.get("name") if self.is_span else self.item.get("body") or self.item.get("event_name")
        return str(named or "(no text)")

    @property
    def request(self) -> str:
        """'GET /cart 500', as far as it is known and not said already."""
        parts = [str(self.item[name]) for name in ("http_method", "http_route", "http_status") if self.item.get(name)]
        return " ".join(part for part in parts if not (self.is_span and part in self.text.split()))

    @property
    def is_error(self) -> bool:
        """Error or worse."""
        return self.tone in ("error", "fatal")

    @property
    def duration_ms(self) -> float | None:
        """Of a span, or of what a record tells of."""
        return self.duration_ns / NS if self.is_span else self.item.get("duration_ms")


@dataclass(slots=True)
class Told:
    """What the page shows of a snapshot to one person, and the names of what it leaves out for them."""

    steps: list[Step] = field(default_factory=list)
    broken: Item = field(default_factory=dict)
    cuts: list[str] = field(default_factory=list)
    before: str = ""  # how long before the failure it begins
    hidden: list[str] = field(default_factory=list)


def tell_story(snapshot: Snapshot, held: set[Perm]) -> Told:
    """The story, as far as the person may see it."""
    document, hidden = visible_part(read_document(snapshot), held)
    failed_ns = clock.to_ns(snapshot.happened_at)
    broken: Item = next((item for item in document["records"] if item.get("reference") == snapshot.record), {})
    failed_ns = number_of(broken, failed_ns)
    oldest = records_since(snapshot.environment)
    steps = [
        *(step_of(item, failed_ns, oldest, is_broken=item is broken) for item in document["records"]),
        *(step_of(item, failed_ns, oldest, is_span=True) for item in document["spans"]),
    ]
    steps.sort(key=lambda step: (step.at_ns, step.is_broken))
    before = away(steps[0].at_ns - failed_ns).lstrip("−") if steps and steps[0].at_ns < failed_ns else ""
    return Told(steps, broken, list(tell_cuts(document)), before, hidden)


def visible_part(document: Document, held: set[Perm]) -> tuple[Document, list[str]]:
    """Spans are for who sees traces; attributes and all else that a session's page does not show for who sees logs."""
    shown, hidden = dict(document), []
    if Perm.VIEW_TRACES not in held and document["spans"]:
        shown["spans"] = []
        hidden.append("spans")
    if Perm.VIEW_LOGS not in held:
        shown["records"] = [plain(item) for item in document["records"]]
        hidden.append("attributes")
    return shown, hidden


PLAIN: Final = frozenset({
    "reference", "timestamp", "timestamp_unix_nano", "severity", "severity_number", "body", "service_name", "event_name",
    "http_method", "http_route", "http_status", "duration_ms", "shortened", "has_restricted", "error_type", "fingerprint",
    "device_type", "browser", "os", "geo_country", "geo_region",
})  # fmt: skip


def plain(item: Item) -> Item:
    """What the page of a session shows of a record."""
    return {name: value for name, value in item.items() if name in PLAIN}


def number_of(item: Item, otherwise: int) -> int:
    """Nanoseconds since 1970."""
    text = str(item.get("timestamp_unix_nano", ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else otherwise


def step_of(item: Item, failed_ns: int, oldest: datetime, *, is_span: bool = False, is_broken: bool = False) -> Step:
    """One line."""
    at_ns = number_of(item, failed_ns)
    moment = clock.from_ns(at_ns)
    lives = not is_span and moment >= oldest
    duration = int(item.get("duration_ns", 0)) if is_span else 0
    return Step(item, at_ns, moment, away(at_ns - failed_ns), at_ns - failed_ns, is_span, is_broken, lives, duration)


def away(nanoseconds: int) -> str:
    """'−12.3 s', '0', '+0.4 s'."""
    if nanoseconds == 0:
        return "0"
    sign, size = ("−" if nanoseconds < 0 else "+"), abs(nanoseconds) / NS
    if size >= 120_000:
        minutes, seconds = divmod(round(size / 1000), 60)
        return f"{sign}{minutes} min {seconds:02d} s"
    return sign + figures.milliseconds(size)


def records_since(environment: Environment) -> datetime:
    """Older records are gone."""
    return clock.now() - timedelta(days=environment.retention_days)


def tell_cuts(document: Document) -> Iterable[str]:
    """What is not in it, in sentences."""
    cut: dict[str, Any] = document["cut"]
    minutes = int(BEFORE.total_seconds() // 60)
    if number := cut.get("records_before"):
        yield f"The first {said(number, 'record')} of these {minutes} minutes {are(number)} not kept."
    if cut.get("earlier"):
        yield f"What came earlier than {minutes} minutes before is not kept."
    if number := cut.get("records_after"):
        yield f"{said(number, 'record')} of the seconds after it {are(number)} not kept."
    if number := cut.get("spans"):
        yield f"{said(number, 'earlier span')} {are(number)} not kept."
    if number := cut.get("shortened"):
        yield f"{said(number, 'long record or span', 'long records and spans')} {are(number)} shortened."
    gone = [(cut.get("erased_records", 0), "record"), (cut.get("erased_spans", 0), "span")]
    if parts := [said(number, name) for number, name in gone if number]:
        yield f"{' and '.join(parts)} of somebody who asked for it {'were' if sum(n for n, _ in gone) > 1 else 'was'} erased."


def said(number: int, one: str, many: str = "") -> str:
    """A bounded count and its noun."""
    noun = one if number == 1 else many or f"{one}s"
    return f"more than {COUNTED:,} {noun}" if number >= COUNTED else f"{number:,} {noun}"


def are(number: int) -> str:
    """The verb."""
    return "is" if number == 1 else "are"


def is_failure(snapshot: Snapshot) -> bool:
    """Whether something broke: people keep moments, too."""
    return snapshot.reason != Snapshot.Reason.BY_HAND or bool(snapshot.fingerprint)


def headline(snapshot: Snapshot) -> str:
    """What broke, in one sentence."""
    where = snapshot.service_name or "a service without a name"
    if snapshot.reason == Snapshot.Reason.CRASH:
        news = " on an error never seen before" if snapshot.is_news else ""
        return f"{where} crashed{news}."
    if snapshot.reason == Snapshot.Reason.NEW_ERROR:
        return f"{where} met an error never seen before."
    if snapshot.reason == Snapshot.Reason.CAME_BACK:
        return f"{where} met an error that had been away."
    kept = "this error" if is_failure(snapshot) else "this moment"
    return f"{snapshot.taken_by_name or 'Somebody'} kept {kept} of {where}."


def client_of(broken: Item) -> str:
    """Device, browser, system and region of the record that broke."""
    names = ("device_type", "browser", "os", "geo_country", "geo_region")
    return " · ".join(str(broken[name]) for name in names if broken.get(name))


def restricted_until(snapshot: Snapshot) -> datetime:
    """When the stack trace of its record goes, or went."""
    environment = snapshot.environment
    days = min(environment.retention_days, environment.restricted_retention_days)
    return snapshot.happened_at + timedelta(days=days)
