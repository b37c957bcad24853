"""docs/wire-formats.md names each ingest address and each name under which a person's path is recognised."""

from pathlib import Path

import pytest

from diagnostics.ingest.formats.native import BODY_KEYS, SEVERITY_KEYS, TEXT_FIELDS, TIME_KEYS
from diagnostics.ingest.routes import ROUTES, SENTRY_ROUTES
from diagnostics.pipeline.aliases import DURATIONS, NAMES

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "wire-formats.md").read_text(encoding="utf-8")
RECOGNISED = (
    "session_id",
    "user_id",
    "request_id",
    "journey_id",
    "http_method",
    "http_route",
    "http_status",
    *DURATIONS,
)


@pytest.mark.parametrize("address", [*ROUTES, *(f"/api/<number>/{name}/" for name in SENTRY_ROUTES)])
def test_every_address_is_documented(address):
    assert f"`{address}`" in PAGE


def test_every_name_is_documented():
    names = {name for column in RECOGNISED for name in NAMES[column]}
    names |= {*TIME_KEYS, *SEVERITY_KEYS, *BODY_KEYS, *TEXT_FIELDS}
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == []
