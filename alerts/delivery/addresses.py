"""Which addresses an alert may be sent to. Everything that is not plainly a public host is refused.

Python's own `is_global` is not enough: it takes multicast, NAT64, 6to4 and others for public. So the rule is a list of
what is allowed, cut by what is not.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from alerts.delivery.errors import TargetRefused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str], list[str]]

LONGEST_URL: Final = 2048
PORTS: Final = frozenset({443, 8443})
LABEL: Final = re.compile(r"^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$")
URL_CHARACTERS: Final = re.compile(r"^[!#$&-;=?-Z_a-z~%\[\]]+$")  # printable ASCII but space, quotes, \ ^ ` { | } < >
# Names that never lead to a public host (RFC 6761, 6762, 7686, 8375, 9476 and what cloud and cluster DNS use).
SPECIAL_SUFFIXES: Final = (
    "localhost", "local", "localdomain", "internal", "intranet", "corp", "home", "lan", "private", "home.arpa", "onion",
    "test", "example", "invalid", "alt", "cluster.local", "svc", "consul", "arpa",
)  # fmt: skip
# Public as far as Python knows, but not hosts of others: Azure's wire server, 6to4 relays, Oracle's metadata, AS112 …
NEVER: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32", "192.88.99.0/24", "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24",
        "100.64.0.0/10", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16",
        "3fff::/20", "2620:4f:8000::/48",
    )
)  # fmt: skip
GLOBAL_V6: Final = ipaddress.ip_network("2000::/3")


def resolve_target(
    url: str,
    resolve: Resolve,
    *,
    allowed_networks: Iterable[str] = (),
    allow_http: bool = False,
    refused_addresses: Iterable[str] = (),
) -> str:
    """The address to connect to for this URL: resolved once, checked, to be pinned by the caller.

    `resolve(host)` gives all addresses of a name. Any answer that is not allowed refuses the whole target: a name
    with one private answer is a trap. `allowed_networks` (CIDR) are private ranges that the operator vouches for;
    addresses in them may use any port, and http when `allow_http`. TargetRefused says why, without the address.
    """
    allowed = [ipaddress.ip_network(text, strict=False) for text in allowed_networks]
    host, port, scheme = read_url(url)
    answers = [read_address(host)] if is_literal(host) else resolve_name(host, resolve)
    refused = {ipaddress.ip_address(text) for text in refused_addresses}
    vouched = all(any(is_in(address, network) for network in allowed) for address in answers)
    if not vouched:
        for address in answers:
            if address in refused or not is_public(address):
                raise TargetRefused("the address lies in a network that alerts may not reach")
        check_transport(scheme, port)
    elif scheme == "http" and not allow_http:
        raise TargetRefused("https is needed")
    return str(answers[0])


def read_url(url: str) -> tuple[str, int, str]:
    """(host, port, scheme), by one strict reading: what two parsers may read differently is refused."""
    if not 0 < len(url) <= LONGEST_URL:
        raise TargetRefused(f"the address must have 1 to {LONGEST_URL} characters")
    if not URL_CHARACTERS.fullmatch(url):
        raise TargetRefused("the address holds characters that a URL may not have")
    match = re.match(r"^(https?)://([^/?#]*)(?:[/?#]|$)", url)
    if match is None:
        raise TargetRefused("the address must begin with https:// and a host name")
    scheme, authority = match[1], match[2]
    if "@" in authority or "%" in authority:
        raise TargetRefused("the address may not hold a user name or escapes in its host")
    host, port = read_authority(authority, scheme)
    try:
        parts = urlsplit(url)
        again = (parts.hostname or "", parts.port or (443 if scheme == "https" else 80))
    except ValueError:
        raise TargetRefused("the address cannot be read") from None
    if again != (host.lower().strip("[]"), port):
        raise TargetRefused("the address can be read in more than one way")
    return host.lower(), port, scheme


def read_authority(authority: str, scheme: str) -> tuple[str, int]:
    """Host and port."""
    match = re.match(r"^(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([0-9]{1,5}))?$", authority)
    if match is None:
        raise TargetRefused("the address must have one host and at most one port")
    port = int(match[2]) if match[2] else (443 if scheme == "https" else 80)
    if not 1 <= port <= 65535:
        raise TargetRefused("the port must be 1 to 65535")
    check_host(match[1])
    return match[1], port


def check_host(host: str) -> None:
    """The grammar of host names; names for special uses are refused."""
    if host.startswith("["):
        return
    labels = host.rstrip(".").split(".") if host.endswith(".") and not host.endswith("..") else host.split(".")
    if len(host) > 253 or not all(LABEL.match(label) for label in labels):
        raise TargetRefused("the host is not a valid name")
    last = labels[-1].lower()
    if last.isdecimal() or re.match(r"^0x[0-9a-f]*$", last):
        if not is_plain_ipv4(host):
            raise TargetRefused("a numeric host must be four decimal numbers")
        return
    if len(labels) < 2:
        raise TargetRefused("the host must be a full name with a domain")
    name = ".".join(labels).lower()
    if any(name == suffix or name.endswith(f".{suffix}") for suffix in SPECIAL_SUFFIXES):
        raise TargetRefused("the host's name is reserved for private or special use")


def is_plain_ipv4(host: str) -> bool:
    """Four decimal numbers without leading zeros."""
    return re.match(r"^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$", host) is not None


def is_literal(host: str) -> bool:
    """Whether the host is an address itself."""
    return host.startswith("[") or is_plain_ipv4(host)


def read_address(text: str) -> Address:
    """An address from a URL or a resolver."""
    try:
        found = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        raise TargetRefused("the host's address cannot be read") from None
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id:
        raise TargetRefused("an address with a zone is local")
    return found


def resolve_name(host: str, resolve: Resolve) -> list[Address]:
    """All addresses of a name."""
    try:
        answers = resolve(host.rstrip("."))
    except OSError:
        raise TargetRefused("the host's name cannot be resolved", permanent=False) from None
    if not answers:
        raise TargetRefused("the host's name has no address")
    return [read_address(answer) for answer in answers]


def is_public(address: Address) -> bool:
    """A plain public unicast address; anything that embeds or translates to another is not."""
    if isinstance(address, ipaddress.IPv6Address) and address not in GLOBAL_V6:
        return False
    if any(is_in(address, network) for network in NEVER):
        return False
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_private
    )


def is_in(address: Address, network: Network) -> bool:
    """Membership, without mixing versions."""
    return address.version == network.version and address in network


def check_transport(scheme: str, port: int) -> None:
    """Public hosts are reached by https on its ports."""
    if scheme != "https":
        raise TargetRefused("https is needed")
    if port not in PORTS:
        raise TargetRefused(f"the port must be one of {', '.join(map(str, sorted(PORTS)))}")
