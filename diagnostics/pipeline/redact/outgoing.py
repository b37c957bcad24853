"""What may stay inside but must not leave the house: file paths, inner hosts, statements, stack frames, any address."""

from typing import Final

from diagnostics.pipeline.redact.patterns import compile_find
from diagnostics.pipeline.redact.scan import Scan

PATH: Final = compile_find(
    r"(?:/(?:home|root|usr|var|etc|opt|srv|app|apps|tmp|mnt|data|Users|Library|private|workspace|code|proc|run|lib|"
    r"node_modules)(?:/[A-Za-z0-9_.@+~-]+)+|\b[A-Za-z]:\\[^\s\"'<>|]+|\\\\[A-Za-z0-9_.-]+\\[^\s\"'<>|]+|"
    r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+\.(?:py|js|ts|jsx|tsx|java|rb|go|rs|php|cs|c|cpp|h|kt|scala|ex|lua))"
)
PATH_GATE: Final = r"/[A-Za-z0-9_.-]+[/.]|\\"
HOST: Final = compile_find(
    r"(?i)\b[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
    r"\.(?:internal|intranet|local|localdomain|lan|corp|private|home|svc|cluster|consul|priv|test|k8s)\b(?:\.[a-z]+)*|"
    r"\bip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}\b"
)
HOST_GATE: Final = r"(?i)\.(?:int|local|lan|corp|priv|home|svc|clus|cons|test|k8s)|ip-\d"
SQL: Final = compile_find(
    r"(?is)\b(?:select\s.+?\sfrom\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|"
    r"(?:create|alter|drop|truncate)\s+(?:table|index|view|database|role|user|schema)\s).*"
)
SQL_GATE: Final = r"(?i)\b(?:select|insert|update|delete|create|alter|drop|truncate)\s"
STACK: Final = compile_find(
    r"(?s)Traceback \(most recent call last\).*|(?m:^\s*File \"[^\n]*$)|(?m:^\s+at [^\n]*[(:][^\n]*$)|"
    r"goroutine \d+ \[[^\n]*\n.*"
)
STACK_GATE: Final = r"Traceback|File \"|\s+at |goroutine "
ADDRESS: Final = compile_find(r"\[ip:[0-9a-f.:]+/\d+\]")
ADDRESS_GATE: Final = r"\[ip:"
LOOPBACK: Final = compile_find(r"\b(?:127\.0\.0\.1|0\.0\.0\.0|localhost)\b|\[::1?\]")
LOOPBACK_GATE: Final = r"127\.0|0\.0\.0|localhost|::"


def find_paths(scan: Scan) -> None:
    """Claims file names with their folders; addresses' paths and routes stay."""
    for spans in scan.search(PATH):
        start = spans[0][0]
        if start and (scan.data[start - 1 : start].isalnum() or scan.data[start - 1 : start] in (b"/", b".")):
            continue
        scan.claim(*spans[0], "path")


def find_hosts(scan: Scan) -> None:
    """Claims names that mean something only inside."""
    for spans in scan.search(HOST):
        scan.claim(*spans[0], "host")


def find_statements(scan: Scan) -> None:
    """Claims SQL to the end of the text: where a statement ends, only its database knows."""
    for spans in scan.search(SQL):
        scan.claim(*spans[0], "sql")


def find_stacks(scan: Scan) -> None:
    """Claims the frames of a stack trace."""
    for spans in scan.search(STACK):
        scan.claim(*spans[0], "stack")


def find_addresses(scan: Scan) -> None:
    """Even the network of an address stays inside, and the loopback's."""
    for spans in scan.search(ADDRESS):
        scan.claim(*spans[0], "ip")
    for spans in scan.search(LOOPBACK):
        scan.claim(*spans[0], "host")
