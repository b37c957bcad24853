"""What snapshots hold about a person: one about them goes; from others their records and spans are cut out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Func, Q, QuerySet

from diagnostics.core import clock
from diagnostics.models import Environment
from diagnostics.privacy.stores import Counts, Page, Store
from diagnostics.privacy.subject import MOST_SESSIONS, Subject
from diagnostics.storage.turns import Turn, take_turn
from sessions_app.models import DueSnapshot, Snapshot
from sessions_app.snapshots.content import Document, Item, cut_out, fill, read_document

ABOUT: Final = "snapshots"
WITHIN: Final = "excerpts of snapshots"
WAITING: Final = "snapshots to be taken"
AT_ONCE: Final = 20  # documents in memory


def concerned(subject: Subject) -> "QuerySet[Snapshot]":
    """Those whose content may be about the person."""
    named = Q(user_keys__overlap=list(subject.user_keys))
    of_sessions = Q(session_ids__overlap=list(subject.session_ids))
    rows = Snapshot.objects.filter(environment=subject.environment)
    return rows.filter(named | of_sessions if subject.session_ids else named).order_by("pk")


def is_theirs(subject: Subject, session_ids: Sequence[str] | frozenset[str], item: Item) -> bool:
    """Whether a record or span names the person, or names nobody and is of their session."""
    name = item.get("user_key", "")
    if not (name in subject.user_keys or (not name and item.get("session_id") in session_ids)):
        return False
    return subject.until is None or moment_of(item) <= subject.until


def moment_of(item: Item) -> datetime:
    """When it was taken in; of a span, when it began."""
    return datetime.fromisoformat(item.get("observed_timestamp") or item["timestamp"])


def is_about(subject: Subject, session_ids: frozenset[str], snapshot: Snapshot, document: Document) -> bool:
    """Whether the record that broke is the person's; of a content that cannot be read any more nothing can be cut."""
    if "schema" not in document:
        return True
    broken = next((item for item in document["records"] if item.get("reference") == snapshot.record), None)
    if broken is None:  # it was cut: what the row says decides
        broken = {
            "user_key": snapshot.user_key,
            "session_id": snapshot.session_id,
            "timestamp": snapshot.happened_at.isoformat(),
        }
    return is_theirs(subject, session_ids, broken)


def find(subject: Subject) -> Iterator[tuple[Snapshot, Document, bool, int]]:
    """(snapshot, what is left of its document, whether all of it goes, how many of its parts are the person's)."""
    sessions = frozenset(subject.session_ids)
    for snapshot in concerned(subject).iterator(AT_ONCE):
        document = read_document(snapshot)
        about = is_about(subject, sessions, snapshot, document)
        parts = cut_out(document, lambda item: is_theirs(subject, sessions, item))
        if about or parts:
            yield snapshot, document, about, parts


def waiting(subject: Subject) -> "QuerySet[DueSnapshot]":
    """Rows that name a session of theirs."""
    rows = DueSnapshot.objects.filter(
        environment=subject.environment, reason=Snapshot.Reason.CRASH, subject__in=subject.session_ids
    )
    return rows.filter(created_at__lte=subject.until) if subject.until else rows


def count(subject: Subject) -> Counts:
    """How many there are of each."""
    about = [is_whole for _, _, is_whole, _ in find(subject)]
    found = {ABOUT: sum(about), WITHIN: len(about) - sum(about), WAITING: waiting(subject).count()}
    return {name: number for name, number in found.items() if number}


def erase(subject: Subject, limit: int) -> Counts:
    """A slice of them. No snapshot is taken meanwhile, and none while an erasure is under way. Who takes one locks its row
    before it takes its turn; in the same order here, so that neither stops the other."""
    done = {ABOUT: 0, WITHIN: 0, WAITING: erase_waiting(subject, limit)}
    take_turn(Turn.SNAPSHOTS, subject.environment.pk)
    for snapshot, document, about, _ in find(subject):
        if about:
            snapshot.delete()
        else:
            renew(snapshot, document)
        done[ABOUT if about else WITHIN] += 1
        if sum(done.values()) >= limit:
            break
    return {name: number for name, number in done.items() if number}


def erase_waiting(subject: Subject, limit: int) -> int:
    """What was not taken yet, and what remembers that it was."""
    chosen = list(waiting(subject).values_list("pk", flat=True)[:limit])
    DueSnapshot.objects.filter(pk__in=chosen).delete()
    return len(chosen)


def renew(snapshot: Snapshot, document: Document) -> None:
    """The document says what was cut; its digest is a new one."""
    fill(snapshot, document)
    snapshot.cut_at = clock.now()
    snapshot.save(update_fields=["content", "digest", "records", "spans", "user_keys", "session_ids", "cut_at"])


def export(subject: Subject, cursor: str, limit: int) -> Page:
    """Of each snapshot the parts that are theirs; what may be about others stays."""
    found = list(concerned(subject).filter(pk__gt=int(cursor or 0))[: min(limit, AT_ONCE)])
    rows = [row for snapshot in found if (row := row_of(subject, snapshot))]
    return Page(rows, str(found[-1].pk) if len(found) == min(limit, AT_ONCE) else "")


def row_of(subject: Subject, snapshot: Snapshot) -> dict[str, Any]:
    """Empty when there is nothing to hand out."""
    document, own = read_document(snapshot), frozenset(subject.own_sessions)
    records, spans = (
        [item for item in document[name] if is_theirs(subject, own, item)] for name in ("records", "spans")
    )
    if not records and not spans:
        return {}
    about = is_about(subject, own, snapshot, document)
    said = {"note": snapshot.note} if about and snapshot.note else {}
    kept = {"snapshot": snapshot.pk, "taken_at": snapshot.taken_at, "reason": snapshot.reason, "is_about_them": about}
    return {**kept, **said, "records": records, "spans": spans}


def sessions(subject: Subject) -> Iterable[str]:
    """Their ids, also of sessions whose records are gone; those in snapshots about others, too."""
    found: dict[str, None] = {}
    for snapshot in concerned(subject).iterator(AT_ONCE):
        document = read_document(snapshot)
        items = (*document["records"], *document["spans"])
        theirs = (item for item in items if item.get("user_key") in subject.user_keys)
        found.update(dict.fromkeys(item["session_id"] for item in theirs if item.get("session_id")))
        if snapshot.user_key in subject.user_keys and snapshot.session_id:
            found[snapshot.session_id] = None
        if len(found) >= MOST_SESSIONS:
            break
    return found


def people(environment: Environment) -> Iterable[str]:
    """Every pseudonym there is."""
    rows = Snapshot.objects.filter(environment=environment).order_by()
    named = rows.annotate(person=Func(F("user_keys"), function="unnest")).values_list("person", flat=True)
    return named.distinct().iterator()


STORE: Final = Store("snapshots", count, erase, export, sessions, people)
