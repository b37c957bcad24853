"""The real OpenTelemetry SDK, one pair of providers for each service and release, over OTLP/HTTP.

Requests are simulated, not run: each span and record gets its own times, so that a minute of history takes
milliseconds to make.
"""

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context

EXPORT_EVERY_MS: Final = 700
LEVELS: Final = {
    "debug": SeverityNumber.DEBUG, "info": SeverityNumber.INFO, "warn": SeverityNumber.WARN,
    "error": SeverityNumber.ERROR, "fatal": SeverityNumber.FATAL,
}  # fmt: skip
Attributes = Mapping[str, Any]


class Providers:
    """What one release of one service sends through."""

    def __init__(self, service: str, release: str, endpoint: str, key: str) -> None:
        resource = Resource.create({"service.name": service, "service.version": release})
        headers = {"Authorization": f"Bearer {key}"}
        spans = OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", headers=headers, timeout=5)
        logs = OTLPLogExporter(endpoint=f"{endpoint}/v1/logs", headers=headers, timeout=5)
        self.traces = TracerProvider(resource=resource)
        self.traces.add_span_processor(BatchSpanProcessor(spans, schedule_delay_millis=EXPORT_EVERY_MS))
        self.logs = LoggerProvider(resource=resource)
        self.logs.add_log_record_processor(BatchLogRecordProcessor(logs, schedule_delay_millis=EXPORT_EVERY_MS))
        self.tracer = self.traces.get_tracer("shop")
        self.logger = self.logs.get_logger(f"shop.{service}")

    def flush(self) -> None:
        """Send what waits."""
        self.traces.force_flush(5000)
        self.logs.force_flush(5000)

    def close(self) -> None:
        """Send what waits and end the threads."""
        self.traces.shutdown()
        self.logs.shutdown()


@dataclass
class Telemetry:
    """Providers by (service, release), made when they are first needed."""

    endpoint: str
    key: str
    made: dict[tuple[str, str], Providers] = field(default_factory=dict)

    def of(self, service: str, release: str) -> Providers:
        """The providers of a release; those of the service's former releases are closed."""
        found = self.made.get((service, release))
        if found is None:
            for other in [known for known in self.made if known[0] == service]:
                self.made.pop(other).close()
            found = self.made[service, release] = Providers(service, release, self.endpoint, self.key)
        return found

    def flush(self) -> None:
        """Send what waits, of all."""
        for providers in self.made.values():
            providers.flush()

    def close(self) -> None:
        """At the end."""
        for providers in self.made.values():
            providers.close()


@dataclass
class Call:
    """One span that is being made up, with a clock of its own."""

    providers: Providers
    span: Span
    start_ns: int
    shared: Attributes  # session, user and so on: on each record of the request
    now_ns: int = 0
    request: dict[str, Any] = field(default_factory=dict)  # what the access record repeats

    def __post_init__(self) -> None:
        self.now_ns = self.start_ns

    def log(self, level: str, body: str, error: BaseException | None = None, **attributes: Any) -> None:
        """One record inside the span."""
        extra = describe_error(error) if error else {}
        self.now_ns += 100_000
        self.providers.logger.emit(
            LogRecord(
                timestamp=self.now_ns,
                context=set_span_in_context(self.span, Context()),
                severity_number=LEVELS[level],
                severity_text=level.upper(),
                body=body,
                attributes={**self.shared, **attributes, **extra},
            )
        )

    def spend(self, milliseconds: float) -> None:
        """Time passes."""
        self.now_ns += int(milliseconds * 1_000_000)

    def child(self, providers: Providers, name: str, kind: SpanKind, attributes: Attributes) -> "Call":
        """A span below this one, from now on."""
        return begin(
            providers, name, kind, self.now_ns, attributes, self.shared, set_span_in_context(self.span, Context())
        )

    def end(self, parent: "Call | None" = None, *, status: int | None = None, failed: bool = False) -> None:
        """The span is over; its parent's clock moves on to here."""
        if status is not None:
            self.span.set_attribute("http.response.status_code", status)
        if failed:
            self.span.set_status(Status(StatusCode.ERROR))
        self.span.end(end_time=self.now_ns)
        if parent is not None:
            parent.now_ns = max(parent.now_ns, self.now_ns)


def begin(
    providers: Providers,
    name: str,
    kind: SpanKind,
    start_ns: int,
    attributes: Attributes,
    shared: Attributes,
    context: Context | None = None,
) -> Call:
    """A span that starts at a given time."""
    together = {**shared, **attributes}
    span = providers.tracer.start_span(
        name, context=context or Context(), kind=kind, attributes=together, start_time=start_ns
    )
    return Call(providers, span, start_ns, shared)


def describe_error(error: BaseException) -> dict[str, str]:
    """OpenTelemetry's attributes of an exception."""
    return {
        "exception.type": type(error).__name__,
        "exception.message": str(error),
        "exception.stacktrace": "".join(traceback.format_exception(error)),
    }
