"""The rules in the order in which they name what they find, each with the patterns that open the gate for it.

Gates are kept plain: a gate with a counted wildcard (`x.{0,30}y`) makes the set's automaton explode.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

from diagnostics.pipeline.redact import (
    assignments,
    contact,
    headers,
    identity,
    network,
    outgoing,
    pairs,
    people,
    spoken,
    tables,
    urls,
    vendors,
)
from diagnostics.pipeline.redact.patterns import Gate
from diagnostics.pipeline.redact.scan import Scan


class Rule(NamedTuple):
    """A detector. `weak` ones judge by digits alone and are not asked about ids, versions and times."""

    find: Callable[[Scan], None]
    gates: tuple[str, ...]  # all must occur
    group: str = "shapes"  # the set that its gates are in
    weak: bool = False


STORE: Final = (
    Rule(vendors.find_pem, (vendors.PEM_GATE,)),
    Rule(urls.find_userinfo, (urls.GATE,)),
    Rule(urls.find_slashed_userinfo, urls.SLASHED_GATES),
    Rule(vendors.find_vendor_keys, (vendors.KEY_GATE,)),
    Rule(headers.find_bare_credentials, (headers.BARE_GATE,), "words"),
    Rule(headers.find_stored, (headers.STORED_GATE,), "words"),
    Rule(assignments.find_assignments, assignments.GATES, "words"),
    Rule(vendors.find_jwt, (vendors.JWT_GATE,)),
    Rule(spoken.find_said, (spoken.SAID_GATE,), "words"),
    Rule(pairs.find_listed, (pairs.LISTED_GATE,), "words"),
    Rule(pairs.find_beside, (pairs.BESIDE_GATE,), "words"),
    Rule(tables.find_inserted, (tables.GATE,), "words"),
    Rule(spoken.find_flags, spoken.FLAG_GATES, "words"),
    Rule(spoken.find_sql_passwords, (spoken.SQL_GATE,), "words"),
    Rule(spoken.find_user_arguments, (spoken.USER_GATE,), "words"),
    Rule(spoken.find_auth_commands, (spoken.COMMAND_GATE,), "words"),
    Rule(spoken.find_codes, spoken.CODE_GATES, "words"),
    Rule(people.find_addressed, (people.GATE,), "words"),
    Rule(people.find_mailed, (people.NAMED_GATE,), "words"),
    Rule(people.find_held, people.HELD_GATES, "words"),
    Rule(people.find_sent, people.SENT_GATES, "words"),
    Rule(contact.find_emails, (contact.EMAIL_GATE,)),
    Rule(identity.find_cards, (identity.CARD_GATE,), "digits", weak=True),
    Rule(identity.find_ibans, (identity.IBAN_GATE,), "digits"),
    Rule(identity.find_ssns, (identity.SSN_GATE,), "digits", weak=True),
    Rule(identity.find_qualified_ssns, (identity.QUALIFIED_GATE,), "digits"),
    Rule(identity.find_dnis, (identity.DNI_GATE,), "digits", weak=True),
    Rule(identity.find_codici, (identity.CODICE_GATE,), "digits"),
    Rule(identity.find_nirs, (identity.NIR_GATE,), "digits", weak=True),
    Rule(identity.find_pesels, (r"\b\d{11}\b",), "digits", weak=True),
    Rule(identity.find_ninos, (identity.NINO_GATE,), "digits", weak=True),
    Rule(identity.find_cpfs, (identity.CPF_GATE,), "digits", weak=True),
    Rule(identity.find_said, (identity.SAID_GATE,), "words", weak=True),
    Rule(contact.find_plus_numbers, (contact.PLUS_GATE,), "digits", weak=True),
    Rule(contact.find_said_numbers, contact.SAID_GATES, "digits", weak=True),
    Rule(contact.find_routed_numbers, (contact.ROUTED_GATE,), "words", weak=True),
    Rule(contact.find_grouped_numbers, (contact.GROUPED_GATE,), "digits", weak=True),
    Rule(network.find_v4, (network.V4_GATE,), weak=True),
    Rule(network.find_dashed, (network.DASHED_GATE,)),
    Rule(network.find_v6, (network.V6_GATE,)),
)
OUTGOING: Final = (
    Rule(outgoing.find_stacks, (outgoing.STACK_GATE,)),
    Rule(outgoing.find_statements, (outgoing.SQL_GATE,), "words"),
    Rule(outgoing.find_addresses, (f"{outgoing.ADDRESS_GATE}|{outgoing.LOOPBACK_GATE}",), "digits"),
    Rule(outgoing.find_paths, (outgoing.PATH_GATE,)),
    Rule(outgoing.find_hosts, (outgoing.HOST_GATE,), "words"),
)
STORE_GATE: Final = Gate([(rule.group, rule.gates) for rule in STORE])
OUTGOING_GATE: Final = Gate([(rule.group, rule.gates) for rule in OUTGOING])
