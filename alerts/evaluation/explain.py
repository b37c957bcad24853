"""Why a rule fires, in a sentence with numbers."""

from alerts.evaluation.series import QUANTILES, Series
from alerts.models import AlertRule
from diagnostics.detection.sample import Sample, Verdict

NOUNS = {
    "errors": "errors", "fatals": "fatal errors", "failures": "failed requests", "timeouts": "timeouts",
    "status_5xx": "5xx responses", "status_4xx": "4xx responses", "requests": "requests",
}  # fmt: skip
SHARE_NOUNS = {**NOUNS, "status_5xx": "5xx", "status_4xx": "4xx", "failures": "failed", "errors": "errors"}


def write_title(rule: AlertRule, series: Series) -> str:
    """'5xx surge: checkout'."""
    return f"{rule.name}: {series.name or rule.environment.name}"[:300]


def write_summary(rule: AlertRule, series: Series, sample: Sample, verdict: Verdict) -> str:
    """'checkout: 5xx 14.0% of 1,240 requests in 3 min (174; usual is 4).'"""
    subject = series.name or rule.environment.name
    length = f"in {rule.window_minutes} min"
    if rule.signal in QUANTILES:
        percentile = rule.signal.removeprefix("latency_")
        usual = f"; usual is {milliseconds(sample.usual)}" if sample.usual else ""
        return f"{subject}: {percentile} {milliseconds(sample.value)} over {sample.count:,} requests {length}{usual}."
    if rule.condition == AlertRule.Condition.SHARE:
        noun = SHARE_NOUNS[rule.signal]
        usual = usual_share(sample)
        return f"{subject}: {noun} {verdict.measured:.1%} of {sample.requests:,} requests {length}{usual}."
    usual = "" if sample.usual is None else f"; usual is {sample.usual:,.0f}"
    return f"{subject}: {sample.count:,} {NOUNS[rule.signal]} {length}{usual}."


def usual_share(sample: Sample) -> str:
    """What the count usually is, said beside a share."""
    if sample.usual is None:
        return ""
    return f" ({sample.count:,}; usual is {sample.usual:,.0f})"


def milliseconds(value: float | None) -> str:
    """'340 ms', '2.4 s'."""
    if value is None:
        return "unknown"
    return f"{value:,.0f} ms" if value < 1000 else f"{value / 1000:,.1f} s"
