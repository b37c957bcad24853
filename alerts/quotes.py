"""Sentences that quote a person's words: an error's or a pattern's text that nobody else's records have had, as it is
kept, with gaps, or as the line itself was.

Incidents, their histories, the inbox and what receivers gave back keep such sentences when the records are gone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model, Q
from django.db.models.functions import Length

from alerts.evaluation.first_seen import WORDS
from alerts.evaluation.template_rows import cut
from alerts.gaps import Gapped
from alerts.models import CheckIn, DeliveryAttempt, Evidence, InboxMessage, Incident, IncidentEvent
from alerts.scrubbing import QUOTED_CHARS, allow_erasing, scrub
from diagnostics.models import Template
from diagnostics.privacy.stores import Counts, Store, errors, templates
from diagnostics.privacy.subject import Subject

QUOTES: Final = "quotations"
MOST_TEXTS: Final = 5_000
# (table, way to its environment, what holds sentences)
PLACES: Final[tuple[tuple[type[Model], str, tuple[str, ...]], ...]] = (
    (Incident, "environment", ("title", "summary")),
    (IncidentEvent, "incident__environment", ("text",)),
    (Evidence, "incident__environment", ("summary",)),
    (InboxMessage, "environment", ("title", "text")),
    (CheckIn, "monitor__environment", ("message",)),
    (DeliveryAttempt, "notification__incident__environment", ("error",)),
)


@dataclass(frozen=True, slots=True)
class Quotes:
    """What is looked for: texts as they are, and patterns."""

    texts: set[str]
    patterns: list[Gapped]

    @property
    def parts(self) -> list[str]:
        """One of these is in every sentence that quotes one."""
        return sorted({text[:QUOTED_CHARS] for text in self.texts} | {pattern.word for pattern in self.patterns})

    def scrub(self, sentence: str) -> str:
        """The sentence without them."""
        for pattern in self.patterns:
            sentence = pattern.scrub(sentence)
        return scrub(sentence, self.texts)


def own_texts(subject: Subject) -> Quotes:
    """What only their records say, as sentences quote it: whole, cut, or the line that a pattern stands for."""
    groups = [group.title for group in errors.find(subject)]
    rows = Template.objects.filter(pk__in=templates.find(subject)[:MOST_TEXTS])
    patterns = list(rows.annotate(size=Length("text")).filter(size__gte=QUOTED_CHARS).values_list("text", flat=True))
    found = {*groups, *(title[:WORDS] for title in groups), *patterns, *map(cut, patterns)}
    gapped = map(Gapped.read, dict.fromkeys([*groups, *patterns]))
    return Quotes({text for text in found if len(text) >= QUOTED_CHARS}, [pattern for pattern in gapped if pattern])


def find(subject: Subject) -> Iterator[tuple[Model, dict[str, str]]]:
    """Rows, and how their sentences read without the quotations."""
    quotes = own_texts(subject)
    for model, path, names in PLACES:
        seen: set[Any] = set()
        for part in quotes.parts:
            rows = model._default_manager.filter(any_of(names, part), **{path: subject.environment})
            for row in rows.exclude(pk__in=seen).iterator(200):
                seen.add(row.pk)
                if changed := changes_of(row, names, quotes):
                    yield row, changed


def any_of(names: Iterable[str], part: str) -> Q:
    """Whether one of them may quote a text with this part."""
    found = Q(pk__in=[])
    for name in names:
        found |= Q(**{f"{name}__contains": part})
    return found


def changes_of(row: Model, names: Iterable[str], quotes: Quotes) -> dict[str, str]:
    """Only what reads differently."""
    said = {name: str(getattr(row, name)) for name in names}
    return {name: clean for name, text in said.items() if (clean := quotes.scrub(text)) != text}


def count(subject: Subject) -> Counts:
    """How many rows quote them."""
    found = sum(1 for _ in find(subject))
    return {QUOTES: found} if found else {}


def erase(subject: Subject, limit: int) -> Counts:
    """A slice of them; numbers and times stay."""
    allow_erasing()
    done = 0
    for row, changed in find(subject):
        type(row)._default_manager.filter(pk=row.pk).update(**changed)
        done += 1
        if done >= limit:
            break
    return {QUOTES: done} if done else {}


STORE: Final = Store("quotations", count, erase)
