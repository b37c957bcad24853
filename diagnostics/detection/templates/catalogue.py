"""The miners of one environment's services, as one process knows them, and how it learns what others know."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from diagnostics.detection.templates.clusters import Cluster, Clusters, Room, Tokens
from diagnostics.detection.templates.miner import TemplateMiner

SERVICES: Final = 200  # with templates of their own
SERVICE_TEMPLATES: Final = 1_000  # of one service
TEMPLATES: Final = 5_000  # of one environment; lines of what exceeds these bounds are counted as `other`
OTHER_SERVICES: Final = "(other services)"


@dataclass(frozen=True, slots=True)
class Known:
    """A template as rows have it and batches report it."""

    number: int
    service: str
    tokens: Tokens
    merged_into: int | None = None
    is_joined: bool = False


class Catalogue:
    """Finds the template of a record. `number_of` and `take_news` may be called from several threads."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self.room = Room(TEMPLATES)
        self.miners: dict[str, TemplateMiner] = {}
        self.lock = threading.Lock()
        for template in known:
            self.restore(template)

    def number_of(self, service: str, body: str) -> int:
        """The id of the template of a body."""
        miner = self.miners.get(service)
        return (self.miner_of(service) if miner is None else miner).number_of(body)

    def miner_of(self, service: str) -> TemplateMiner:
        """The service's miner; beyond SERVICES they share one."""
        with self.lock:
            name = service if service in self.miners or len(self.miners) < SERVICES else OTHER_SERVICES
            if name not in self.miners:
                self.miners[name] = TemplateMiner(name, SERVICE_TEMPLATES, self.room)
            return self.miners[name]

    def restore(self, template: Known) -> None:
        """Take in a template as it stands in the rows."""
        clusters = self.miner_of(template.service).clusters
        if template.number != clusters.other.number:
            clusters.insert(Cluster(template.number, template.tokens, template.merged_into, template.is_joined))

    def learn(self, template: Known) -> list[Known]:
        """Take in what another process reports; returns the templates that are new or changed by it, as they stand."""
        miner = self.miner_of(template.service)
        clusters = miner.clusters
        with miner.lock:
            known = clusters.by_number.get(template.number)
            if known is not None:
                changed = update(clusters, known, template)
            else:
                found, changed = clusters.put(template.tokens, template.number)
                if found.number == template.number and template.is_joined:
                    changed = update(clusters, found, template)
                elif found.number != template.number and found is not clusters.other and self.room.left > 0:
                    alias = Cluster(template.number, template.tokens, found.number)  # two processes named it each
                    clusters.insert(alias)
                    changed = [*changed, alias]
            return [as_known(clusters.name, cluster) for cluster in changed]

    def report(self, template: Known) -> None:
        """Take in what only another catalogue of this process knows, and tell it as news."""
        news = self.learn(template)
        miner = self.miner_of(template.service)
        with miner.lock:
            miner.news |= {item.number: miner.clusters.by_number[item.number] for item in news}

    def take_news(self) -> list[Known]:
        """What is new, wider or joined since the last call."""
        return [as_known(name, item) for name, miner in list(self.miners.items()) for item in miner.take_news()]

    def everything(self) -> list[Known]:
        """Every template."""
        return [
            as_known(name, item)
            for name, miner in list(self.miners.items())
            for item in list(miner.clusters.by_number.values())
        ]


def update(clusters: Clusters, known: Cluster, template: Known) -> list[Cluster]:
    """Let a known template say no more than the reported one, and join it where that one was."""
    if known.merged_into is not None:
        return []
    if template.merged_into is not None:
        target = clusters.by_number.get(template.merged_into)
        root = clusters.root_of(target) if target is not None else known
        if root is known or root is clusters.other:
            return []
        clusters.unfile(known)
        known.merged_into = root.number
        return [known]
    if len(known.tokens) != len(template.tokens):
        return []
    clusters.unfile(known)
    before = (known.tokens, known.is_joined)
    _, _ = clusters.widen(known, template.tokens)
    known.is_joined = known.is_joined or template.is_joined
    clusters.file(known)
    return [known] if (known.tokens, known.is_joined) != before else []


def as_known(service: str, cluster: Cluster) -> Known:
    """The template as rows have it."""
    return Known(cluster.number, service, cluster.tokens, cluster.merged_into, cluster.is_joined)
