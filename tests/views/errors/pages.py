"""What tests read on the errors pages, and records for them."""

from tests.world import make_record

HOSTILE = "<script>alert(1)</script>\u202eevil"


def names(page):
    return [element.text for element in page.all("a", class_="row-link")]


def cells(page, label):
    return [element.text.strip() for element in page.all("td", data_label=label)]


def keep(error, **fields):
    values = {"fingerprint": error.fingerprint, "timestamp": error.last_seen, "has_restricted": False}
    return make_record(error.environment, **{**values, **fields})
