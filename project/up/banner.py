"""What `up` prints when everything runs: where to go, who to be, how to send."""

import shlex
import sys
from typing import Any

OTEL = """\
  OTEL_EXPORTER_OTLP_ENDPOINT={url}/otlp \\
  OTEL_EXPORTER_OTLP_HEADERS="Authorization=Bearer%20{key}" \\
  OTEL_SERVICE_NAME=my-first-service {python} - <<'END'
  import logging
  from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
  from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
  from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
  provider = LoggerProvider()
  provider.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
  logging.getLogger().addHandler(LoggingHandler(logger_provider=provider))
  logging.warning("hello from OpenTelemetry")
  provider.shutdown()
  END"""


def write_banner(url: str, credentials: dict[str, Any], *, demo: bool) -> str:
    """The text; `credentials` as `manage.py setup` keeps them."""
    key = credentials.get("ingest_key", "")
    password = credentials.get("password", "(the password that you set)")
    snippet = OTEL.format(url=url, key=key, python=shlex.quote(sys.executable)).replace("\n  ", "\n")
    lines = [
        "",
        f"Diagnostics runs at  {url}",
        f"  sign in as         {credentials.get('username', 'admin')}  /  {password}",
        f"  ingest key         {key}   ({credentials.get('environment', '')})",
        "",
        "Send a log:",
        f"curl -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\",
        '  -d \'{"level": "error", "service": "checkout", "message": "payment failed", "session_id": "s-1"}\' \\',
        f"  {url}/api/v1/logs",
        "",
        "Send with OpenTelemetry:",
        snippet.removeprefix("  "),
        "",
    ]
    if demo:
        lines += [
            "The demo shop sends live traffic; its first incident comes in about a minute. DEMO=0 starts empty.",
            "",
        ]
    return "\n".join([*lines, "Ctrl-C stops everything.", ""])
