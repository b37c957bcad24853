"""Credentials in addresses: `scheme://user:password@host`, `https://token@host`."""

import re
from typing import Final

from diagnostics.pipeline.redact import shapes
from diagnostics.pipeline.redact.patterns import compile_find
from diagnostics.pipeline.redact.scan import Scan

GATE: Final = r"://[^\s/\"'<>]*@"
# The password may hold `!#$?` and even `@`; it ends at the last `@` before the host's slash.
USERINFO: Final = compile_find(r"[A-Za-z][A-Za-z0-9+.-]*://([^\s/:@\"'<>]*)(?::([^\s\"'<>/]*))?@[A-Za-z0-9\[_.$%{-]")
SLASHED: Final = compile_find(
    r"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb|redis|rediss|amqps?|smtps?|ftps?|sftp|ldaps?|mssql|clickhouse|nats|kafka)"
    r"[A-Za-z0-9+.]*://([^\s/:@\"'<>]*):([^\s\"'<>?,]+)@[A-Za-z0-9\[_.-]"
)
SLASHED_GATES: Final = (
    r"(?:sql|mongodb|redis|s3|amqps?|ftps?|smtps?|ldaps?|mariadb|postgres|house|nats|kafka)[a-z0-9+]*://",
    r"@",
)


def find_userinfo(scan: Scan) -> None:
    """Claims the password, or the token that stands alone before the `@`."""
    for spans in scan.search(USERINFO):
        user, password = spans[1], spans[2]
        if password[0] >= 0:
            claim_password(scan, password)
        else:
            value = scan.data[slice(*user)].decode("latin-1")
            if len(value) >= 16 and shapes.looks_like_token(value) and shapes.count_digits(value):
                scan.claim(*user, "token")


def find_slashed_userinfo(scan: Scan) -> None:
    """A password with a slash, in the addresses of databases and queues, where none else can stand before the `@`."""
    for spans in scan.search(SLASHED):
        claim_password(scan, spans[2])


def claim_password(scan: Scan, span: tuple[int, int]) -> None:
    """Claims it unless it is a placeholder, or a port that an `@` follows by chance."""
    value = scan.data[slice(*span)].decode("latin-1")
    if not shapes.is_settled(value) and not re.match(r"\d{1,5}[/?#]", value):
        scan.claim(*span, "password")
