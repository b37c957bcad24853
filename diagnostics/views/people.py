"""Searches for people have addresses that name pseudonyms: addresses stay in histories, logs and messages."""

from collections.abc import Callable, Mapping

from django.http import HttpResponseRedirect

from diagnostics.privacy.pseudonyms import looks_known, stand_in
from diagnostics.search.people import split_addresses, without_raw_ids
from diagnostics.views.addresses import address_of
from diagnostics.views.decorators import PageRequest


def given_params(request: PageRequest) -> dict[str, str]:
    """What a search was given, by its form or by its address."""
    given = request.POST if request.method == "POST" else request.GET
    return {name: value for name, value in given.dict().items() if name != "csrfmiddlewaretoken"}


def shareable_params(request: PageRequest, is_known: Callable[[str], bool], line: str = "") -> dict[str, str]:
    """The same with pseudonyms in the place of raw user ids; `line` names the parameter that is a query line. QueryError
    for one that cannot be understood.

    An id in a form may look like a pseudonym: `is_known` tells. What looks like one in an address is one.
    """
    given, is_posted = given_params(request), request.method == "POST"
    trusts = is_known if is_posted else looks_known
    return without_raw_ids(given, lambda typed: stand_in(request.environment, typed, trusts), line)


def with_person_apart(request: PageRequest, params: dict[str, str], line: str = "q") -> dict[str, str]:
    """The parameters with `person` in the place of an e-mail address in the query line: addresses are not stored, so it
    would find nothing, and stay in histories."""
    kept, address = split_addresses(params.get(line, ""))
    found = {**params, line: kept, "person": address} if address else dict(params)
    if found.get("person"):
        found["person"] = stand_in(request.environment, found["person"])
    return {name: value for name, value in found.items() if value or name not in (line, "person")} if address else found


def to_address(params: Mapping[str, str]) -> HttpResponseRedirect:
    """To the address that may be kept and shown to others; browsers' histories hold that one alone."""
    return HttpResponseRedirect(address_of(params))
