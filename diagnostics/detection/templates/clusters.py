"""The templates of one service and the search for the one that a line belongs to: a Drain of depth two.

Templates are kept apart by their number of tokens and their first two; among those that share both, the most similar
one takes the line if seven tokens in ten agree, and puts `<*>` where they do not. Where one of the first two takes word
after word ("user anna left", "user bob left"), it varies after all: such templates are joined under the eldest's id.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from operator import eq
from typing import Final

from diagnostics.detection.templates.ids import OTHER, number_of
from diagnostics.detection.templates.mask import WILD

SIMILAR: Final = 0.69  # share of tokens that must agree
LEADING: Final = 2  # tokens that choose the group: a message's first words are rarely what varies
# Lines that differ in the first word alone, or in the second, of which the last joins them. First words are verbs and
# names of errors more often than of people.
SIBLINGS: Final = (10, 4)
SHORTEST: Final = 4  # tokens of such lines: fewer say too little to tell
GROUP: Final = 100  # templates compared with a line: bounds what a line can cost
DOTTED: Final = re.compile(r"[\w-]+(?:\.[\w$-]+){2,}:?")  # com.example.Job: a name in front, not a first word

Tokens = tuple[str, ...]
GroupKey = tuple[int | str, ...]


@dataclass(slots=True)
class Cluster:
    """One template as it stands."""

    number: int
    tokens: Tokens
    merged_into: int | None = None  # the id of the template that this one turned out to be a case of
    is_joined: bool = False  # others were: a leading word varies

    @property
    def text(self) -> str:
        """As people read it."""
        return " ".join(self.tokens)


@dataclass(slots=True)
class Room:
    """How many more templates there may be, in all that share it."""

    left: int


class Clusters:
    """Templates of one name, at most `limit`; what no longer fits belongs to `other`."""

    def __init__(self, name: str, limit: int, room: Room | None = None) -> None:
        self.name = name
        self.limit = limit
        self.room = room or Room(limit)
        self.by_number: dict[int, Cluster] = {}
        self.groups: dict[GroupKey, list[Cluster]] = {}
        self.families: dict[Tokens, list[Cluster]] = {}  # by tokens with one leading word as <*>
        self.joined: dict[GroupKey, list[Cluster]] = {}  # templates whose leading word varies
        self.other = Cluster(number_of(name, OTHER), (OTHER,))

    def put(self, tokens: Tokens, number: int | None = None) -> tuple[Cluster, list[Cluster]]:
        """(the template that these tokens belong to, the templates that changed by it).

        number: the id of a template that was born elsewhere, if it is to be one of its own here.
        """
        found = most_similar(self.groups.get(group_of(tokens), ()), tokens)
        patterns = patterns_of(tokens) if found is None else ()
        for pattern in patterns:
            found = found or most_similar(self.joined.get(group_of(pattern), ()), pattern)
        if found is not None:
            return self.widen(found, tokens)
        for pattern in patterns:
            family = [cluster for cluster in self.families.get(pattern, ()) if pattern in patterns_of(cluster.tokens)]
            if len(family) + 1 >= SIBLINGS[int(pattern[0] == tokens[0])]:
                return self.join(pattern, family)
        return self.give_birth(tokens, number)

    def widen(self, cluster: Cluster, tokens: Tokens) -> tuple[Cluster, list[Cluster]]:
        """Let the template say only what these tokens say too."""
        wider = generalise(cluster.tokens, tokens)
        changed = [cluster] if wider != cluster.tokens else []
        cluster.tokens = wider
        return cluster, changed

    def join(self, pattern: Tokens, family: list[Cluster]) -> tuple[Cluster, list[Cluster]]:
        """Make one template of those that differ in a leading word."""
        eldest = family[0]
        for cluster in family:
            self.unfile(cluster)
            if cluster is not eldest:
                cluster.merged_into = eldest.number
        eldest.tokens, eldest.is_joined = pattern, True
        del self.families[pattern]
        self.file(eldest)
        return eldest, family

    def give_birth(self, tokens: Tokens, number: int | None = None) -> tuple[Cluster, list[Cluster]]:
        """A new template, if there is room."""
        is_full = len(self.by_number) >= self.limit or self.room.left <= 0
        if is_full or len(self.groups.get(group_of(tokens), ())) >= GROUP:
            return self.other, []
        cluster = Cluster(number_of(self.name, " ".join(tokens)) if number is None else number, tokens)
        known = self.by_number.get(cluster.number)
        if known is not None:  # born here before, and by now too wide to be found
            return self.root_of(known), []
        self.insert(cluster)
        return cluster, [cluster]

    def insert(self, cluster: Cluster) -> None:
        """Take a template in; also one that was learnt elsewhere."""
        self.by_number[cluster.number] = cluster
        self.room.left -= 1
        if cluster.merged_into is None:
            self.file(cluster)

    def file(self, cluster: Cluster) -> None:
        """Make a template findable as it stands."""
        key = group_of(cluster.tokens)
        self.groups.setdefault(key, []).append(cluster)
        if cluster.is_joined:
            self.joined.setdefault(key, []).append(cluster)
        for pattern in patterns_of(cluster.tokens):
            self.families.setdefault(pattern, []).append(cluster)

    def unfile(self, cluster: Cluster) -> None:
        """Take a template out of where it is found."""
        key = group_of(cluster.tokens)
        for place in (self.groups, self.joined):
            place[key] = [other for other in place.get(key, ()) if other is not cluster]

    def root_of(self, cluster: Cluster) -> Cluster:
        """The template that this one is counted under."""
        seen: set[int] = set()
        while cluster.merged_into is not None and cluster.number not in seen:
            seen.add(cluster.number)
            cluster = self.by_number.get(cluster.merged_into, self.other)
        return cluster


def group_of(tokens: Tokens) -> GroupKey:
    """Which templates a line is compared with. The numbers of a path do not take its words away."""
    return len(tokens), *(WILD if is_loose(token) else token for token in tokens[:LEADING])


def is_loose(token: str) -> bool:
    """Whether a leading token says nothing about the kind of line."""
    return (WILD in token and not token.startswith("/")) or DOTTED.fullmatch(token) is not None


def patterns_of(tokens: Tokens) -> list[Tokens]:
    """The tokens with one leading word as `<*>`, for each that is a word."""
    if len(tokens) < SHORTEST:
        return []
    return [(*tokens[:place], WILD, *tokens[place + 1 :]) for place in range(LEADING) if not is_loose(tokens[place])]


def most_similar(group: Iterable[Cluster], tokens: Tokens) -> Cluster | None:
    """The template that agrees most, the older of two, if it agrees enough."""
    best, most = None, SIMILAR * len(tokens) - 1e-9
    for cluster in group:
        agree = sum(map(eq, cluster.tokens, tokens))
        if agree > most:
            best, most = cluster, float(agree)
    return best


def generalise(known: Tokens, tokens: Tokens) -> Tokens:
    """What both say. In whatever order lines come, the outcome is the same."""
    return tuple([a if a == b else WILD for a, b in zip(known, tokens, strict=True)])
