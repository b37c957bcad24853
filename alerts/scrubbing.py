"""Taking a person's words out of sentences that stay."""

from typing import Final

from django.db import connection

ERASED: Final = "[erased]"
QUOTED_CHARS: Final = 8  # a shorter text says nothing about anybody, and occurs in every sentence


def is_quote(text: str) -> bool:
    """Whether a text is long enough to say something, and not taken out already."""
    return len(text) >= QUOTED_CHARS and text != ERASED


def scrub(sentence: str, texts: set[str]) -> str:
    """The sentence without the texts that it quotes, the longest first; its end may have cut one off."""
    for text in sorted(texts, key=len, reverse=True):
        sentence = sentence.replace(text, ERASED)
    for text in texts:
        sentence = without_end(sentence, text)
    return sentence


def without_end(sentence: str, text: str) -> str:
    """Where the sentence ends in the middle of the text, the text's part goes."""
    start = sentence.rfind(text[:QUOTED_CHARS])
    return sentence[:start] + ERASED if start >= 0 and text.startswith(sentence[start:]) else sentence


def allow_erasing() -> None:
    """History is append-only but for this, until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('diagnostics.erasing', 'on', true)")
