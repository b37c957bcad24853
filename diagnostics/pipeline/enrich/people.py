"""Third step: user id to pseudonym, address to network and region, user agent to device; the raw values are emptied."""

from functools import lru_cache
from typing import Final

from diagnostics.core.record import Record, SpanRecord
from diagnostics.pipeline.context import ClientContext, EnvironmentContext
from diagnostics.pipeline.enrich.address import read_place
from diagnostics.pipeline.enrich.device import read_user_agent
from diagnostics.pipeline.pseudonym import user_key

recall_user_key: Final = lru_cache(maxsize=8_192)(user_key)


def enrich_log(record: Record, environment: EnvironmentContext, client: ClientContext) -> None:
    """Fills what describes the user of a record. The request's own client stands in only where it is the user."""
    if record.user_id:
        record.user_key = recall_user_key(environment.pseudonym_key, record.user_id)
        record.user_id = ""
    address, agent = record.client_address, record.user_agent
    if client.is_end_user:
        address, agent = address or client.address, agent or client.user_agent
    if address:
        set_place(record, address, environment)
    if agent:
        device = read_user_agent(agent)
        record.device_type, record.browser, record.os, record.is_bot = device
        record.user_agent = ""


def set_place(record: Record, address: str, environment: EnvironmentContext) -> None:
    """The network and the region of an address."""
    record.client_address = ""
    address, record.client_network = read_place(address)
    if address:
        record.geo_country, record.geo_region = environment.locate(address)


def enrich_span(span: SpanRecord, environment: EnvironmentContext) -> None:
    """A span keeps its user's pseudonym and nothing of the client."""
    if span.user_id:
        span.user_key = recall_user_key(environment.pseudonym_key, span.user_id)
        span.user_id = ""
    span.client_address = span.user_agent = ""
