"""A vendor's fake, set up as a target of its kind."""

import pytest

from alerts.integrations.base import Setup
from tests.alerts.fakes import FAKES


@pytest.fixture
def arrange(receiver, monkeypatch):
    return lambda kind: Setup(*FAKES[kind].arrange(receiver, monkeypatch))
