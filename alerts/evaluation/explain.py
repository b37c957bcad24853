"""Why a rule fires, in a sentence with numbers. `words`: what the pattern says, for a rule that watches patterns."""

from alerts.evaluation.series import Series
from alerts.evaluation.signals import QUANTILES, base_of
from alerts.evaluation.step import Outcome
from alerts.evaluation.usual import Usual
from alerts.models import AlertRule
from diagnostics.core.figures import percent
from diagnostics.detection.sample import Verdict

Condition = AlertRule.Condition
Compare = AlertRule.Compare

NOUNS = {
    "errors": "errors", "fatals": "fatal errors", "failures": "failed requests", "timeouts": "timeouts",
    "status_5xx": "5xx responses", "status_4xx": "4xx responses", "requests": "requests", "records": "records",
    "warnings": "records of level warn and worse", "template_records": "records",
}  # fmt: skip
ONE = {"warnings": "record of level warn and worse"}
SHARE_NOUNS = {**NOUNS, "status_5xx": "5xx", "status_4xx": "4xx", "failures": "failed", "matches": "matching"}
MATCHED_CHARS = 80  # of a query or pattern, in a sentence


def write_title(rule: AlertRule, series: Series, words: str = "") -> str:
    """'5xx surge: checkout'."""
    if series.template:
        return f"{rule.name}: {f'{series.service_name}: ' if series.service_name else ''}{words}"[:300]
    return f"{rule.name}: {series.name or rule.environment.name}"[:300]


def write_summary(rule: AlertRule, outcome: Outcome, usual: Usual, words: str = "") -> str:
    """'checkout: 5xx 14% of 1,240 requests in 5 min; usual for Monday 14:00 UTC is 0.3%.'"""
    series = outcome.series
    subject = (series.service_name if series.template else series.name) or rule.environment.name
    return f"{subject}: {write_facts(rule, outcome, words)}{write_usual(rule, outcome, usual)}."


def write_facts(rule: AlertRule, outcome: Outcome, words: str = "") -> str:
    """What was seen."""
    sample, length = outcome.sample, f"in {rule.window_minutes} min"
    if rule.signal == AlertRule.Signal.TEMPLATE_RECORDS:
        return f"“{words}” {write_times(rule, sample.count)}"
    if rule.condition == Condition.ABSENCE:
        return f"no {write_noun(rule, 0)} for {rule.window_minutes} min"
    if rule.signal in QUANTILES:
        return f"{rule.signal.removeprefix('latency_')} {milliseconds(sample.value)} over {sample.count:,} requests {length}"
    if rule.condition == Condition.SHARE:
        share = f"{SHARE_NOUNS[rule.signal]} {percent(outcome.verdict.measured)}"
        return f"{share} of {sample.base:,} {base_of(rule.signal)} {length}"
    below = f", fewer than {rule.threshold:,g}" if rule.condition == Condition.BELOW else ""
    return f"{sample.count:,} {write_noun(rule, sample.count)} {length}{below}"


def write_times(rule: AlertRule, count: int) -> str:
    """Of a pattern: 'came 1,240 times in 5 min', 'did not come for 30 min'."""
    if rule.condition == Condition.ABSENCE:
        return f"did not come for {rule.window_minutes} min"
    below = f", fewer than {rule.threshold:,g}" if rule.condition == Condition.BELOW else ""
    return f"came {count:,} time{'' if count == 1 else 's'} in {rule.window_minutes} min{below}"


def write_noun(rule: AlertRule, count: int) -> str:
    """'errors', '1 error' without its number, 'records that match "payment failed"'."""
    if rule.signal != AlertRule.Signal.MATCHES:
        noun = NOUNS[rule.signal]
        return ONE.get(rule.signal, noun.removesuffix("s")) if count == 1 else noun
    words = " ".join(filter(None, (rule.query, rule.pattern and f"/{rule.pattern}/")))
    cut = words if len(words) <= MATCHED_CHARS else f"{words[: MATCHED_CHARS - 1]}…"
    return f"record{'' if count == 1 else 's'} that match{'es' if count == 1 else ''} {cut}"


def write_usual(rule: AlertRule, outcome: Outcome, usual: Usual) -> str:
    """'; usual is 4', '; usual for Monday 14:00 UTC is 0.3%', '; the same time yesterday had 20'."""
    if rule.condition == Condition.CHANGE and outcome.sample.usual is not None:
        value = write_value(rule, outcome.sample.usual)
        if rule.compare_to == Compare.USUAL:
            return f"; usual is {value}"
        return f"; {Compare(rule.compare_to).label} had {value}"
    if usual.value is None:
        return ""
    when = f" for {usual.label}" if usual.label else ""
    return f"; usual{when} is {write_value(rule, usual.value)}"


def write_value(rule: AlertRule, value: float) -> str:
    """A value in the unit of the rule's signal."""
    if rule.condition == Condition.SHARE:
        return percent(value)
    return milliseconds(value) if rule.signal in QUANTILES else write_count(value)


def write_count(value: float) -> str:
    """'1,240', '0.4'."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:,.1f}"


def milliseconds(value: float | None) -> str:
    """'340 ms', '2.4 s'."""
    if value is None:
        return "unknown"
    return f"{value:,.0f} ms" if value < 1000 else f"{value / 1000:,.1f} s"


def write_end(rule: AlertRule, verdict: Verdict) -> str:
    """Why it is over."""
    if verdict.is_few:
        is_counted = rule.condition != Condition.SHARE and rule.signal not in QUANTILES
        noun = write_noun(rule, 0) if is_counted else base_of(rule.signal)
        return f"Too few {noun} to tell: what still came looked no better."
    if not verdict.has_data:
        return "Nothing is heard of it any more; nothing can be said."
    return "It has looked well for long enough."
