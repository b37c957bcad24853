"""Secrets by reference: the document never holds one."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from alerts.as_code.document import DocumentError

KEEP: Final = "keep"
MOST_CHARS: Final = 2000


def read_references(given: Any, known: Mapping[str, str], place: str, *, trusted: bool) -> dict[str, str]:
    """The secrets that a target shall have. `trusted`: the document may name the environment and files of this machine."""
    if given is None:
        return dict(known)
    if not isinstance(given, dict):
        raise DocumentError(f"{place}: secrets: a mapping of names is needed")
    return {str(name): read_reference(str(name), value, known, place, trusted=trusted) for name, value in given.items()}


def read_reference(name: str, value: Any, known: Mapping[str, str], place: str, *, trusted: bool) -> str:
    """One secret: `keep`, `{env: NAME}` or `{file: PATH}`."""
    where = f"{place}: secrets: {name[:40]}"
    if value == KEEP:
        if name not in known:
            raise DocumentError(
                f"{where}: there is none to keep; give {{env: NAME}} or {{file: PATH}}, or set it in admin"
            )
        return known[name]
    kind, source = next(iter(value.items())) if isinstance(value, dict) and len(value) == 1 else ("", "")
    if kind not in ("env", "file") or not isinstance(source, str):
        raise DocumentError(
            f"{where}: write keep, {{env: NAME}} or {{file: PATH}}; a secret itself does not belong here"
        )
    if not trusted:
        raise DocumentError(
            f"{where}: over the API only `keep` is possible; set it in admin or with manage.py rules apply"
        )
    found = os.environ.get(source, "") if kind == "env" else read_file(source, where)
    if not found or len(found) > MOST_CHARS:
        raise DocumentError(f"{where}: {kind} {source[:60]} is empty or longer than {MOST_CHARS} characters")
    return found


def read_file(path: str, where: str) -> str:
    """The file's text without the line break at its end."""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise DocumentError(f"{where}: cannot read the file {path[:80]}") from None
