"""What a JSON value is, in words that refusals can use."""

from typing import Any


def kind_of(value: Any) -> str:
    """In JSON's words."""
    names = {dict: "an object", list: "an array", str: "a text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
