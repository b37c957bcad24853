"""The person whom a request is about, as the stores know them: by pseudonym, and by the sessions that were theirs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Self

from diagnostics.models import Environment, PrivacyJob
from diagnostics.privacy.pseudonyms import keys_of, user_keys_of

MOST_SESSIONS: Final = 50_000
SEVERAL: Final = "user: these are pseudonyms of several people; ask for each person by themselves"


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
        """From a user id or pseudonyms; the sessions are gathered later. ValueError where it is several people."""
        return cls.from_keys(environment, user_keys_of(environment, typed))

    @classmethod
    def from_keys(cls, environment: Environment, keys: Iterable[str]) -> Self:
        """From pseudonyms. One person has one for each key of the environment; ValueError for more."""
        found = tuple(dict.fromkeys(keys))
        if len(as_typed(environment, found)) > len(keys_of(environment)):
            raise ValueError(SEVERAL)
        return cls(environment, found)

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


def as_typed(environment: Environment, keys: tuple[str, ...]) -> tuple[str, ...]:
    """The pseudonyms themselves, without those that the text of them has as a user id: an id may look like one."""
    for number in range(1, len(keys)):
        if keys == tuple(user_keys_of(environment, ",".join(keys[:number]))):
            return keys[:number]
    return keys
