"""Steps in words: for terminals and for the API."""

from collections.abc import Sequence
from typing import Any, Final

from alerts.as_code.steps import Step
from alerts.as_code.targets import Secret

MARKS: Final = {"create": "+", "change": "~", "delete": "-"}
VALUE_CHARS: Final = 200


def tell_steps(steps: Sequence[Step]) -> list[str]:
    """Lines: one a step, one a field."""
    lines: list[str] = []
    for step in steps:
        lines.append(f"{MARKS[step.verb]} {step.kind} {step.name}")
        for name, (before, after) in step.changes.items():
            arrow = "" if step.verb == "create" else f"{show(before)} -> "
            lines.append(f"    {name}: {arrow}{show(after)}")
    return lines


def show(value: Any) -> str:
    """One value, bounded; a secret never."""
    value = hide(value)
    text = "none" if value is None else str(value).replace("\n", " | ")
    return text if len(text) <= VALUE_CHARS else text[:VALUE_CHARS] + "…"


def hide(value: Any) -> Any:
    """The same without secrets."""
    if isinstance(value, Secret):
        return "(secret)"
    return {name: hide(item) for name, item in value.items()} if isinstance(value, dict) else value


def step_as_json(step: Step) -> dict[str, Any]:
    """For the API."""
    changes = {name: {"before": hide(before), "after": hide(after)} for name, (before, after) in step.changes.items()}
    return {"kind": step.kind, "name": step.name, "verb": step.verb, "changes": changes}
