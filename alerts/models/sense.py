"""Whether a rule makes sense: which conditions fit which signals, and what to do where they do not."""

import math
from typing import TYPE_CHECKING, Final

from alerts.patterns import check_pattern
from diagnostics.detection.templates.ids import read_id
from diagnostics.search.filters import check_fields
from diagnostics.search.query import parse_query

if TYPE_CHECKING:
    from alerts.models.rule import AlertRule

Problems = dict[str, str]

LATENCIES: Final = frozenset({"latency_p50", "latency_p95", "latency_p99"})
FIRST_SEEN: Final = frozenset({"new_errors", "regressions", "new_templates"})
TEMPLATES: Final = frozenset({"template_records", "new_templates"})
WHOLES: Final = frozenset({"records", "requests"})  # a share of themselves is always 1


def find_problems(rule: "AlertRule") -> Problems:
    """Field -> what is wrong with it and the way out. Empty: the rule makes sense."""
    return {
        **find_bad_numbers(rule),
        **find_misfit(rule),
        **find_bad_matching(rule),
        **find_bad_exceptions(rule),
        **find_bad_template(rule),
        **find_bad_limits(rule),
    }


def find_bad_numbers(rule: "AlertRule") -> Problems:
    """Limits are numbers that something can be compared with."""
    values = {name: getattr(rule, name) for name in ("threshold", "recover_threshold")}
    return {
        name: "Use a finite number."
        for name, value in values.items()
        if isinstance(value, float | int) and not math.isfinite(value)
    }


def find_misfit(rule: "AlertRule") -> Problems:
    """A condition that the signal cannot have."""
    signal, condition = rule.signal, rule.condition
    if (signal == "check_ins") != (condition == "missed"):
        return {"condition": "Check-ins of monitors have the condition 'fail, or do not come on time', and nothing else has it: "
                "choose both, or neither."}  # fmt: skip
    if signal in FIRST_SEEN and condition != "first_seen":
        return {"condition": "What is seen for the first time has no number: choose the condition 'is seen'."}
    if condition == "first_seen" and signal not in FIRST_SEEN:
        return {"condition": "Only new errors, errors that came back and new message patterns can be 'seen': choose one of "
                "them as the signal, or the condition 'is at least a fixed value'."}  # fmt: skip
    if condition == "share" and signal in LATENCIES:
        return {"condition": "A response time is no share of anything: choose 'is at least a fixed value' with "
                "milliseconds, or 'is at least so many times what it was'."}  # fmt: skip
    if condition == "share" and signal in WHOLES:
        return {"condition": "This is what shares are taken of: choose failed requests, 5xx, 4xx, timeouts, errors or "
                "records that match as the signal, or another condition."}  # fmt: skip
    if condition == "share" and signal == "template_records":
        return {"condition": "A message pattern has no share: choose 'is at least a fixed value', 'is at least so many times "
                "what it was' or 'is unlike what this series usually does'."}  # fmt: skip
    if condition == "absence" and signal in LATENCIES:
        return {"condition": "A response time does not stop, requests do: choose 'Requests' or 'Records of any level' "
                "as the signal."}  # fmt: skip
    return {}


def find_bad_matching(rule: "AlertRule") -> Problems:
    """The query line and the pattern."""
    if rule.signal != "matches":
        spare = [name for name in ("query", "pattern") if getattr(rule, name)]
        return dict.fromkeys(spare, "Only 'Records that match' looks at this: choose that signal, or leave this empty.")
    if not rule.query.strip() and not rule.pattern:
        return {"query": "Say what to match: a query line, a pattern, or both."}
    problems: Problems = {}
    try:
        query = parse_query(rule.query)
        check_fields(query.fields)
    except ValueError as error:
        problems["query"] = f"{error}. See the help of the search line."
    else:
        if "user" in query.fields or any(term.is_person for term in query.terms):
            problems["query"] = "user: a rule watches everybody; search for one person in Logs instead."
    if rule.pattern and (problem := check_pattern(rule.pattern)):
        problems["pattern"] = problem
    return problems


def find_bad_exceptions(rule: "AlertRule") -> Problems:
    """Services that are left out, where there is nothing to leave out."""
    if not rule.except_services:
        return {}
    if rule.service_name:
        return {"except_services": "A rule of one service looks at no other: leave this empty, or the service."}
    if rule.group_by == "nothing":
        return {
            "except_services": "The environment as a whole holds all services: choose 'each service' to leave one out."
        }
    return {}


def find_bad_template(rule: "AlertRule") -> Problems:
    """The pattern that is watched, and from which level on."""
    if rule.signal not in TEMPLATES:
        spare = [name for name in ("template", "level") if getattr(rule, name)]
        return dict.fromkeys(spare, "Only message patterns look at this: choose such a signal, or leave this empty.")
    if not rule.template:
        if rule.condition in ("below", "absence"):
            return {"template": "Most patterns are silent most of the time: name the one that must come (its id stands on its "
                    "page under Patterns), or watch 'Records of any level'."}  # fmt: skip
        return {}
    if rule.signal == "new_templates":
        return {"template": "What is never seen before has no id yet: leave this empty."}
    try:
        read_id(rule.template)
    except ValueError:
        return {"template": "This is no pattern's id: copy the 16 digits that stand after 'template:' on its page."}
    if rule.level:
        return {"level": "One pattern is watched, whatever its level: leave this empty."}
    return {}


def find_bad_limits(rule: "AlertRule") -> Problems:
    """Limits that could never be met, or never left."""
    threshold, recover = rule.threshold, rule.recover_threshold
    if not isinstance(threshold, float | int):
        return {}  # the field's own check has said so
    if problem := find_bad_share(rule, threshold) or find_empty_limit(rule, threshold):
        return {"threshold": problem}
    if rule.condition == "baseline" and not 0 < threshold < 1:
        return {"threshold": "A score lies between 0 and 1: use 0.5, or 0.6 to hear only of what is plain."}
    if rule.condition == "change" and threshold == 1:
        return {"threshold": "Nothing changes by a factor of 1: use 2 for twice as much, 0.5 for half."}
    return {} if recover is None else find_bad_recovery(rule, threshold, recover)


def find_bad_share(rule: "AlertRule", threshold: float) -> str:
    """More than all of it."""
    if rule.condition != "share" or threshold <= 1:
        return ""
    if threshold > 100:
        return "A share is at most 1 (100%): for 5% write 0.05."
    return f"A share is at most 1 (100%), and {threshold:g} is {threshold * 100:g}%: for {threshold:g}% write {threshold / 100:g}."


def find_empty_limit(rule: "AlertRule", threshold: float) -> str:
    """A limit of 0 that everything reaches, or nothing."""
    if threshold != 0:
        return ""
    is_latency = rule.signal in LATENCIES
    if rule.condition == "share":
        return "A share of at least 0% is always there: write 0.01 for 1%, or more."
    if rule.condition == "below" and is_latency:
        return "No response time is below 0 ms, so this would never fire: write more than 0."
    if rule.condition == "below":
        return "Nothing is fewer than 0, so this would never fire: write 1 to hear when nothing comes, or choose 'has stopped'."
    if rule.condition == "threshold" and is_latency:
        return "Every response time is at least 0 ms, so this would always fire: write more than 0."
    if rule.condition == "threshold" and rule.minimum_count == 0:
        return "There are always at least 0, so this would always fire: write 1 to hear of any."
    return ""


def find_bad_recovery(rule: "AlertRule", threshold: float, recover: float) -> Problems:
    """A limit for recovery on the wrong side, or one that is never reached."""
    falls = rule.condition == "below" or (rule.condition == "change" and threshold < 1)
    if falls and recover < threshold:
        return {"recover_threshold": f"It fires below {threshold:g}, so it recovers above: use {threshold:g} or more."}
    if not falls and recover > threshold:
        return {
            "recover_threshold": f"It fires from {threshold:g} on, so it recovers below: use {threshold:g} or less."
        }
    return {}
