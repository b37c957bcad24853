"""What every page's frame needs: the environments of the person and what they may do in the present one."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context of the frame."""
    return {}
