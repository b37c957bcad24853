"""Another limit for a rule that cries too often, found by a backtest of its own: fewer incidents, none less of those that
somebody acknowledged."""

from typing import Any, Final

from alerts.backtest.jobs import NotPossibleError, request_backtest, why_not
from alerts.backtest.variants import limit_of, write_limit
from alerts.evaluation.history import number_of
from alerts.models import AlertRule, Backtest, Incident, Suggestion
from alerts.suggestions.acknowledged import span_of
from alerts.suggestions.found import DAYS, Found
from alerts.suggestions.noise import Noise
from alerts.suggestions.trial import SHOWN

LEAST: Final = 5  # incidents a week from which another limit is looked for
BETTER: Final = 0.5  # of the incidents that are left, at most
MOST_TRIED: Final = 2  # rules in a day


def request_trials(noises: list[Noise]) -> list[str]:
    """Backtests of the noisiest rules; ids."""
    fitting = [noise.rule for noise in noises if has_limit(noise.rule) and not why_not(noise.rule)]
    found = []
    for rule in fitting[:MOST_TRIED]:
        try:
            found.append(str(request_backtest(rule, DAYS, None).pk))
        except NotPossibleError:
            break  # people's own trials wait already: theirs come first
    return found


def has_limit(rule: AlertRule) -> bool:
    """Whether there is anything to vary."""
    return rule.condition not in (AlertRule.Condition.FIRST_SEEN, AlertRule.Condition.MISSED)


def propose_retune(trial: Backtest) -> Found | None:
    """The neighbour with the fewest incidents that keeps what people acknowledged; None where there is none."""
    rule = trial.rule
    if trial.state != Backtest.State.DONE or rule is None or not rule.enabled or not has_limit(rule):
        return None
    own = next(one for one in trial.result["neighbours"] if one["is_own"])
    kept = acknowledged(rule, trial)
    fitting = [one for one in trial.result["neighbours"] if is_better(one, own, kept)]
    if own["count"] < LEAST or own["limit"] != limit_of(rule) or not fitting:
        return None
    best = min(fitting, key=lambda one: (one["count"], abs(one["limit"] - own["limit"])))
    return found_of(rule, trial, own, best, len(kept))


def is_better(one: dict[str, Any], own: dict[str, Any], kept: list[Incident]) -> bool:
    """Half the incidents at most, and all of those that count."""
    return (
        not one["is_own"]
        and one["count"] <= BETTER * own["count"]
        and len(one["spans"]) == one["fired"]
        and all(tells_of(one["spans"], incident) for incident in kept)
    )


def acknowledged(rule: AlertRule, trial: Backtest) -> list[Incident]:
    """Of the days that were tried, with the series that showed them; also where a worse rule came to speak for it."""
    rows = Incident.objects.filter(evidence__rule=rule, acknowledged_at__isnull=False).distinct()
    rows = rows.prefetch_related("evidence").order_by("-opened_at")
    return [each for each in rows[:100] if number_of(each.started_at) >= trial.since]


def tells_of(spans: list[list[Any]], incident: Incident) -> bool:
    """Whether a firing of the same series falls into the incident."""
    since, until = span_of(incident)
    names = {one.series for one in incident.evidence.all()}
    return any(series in names and first <= until and (last is None or last >= since) for series, first, last in spans)


def found_of(rule: AlertRule, trial: Backtest, own: dict[str, Any], best: dict[str, Any], kept: int) -> Found:
    """With the neighbours."""
    result = trial.result
    evidence = {
        "days": trial.days, "since": trial.since, "until": trial.until, "before": own["count"], "count": best["count"],
        "own_label": own["label"], "label": best["label"], "acknowledged": kept, "backtest": str(trial.pk),
        "neighbours": [[one["limit"], one["label"], one["count"], one is best] for one in result["neighbours"]],
        "series": result["drawing"]["series"], "hours": hours_of(trial),
        "spans": [[first, last, 0] for first, last in result["drawing"]["spans"][-SHOWN:]],
        "firings": [[first, last, 0] for series, first, last in best["spans"] if series == result["drawing"]["series"]][-SHOWN:],
    }  # fmt: skip
    change = {"limit": best["limit"], "was": limit_of(rule), "label": write_limit(rule, best["limit"])}
    return Found(
        Suggestion.Kind.RETUNE,
        str(rule.pk),
        change,
        evidence,
        weight=float(own["count"] - best["count"]),
        rule_id=rule.pk,
    )


def hours_of(trial: Backtest) -> list[float | None]:
    """The highest value of each hour of the series that fired most."""
    drawing = trial.result["drawing"]
    found: list[float | None] = [None] * -(-(trial.until - trial.since) // 60)
    for bucket, value in drawing["values"].items():
        number = int(bucket) * drawing["step"] // 60
        found[number] = max(found[number] or 0.0, round(value, 5))
    return found
