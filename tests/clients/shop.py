"""A program that logs and traces with OpenTelemetry as its documentation says; where to is said by its environment."""

import json
import logging
import sys

from opentelemetry import trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

word = sys.argv[1]
logs, traces = LoggerProvider(), TracerProvider()
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
set_logger_provider(logs)
trace.set_tracer_provider(traces)
logger = logging.getLogger("shop.cart")
logger.setLevel(logging.INFO)
logger.addHandler(LoggingHandler(logger_provider=logs))

with trace.get_tracer("shop").start_as_current_span("GET /cart", kind=trace.SpanKind.SERVER) as root:
    logger.info("cart opened %s", word, extra={"cart.items": 3})
    try:
        with trace.get_tracer("shop").start_as_current_span("load cart") as child:
            raise LookupError(f"cart is missing {word}")
    except LookupError:
        logger.exception("cart failed %s", word)

flushed = [logs.force_flush(), traces.force_flush()]
logs.shutdown()
traces.shutdown()
told = {
    "flushed": flushed,
    "trace_id": trace.format_trace_id(root.get_span_context().trace_id),
    "root": trace.format_span_id(root.get_span_context().span_id),
    "child": trace.format_span_id(child.get_span_context().span_id),
}
sys.stdout.write(json.dumps(told))
