"""What is free text in a search: anything may be typed there, private things among it, and what is kept must not hold them."""

from collections.abc import Iterator
from typing import Final

from diagnostics.search.query import Query

# Ids and pseudonyms, which redaction might take for something else; moments; and the line, which is read apart.
EXACT: Final = frozenset({
    "q", "user", "session", "trace", "request", "journey", "fingerprint", "template", "range", "since", "until",
})  # fmt: skip


def free_texts(query: Query) -> Iterator[str]:
    """Words, and values of names that anything may stand in."""
    yield from query.texts
    yield from query.without
    yield from (value for name, value in query.fields.items() if name not in EXACT)
    for term in query.all_terms():
        if term.is_attribute:
            yield f"{term.name}={term.value}"  # a name may say that it is private
        if term.is_attribute or term.name not in EXACT:
            yield term.value
