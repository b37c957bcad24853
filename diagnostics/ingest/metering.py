"""Where a request meets its quota: before its body is read, after it was parsed, and in the answer."""

from typing import Final

from diagnostics.core.errors import OverQuota
from diagnostics.core.record import Parsed, Rejection
from diagnostics.ingest.answer import Answer, WireFormat
from diagnostics.ingest.keys import KeyHolder
from diagnostics.ingest.quota import ERROR, FREE, QUOTAS, RECORD, Verdict
from diagnostics.ingest.refusals import REFUSALS
from diagnostics.storage.batch import PreparedBatch

LEFT_OUT: Final = "quota: the records that may be sent are used up"


async def ask_quota(holder: KeyHolder, wire_format: WireFormat) -> Verdict:
    """OverQuota when nothing of the request can be taken; else what must be left out of it."""
    if not holder.quotas:
        return FREE
    categories = (RECORD, ERROR) if wire_format.keeps_errors else (RECORD,)
    verdict = await QUOTAS.ask(holder.quotas, categories)
    waits = waits_of(verdict)
    if len(waits) == len(categories):
        REFUSALS.note(holder.environment.id, holder.key_id, requests=1)
        raise over_quota(waits)
    return verdict


def over_quota(waits: dict[str, int]) -> OverQuota:
    """What the sender is told."""
    return OverQuota(f"{LEFT_OUT}; send again in {max(waits.values())} s", waits)


def waits_of(verdict: Verdict) -> dict[str, int]:
    """Whole seconds by category, of those that must wait."""
    return {category: verdict.wait_of(category) for category in verdict.waits if verdict.wait_of(category)}


def shed(parsed: Parsed, verdict: Verdict, holder: KeyHolder) -> None:
    """Leave out what must wait, and count it; errors are counted apart from everything else. OverQuota when nothing is
    left: nothing is stored then, so the sender must not believe that something was."""
    waits = waits_of(verdict)
    kept = [record for record in parsed.records if (ERROR if id(record) in parsed.essential else RECORD) not in waits]
    spans = [] if RECORD in waits else parsed.spans
    gone = len(parsed.records) + len(parsed.spans) - len(kept) - len(spans)
    if gone:
        REFUSALS.note(holder.environment.id, holder.key_id, records=gone)
        if not (kept or spans):
            raise over_quota(waits)
        parsed.rejections.extend(Rejection(index, LEFT_OUT) for index in range(gone))
    parsed.records, parsed.spans = kept, spans


async def spend_quota(holder: KeyHolder, batch: PreparedBatch) -> None:
    """Count the rows that are about to be written."""
    essential = sum(id(record) in batch.parsed.essential for record in batch.parsed.records)
    await QUOTAS.spend(holder.quotas, {RECORD: batch.rows - essential, ERROR: essential})


def tell_quota(answer: Answer, wire_format: WireFormat, verdict: Verdict) -> Answer:
    """What was left out is told with the success of the rest."""
    waits = waits_of(verdict)
    if not waits:
        return answer
    headers = {**answer.headers, **wire_format.quota_headers(waits)}
    return Answer(answer.status, answer.body, answer.content_type, headers)
