"""The person whom a request is about, as the stores know them: by pseudonym, and by the sessions that were theirs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from diagnostics.models import Environment, PrivacyJob
from diagnostics.privacy.pseudonyms import user_keys_of

MOST_SESSIONS: Final = 50_000


@dataclass(frozen=True, slots=True)
class Subject:
    """One person in one environment.

    A session that others used too is `shared`: its records without a user are not exported (they may be about the
    others), but they are erased. `until` spares what was taken in later.
    """

    environment: Environment
    user_keys: tuple[str, ...]
    session_ids: tuple[str, ...] = ()
    shared: frozenset[str] = field(default_factory=frozenset)
    until: datetime | None = None
    perms: frozenset[str] | None = None  # what the asking person may see; None: everything

    @classmethod
    def from_typed(cls, environment: Environment, typed: str) -> Self:
        """From a user id or a pseudonym; its sessions are gathered later."""
        return cls(environment, tuple(user_keys_of(environment, typed)))

    @classmethod
    def of_job(cls, job: PrivacyJob, perms: Iterable[str] | None = None) -> Self:
        """As the job knows them."""
        work: dict[str, Any] = job.work
        return cls(
            job.environment,
            tuple(work.get("user_keys", ())),
            tuple(work.get("session_ids", ())),
            frozenset(work.get("shared", ())),
            job.until,
            None if perms is None else frozenset(perms),
        )

    @property
    def own_sessions(self) -> list[str]:
        """Sessions that nobody else used."""
        return [name for name in self.session_ids if name not in self.shared]
