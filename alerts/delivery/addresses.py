"""Which addresses an alert may be sent to. Everything that is not plainly a public host is refused.

Python's own `is_global` is not enough: it takes multicast, NAT64, 6to4 and others for public. So the rule is a list of
what is allowed, cut by what is not.
"""

import ipaddress
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from alerts.delivery.errors import TargetRefused
from alerts.delivery.hosts import default_port, is_literal, read_url

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str], list[str]]

PORTS: Final = frozenset({443, 8443})
# Public as far as Python knows, but not hosts of others: Azure's wire server, 6to4 relays, Oracle's metadata, AS112,
# what translates or tunnels to another address, documentation, the retired 6bone …
NEVER: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "168.63.129.16/32", "192.88.99.0/24", "192.0.0.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.175.48.0/24",
        "100.64.0.0/10", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16",
        "3ffe::/16", "3fff::/20", "2620:4f:8000::/48",
    )
)  # fmt: skip
GLOBAL_V6: Final = ipaddress.ip_network("2000::/3")
ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})  # the last half of an address that tunnels to an IPv4 host
# One text for all that a name can lead to, so that nobody learns from it which names exist inside.
NO_PUBLIC_ADDRESS: Final = "the host has no public address"


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
    addresses in them may use any port, and http when `allow_http`. The product's own address and `refused_addresses`
    are refused whatever else holds. TargetRefused says why, without the address.
    """
    host, port, scheme = read_url(url)
    answers = [read_address(host.strip("[]"))] if is_literal(host) else resolve_name(host, resolve)
    vouched = are_within(answers, allowed_networks)
    if is_own(host, port, vouched) or any(are_within([address], refused_addresses) for address in answers):
        raise TargetRefused("the address is the product's own")
    if vouched:
        if scheme == "http" and not allow_http:
            raise TargetRefused("https is needed")
    else:
        if not all(is_public(address) for address in answers):
            raise TargetRefused(NO_PUBLIC_ADDRESS)
        check_transport(scheme, port)
    return str(answers[0])


def is_own(host: str, port: int, vouched: bool) -> bool:
    """Whether this leads back to us: alerts about alerts would never end. On a vouched host other ports are others'."""
    own = urlsplit(settings.PUBLIC_URL)
    if host.strip("[]").removesuffix(".") != (own.hostname or ""):
        return False
    return not vouched or port == (own.port or default_port(own.scheme))


def read_address(text: str) -> Address:
    """An address from a URL or a resolver; a number or bytes would be read as an address, too, and are nonsense."""
    if not isinstance(text, str):
        raise TargetRefused("the host's address cannot be read")
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise TargetRefused("the host's address cannot be read") from None
    if isinstance(found, ipaddress.IPv6Address) and found.scope_id:
        raise TargetRefused(NO_PUBLIC_ADDRESS)  # an address with a zone is local
    return found


def resolve_name(host: str, resolve: Resolve) -> list[Address]:
    """All addresses of a name; when it cannot be found now, another try may find it."""
    try:
        answers = resolve(host.removesuffix("."))
    except (OSError, ValueError, LookupError):  # ValueError: a name that the system cannot even ask for
        raise TargetRefused(NO_PUBLIC_ADDRESS, permanent=False) from None
    if not answers:
        raise TargetRefused(NO_PUBLIC_ADDRESS)
    return [read_address(answer) for answer in answers]


def is_public(address: Address) -> bool:
    """A plain public unicast address; anything that embeds or translates to another is not."""
    if isinstance(address, ipaddress.IPv6Address) and not is_plain_ipv6(address):
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


def is_plain_ipv6(address: ipaddress.IPv6Address) -> bool:
    """Global unicast that does not tunnel to an IPv4 host."""
    return address in GLOBAL_V6 and (int(address) >> 32) & 0xFFFFFFFF not in ISATAP


def are_within(addresses: list[Address], networks: Iterable[str]) -> bool:
    """Whether each address lies in one of the networks (CIDR)."""
    known = [ipaddress.ip_network(text, strict=False) for text in networks]
    return all(any(is_in(address, network) for network in known) for address in addresses)


def is_in(address: Address, network: Network) -> bool:
    """Membership, without mixing versions."""
    return address.version == network.version and address in network


def check_transport(scheme: str, port: int) -> None:
    """Public hosts are reached by https on its ports."""
    if scheme != "https":
        raise TargetRefused("https is needed")
    if port not in PORTS:
        raise TargetRefused(f"the port must be one of {', '.join(map(str, sorted(PORTS)))}")
