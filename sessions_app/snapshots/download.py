"""A snapshot as a file, for who may carry data away: with its digest, so that whoever has the file can check it."""

import json
from typing import Any

from django.http import HttpResponse

from diagnostics.core.access import Person
from diagnostics.core.permissions import Perm
from sessions_app.models import Snapshot
from sessions_app.snapshots.by_hand import tell
from sessions_app.snapshots.content import canonical, digest_of, read_document
from sessions_app.snapshots.story import visible_part


def hand_over(person: Person, snapshot: Snapshot, held: set[Perm]) -> HttpResponse:
    """The answer; written down before it is given."""
    tell(person, "snapshot.download", snapshot, digest=snapshot.digest)
    response = HttpResponse(write_file(snapshot, held), content_type="application/json")
    name = f"snapshot-{snapshot.environment.slug}-{snapshot.pk}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def write_file(snapshot: Snapshot, held: set[Perm]) -> str:
    """The whole document as it was frozen; for who may not see a part of it the rest, and the word for what is missing."""
    document, hidden = visible_part(read_document(snapshot), held)
    head: dict[str, Any] = {
        "product": "Diagnostics",
        "environment": snapshot.environment.slug,
        "snapshot": snapshot.pk,
        "taken_by": snapshot.taken_by_name,
        "note": snapshot.note,
        "sha256": snapshot.digest,
        "left_out": hidden,
    }
    is_readable = "schema" in document
    content = canonical(document) if hidden or not is_readable else snapshot.content
    if hidden:
        head["sha256_of_this"] = digest_of(content)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "content": {content}}}\n'
