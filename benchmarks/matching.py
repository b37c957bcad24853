"""What 1,000 rules that look for words and regular expressions cost a record, all of them asked in one pass.

Half of the rules have a query line, half a regular expression; each looks for words of its own. The records are those of a
busy minute: one in a hundred matches one of the rules. Beside it a single rule, and records of which every one matches.
"""

import time
from random import Random
from typing import Any, Final

from benchmarks.harness import BenchmarkError

PATTERNS: Final = 1_000
RECORDS: Final = 20_000
REQUEST: Final = 500  # records that come together
WORDS: Final = ("cart", "order", "payment", "provider", "retry", "session", "stock", "timeout", "token", "user")
MINUTE_NS: Final = 29_000_000 * 60_000_000_000


def measure_matching(quick: bool) -> dict[str, Any]:
    """Figures of the patterns."""
    from alerts.evaluation.matching import build_matcher

    records = RECORDS // 4 if quick else RECORDS
    rules = tuple((number, "", *looks_for(number)) for number in range(PATTERNS))
    start = time.perf_counter()
    matcher = build_matcher(rules)
    built = time.perf_counter() - start
    few, all_of_them = made(records, every=100), made(records, every=1)
    return {
        "patterns": PATTERNS,
        "pattern_build_s": round(built, 3),
        "pattern_1_us_a_record": cost(build_matcher(rules[:1]), few),
        "pattern_1000_us_a_record": cost(matcher, few, matches=records // 100),
        "pattern_1000_all_match_us_a_record": cost(matcher, all_of_them, matches=records),
    }


def looks_for(number: int) -> tuple[str, str]:
    """(query line, regular expression) of a rule."""
    return (
        (f'"case {number:04} failed"', "") if number % 2 else ("", rf"case {number:04} (?:failed|gave up) after \d+ ms")
    )


def made(count: int, *, every: int) -> list[Any]:
    """Records of some hundred characters, of which one in so many is what a rule looks for."""
    from diagnostics.core.record import Record

    random = Random(5)
    records = []
    for number in range(count):
        words = " ".join(random.choices(WORDS, k=14))
        case = (
            f"case {random.randrange(PATTERNS):04} failed after {random.randrange(900)} ms"
            if number % every == 0
            else "done"
        )
        records.append(Record(MINUTE_NS, MINUTE_NS, body=f"{words} {case}", service_name="shop"))
    return records


def cost(matcher: Any, records: list[Any], matches: int | None = None) -> float:
    """Microseconds a record; every match that there is must have been counted."""
    found = 0
    start = time.perf_counter()
    for place in range(0, len(records), REQUEST):
        found += sum(row[-1] for row in matcher.count(records[place : place + REQUEST]))
    seconds = time.perf_counter() - start
    if matches is not None and found != matches:
        raise BenchmarkError(f"{found} matches were counted, there are {matches}")
    return round(seconds / len(records) * 1e6, 2)
