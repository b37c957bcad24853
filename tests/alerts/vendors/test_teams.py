"""Microsoft's own model of a card as the judge. What it does not check (sizes) is asserted by hand."""

import json

import pytest
from microsoft_teams.cards import AdaptiveCard

from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from alerts.integrations.teams.card import build_card, envelope
from tests.alerts.samples import make_alert
from tests.alerts.vendors.samples import ACTIONS, LARGE, bodies


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("fields", [{}, LARGE], ids=["usual", "large"])
def test_microsofts_own_model_takes_the_card_and_it_fits(action, fields):
    card = build_card(make_alert(action=action, **fields))
    AdaptiveCard.model_validate(card)
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert len(json.dumps(envelope(card))) <= 12_000
    assert {item["type"] for item in card["actions"]} == {"Action.OpenUrl"}
    assert all(item["url"].startswith("https://") for item in card["actions"])
    if fields:
        assert "open the incident" in json.dumps(card)


@pytest.mark.parametrize("shape", ["message", "card"])
def test_both_shapes_that_flows_take(receiver, arrange, shape):
    setup = arrange("teams")
    sent = INTEGRATIONS["teams"].send(make_alert(), Setup({"shape": shape}, setup.secrets))
    (body,) = bodies(receiver)
    if shape == "message":
        assert (body["type"], len(body["attachments"])) == ("message", 1)
        assert body["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
        body = body["attachments"][0]["content"]
    assert body["type"] == "AdaptiveCard"
    assert "run history" in sent.note  # 202 is not a card in a channel


def test_a_record_makes_no_link_and_no_mark_in_a_card():
    said = json.dumps(
        build_card(make_alert(summary="[log in](https://evil.com) **now** <at>all</at>")), ensure_ascii=False
    )
    assert "](https://evil.com)" not in said
    assert "<at>" not in said
