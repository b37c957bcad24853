"""Whether a rule's words are private: what a rule says stands in the audit trail for good, and records never hold it."""

import re
from typing import TYPE_CHECKING, Final

from diagnostics.pipeline.redact import redact_text
from diagnostics.search.free_text import free_texts
from diagnostics.search.query import Query, parse_query

if TYPE_CHECKING:
    from alerts.models.rule import AlertRule

REFUSED: Final = (
    "This holds something private: the audit trail would keep it, and no record has it once it is cleaned. Leave it out, or "
    "write what stands in its place, such as [email]."
)
VARIES: Final = "<*>"
# What of a pattern is no text of its own: groups and their flags, places, what may be anything, how often.
SYNTAX: Final = re.compile(
    r"(?P<nothing>\(\?(?:P?<\w+>|[a-zA-Z-]*[:)])|\\[QEAzbB]|[()^$])"
    r"|(?P<varies>(?:\\[a-zA-Z](?:\{[^}]{0,40}\})?|\[\^?\]?(?:\\.|[^\]\\])*\]|\.(?=[*+?{]))(?:[*+?]|\{[\d,]+\})*)"
    r"|\\(?P<literal>.)|(?P<other>\|)|[*+?]|\{[\d,]+\}",
    re.DOTALL,
)


def find_private(rule: "AlertRule") -> dict[str, str]:
    """Field -> that it holds what redaction would take out of a record."""
    words = {"query": words_of(rule.query), "pattern": [plain_words(rule.pattern)]}
    return {name: REFUSED for name, texts in words.items() if any(redact_text(text) != text for text in texts)}


def words_of(line: str) -> list[str]:
    """What is free text in a query line; nothing of a line that cannot be understood."""
    try:
        query = parse_query(line)
    except ValueError:
        query = Query()
    return list(free_texts(query))


def plain_words(pattern: str) -> str:
    """What a pattern says in letters, without what is syntax: `password=\\S+` names no password."""
    return SYNTAX.sub(read_part, pattern)


def read_part(found: re.Match[str]) -> str:
    """What stands in a piece of syntax's place."""
    if found["varies"]:
        return VARIES
    return "\n" if found["other"] else found["literal"] or ""
