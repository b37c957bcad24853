"""What the pipeline may know beside the records: plain, frozen values that ingest fills in, so that it stays pure."""

from collections.abc import Callable
from dataclasses import dataclass, field

from diagnostics.detection.templates.catalogue import Catalogue
from diagnostics.pipeline.policy.endings import Endings
from diagnostics.pipeline.policy.model import Policy

Region = tuple[str, str]  # ISO 3166 country ("DE") and region ("BE"); empty where not known
Locate = Callable[[str], Region]


def locate_nowhere(_address: str) -> Region:
    """Stands in where no IP-to-region database is installed: the region fields stay empty."""
    return "", ""


@dataclass(frozen=True, slots=True)
class EnvironmentContext:
    """The environment that records arrive in."""

    id: int
    slug: str
    pseudonym_key: bytes = field(repr=False)
    tracing_enabled: bool = True
    templates: Catalogue = field(default_factory=Catalogue, repr=False, compare=False)
    policy: Policy | None = field(default=None, repr=False)  # None: nothing is different here
    locate: Locate = field(default=locate_nowhere, repr=False, compare=False)

    @property
    def endings(self) -> Endings | None:
        """What ends a journey well here."""
        return self.policy.endings if self.policy is not None else None


@dataclass(frozen=True, slots=True)
class ClientContext:
    """Who sent the request. Only a browser speaks for its user: a server's own address says nothing about people."""

    address: str = ""
    user_agent: str = ""
    is_end_user: bool = False


NO_CLIENT = ClientContext()
