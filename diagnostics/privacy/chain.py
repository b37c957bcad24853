"""The chain of access events: each event's digest covers the digest before it, keyed with SECRET_KEY.

Whoever chains holds the chain's row; who finds it held leaves the event to the next one or to the sweep. So no request
waits for another's transaction, and nothing can deadlock; an event is chained with its own transaction as a rule, and
within a minute at the latest.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.db import transaction

from diagnostics.models import AccessChain, AccessEvent

PURPOSE: Final = b"diagnostics access events"
AT_ONCE: Final = 1000
REPORTED: Final = 20  # faults that are named; the rest are counted


def chain_events(*, waits: bool = False) -> int:
    """Chain what is not chained yet; how many. Does nothing while somebody else is at it, unless told to wait."""
    with transaction.atomic():
        chain = hold_chain(waits=waits)
        if chain is None:
            return 0
        events = list(AccessEvent.objects.filter(sequence=None).order_by("id")[:AT_ONCE])
        for event in events:
            event.sequence = chain.head_sequence + 1
            event.digest = digest_of(event, bytes(chain.head_digest), keys()[0])
            chain.head_sequence, chain.head_digest = event.sequence, event.digest
        AccessEvent.objects.bulk_update(events, ["sequence", "digest"])
        if events:
            seal_chain(chain)
    return len(events)


def hold_chain(*, waits: bool) -> AccessChain | None:
    """The chain's row, locked; None when another holds it and we do not wait."""
    rows = AccessChain.objects.select_for_update(skip_locked=not waits)
    found = rows.filter(pk=1).first()
    if found is None and not AccessChain.objects.exists():  # somebody emptied the table
        AccessChain.objects.bulk_create([AccessChain(pk=1)], ignore_conflicts=True)
        found = rows.filter(pk=1).first()
    return found


def seal_chain(chain: AccessChain) -> None:
    """Keep both ends, with the code that only SECRET_KEY makes."""
    chain.mac = mac_of(chain, keys()[0])
    chain.save()


def keys() -> list[bytes]:
    """SECRET_KEY first, then those that it replaced: what was chained under them still verifies."""
    return [key.encode() for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]


def digest_of(event: AccessEvent, before: bytes, key: bytes) -> bytes:
    """Over everything that stays: links to person and environment may be cut when those are deleted, names stay."""
    told: dict[str, Any] = {
        "sequence": event.sequence, "at": event.at.isoformat(), "actor": event.actor_name,
        "environment": event.environment_slug, "action": event.action, "subject": event.subject,
        "object": event.object_ref, "detail": event.detail,
    }  # fmt: skip
    return keyed(key, b"event", before + json.dumps(told, sort_keys=True).encode())


def mac_of(chain: AccessChain, key: bytes) -> bytes:
    """Over both ends."""
    ends = (chain.base_sequence, bytes(chain.base_digest).hex(), chain.head_sequence, bytes(chain.head_digest).hex())
    return keyed(key, b"chain", repr(ends).encode())


def keyed(key: bytes, kind: bytes, data: bytes) -> bytes:
    """HMAC-SHA256 under a key of this purpose alone."""
    own = hmac.new(key, PURPOSE + b" " + kind, hashlib.sha256).digest()
    return hmac.new(own, data, hashlib.sha256).digest()


@dataclass(slots=True)
class Verdict:
    """What was found: nothing, or what is missing and what was changed."""

    events: int = 0
    unchained: int = 0
    head_sequence: int = 0
    head_digest: str = ""
    faults: list[str] = field(default_factory=list)
    fault_count: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing was removed, changed or put in between."""
        return self.fault_count == 0

    def blame(self, text: str) -> None:
        """Note a fault; the first ones by their words."""
        self.fault_count += 1
        if len(self.faults) < REPORTED:
            self.faults.append(text)


def verify_chain(expect: str = "") -> Verdict:
    """Walk the whole chain, from where retention cut it to its end. `expect` is an end ('number:digest') that somebody
    noted down earlier: who exchanged the whole chain since then cannot have made one with it inside."""
    chain_events(waits=True)
    with transaction.atomic():
        chain = hold_chain(waits=True)
        assert chain is not None  # we waited for it
        verdict = Verdict(head_sequence=chain.head_sequence, head_digest=bytes(chain.head_digest).hex())
        verdict.unchained = AccessEvent.objects.filter(sequence=None).count()
        check_ends(chain, verdict)
        last, digest = walk(chain, verdict)
        if last < chain.head_sequence:
            verdict.blame(f"events {last + 1} to {chain.head_sequence}, the last ones, were removed")
        elif digest != bytes(chain.head_digest):
            verdict.blame(f"the chain ends with event {last}, but not with the digest that it should have")
        if expect and not holds_end(chain, expect):
            verdict.blame(
                f"it does not hold {expect[:80]}: another chain was put in its place, or retention cut it there"
            )
    return verdict


def holds_end(chain: AccessChain, expect: str) -> bool:
    """Whether the chain still has this event with this digest."""
    number, _, digest = expect.partition(":")
    if not number.isdecimal():
        return False
    if int(number) == chain.base_sequence:
        return bytes(chain.base_digest).hex() == digest
    event = AccessEvent.objects.filter(sequence=int(number)).first()
    return event is not None and bytes(event.digest or b"").hex() == digest


def check_ends(chain: AccessChain, verdict: Verdict) -> None:
    """The row that says where the chain begins and ends must be one that we wrote."""
    is_new = chain.head_sequence == 0 and not chain.mac
    if not is_new and not any(hmac.compare_digest(bytes(chain.mac), mac_of(chain, key)) for key in keys()):
        verdict.blame("the chain's own row was changed, or SECRET_KEY was (SECRET_KEY_FALLBACKS keeps the old one)")


def walk(chain: AccessChain, verdict: Verdict) -> tuple[int, bytes]:
    """Event by event; the last sequence and digest that were there."""
    last, digest = chain.base_sequence, bytes(chain.base_digest)
    for event in chained(chain.base_sequence):
        assert event.sequence is not None  # it is filtered by it
        verdict.events += 1
        own = bytes(event.digest or b"")
        if event.sequence != last + 1:
            gap = (
                f"event {last + 1} was"
                if event.sequence == last + 2
                else f"events {last + 1} to {event.sequence - 1} were"
            )
            verdict.blame(f"{gap} removed, before {event.at:%Y-%m-%d %H:%M:%S} UTC")
        elif not any(hmac.compare_digest(own, digest_of(event, digest, key)) for key in keys()):
            verdict.blame(
                f"event {event.sequence} of {event.at:%Y-%m-%d %H:%M:%S} UTC was changed, or put in its place"
            )
        last, digest = event.sequence, own
    return last, digest


def chained(base: int) -> Iterator[AccessEvent]:
    """Events behind the base, in the chain's order."""
    return AccessEvent.objects.filter(sequence__gt=base).order_by("sequence").iterator(chunk_size=2000)
