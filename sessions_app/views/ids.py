"""Ids that senders choose, as the end of an address. A segment of dots alone leads a browser up, however it is encoded, and
a link out of its page: such a segment gets a `~` before it."""

import re
from typing import Final

from django.urls.converters import PathConverter

DOTS: Final = re.compile(r"(^|(?<=/))(?=~*\.{1,2}(/|$))")  # before a segment of dots, escaped already or not
ESCAPED: Final = re.compile(r"(^|(?<=/))~(?=~*\.{1,2}(/|$))")


class IdConverter(PathConverter):
    """Any text; `a/../b` stands as `a/~../b`."""

    def to_python(self, value: str) -> str:
        """The id of an address."""
        return ESCAPED.sub("", value)

    def to_url(self, value: str) -> str:
        """The address of an id."""
        return DOTS.sub("~", str(value))
