"""JSON of the API's requests. Python's reader descends into what is nested, and gives up with an error that would be taken
for ours."""

from typing import Any, Final

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

DEEPEST: Final = 32  # no request needs more than a handful; what reads it further on may descend again


class BoundedJson(JSONParser):
    """What is nested too deeply is refused as what is no JSON is: with 400."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """What was sent."""
        try:
            found = super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise too_deep() from None
        if is_deep(found):
            raise too_deep()
        return found


def is_deep(found: Any) -> bool:
    """Whether anything stands more than DEEPEST lists and objects deep."""
    level = [found]
    for _ in range(DEEPEST + 1):
        level = [part for item in level for part in parts_of(item) if isinstance(part, dict | list)]
        if not level:
            return False
    return True


def parts_of(item: Any) -> Any:
    """What stands in a list or an object."""
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()


def too_deep() -> ParseError:
    """The way out."""
    return ParseError(f"JSON nested more than {DEEPEST} deep is not understood.")
