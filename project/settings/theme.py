"""django-unfold: the admin with the product's name, colours and navigation."""

from django.templatetags.static import static
from django.urls import reverse_lazy

__all__ = ["UNFOLD"]


def link(title: str, icon: str, name: str) -> dict[str, object]:
    """One entry of the admin's navigation."""
    return {"title": title, "icon": icon, "link": reverse_lazy(name)}


UNFOLD = {
    "SITE_TITLE": "Diagnostics",
    "SITE_HEADER": "Diagnostics",
    "SITE_SYMBOL": "monitoring",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("diagnostics/admin.css")],
    "SIDEBAR": {
        "show_search": False,
        "show_all_applications": False,
        "navigation": [],
    },
}
