"""IP addresses become networks: /24 of IPv4, /48 of IPv6. The full address is read here and nowhere kept."""

import ipaddress
from functools import lru_cache
from typing import Final

V4_BITS: Final = 24
V6_BITS: Final = 48


@lru_cache(maxsize=8_192)
def read_place(text: str) -> tuple[str, str]:
    """The bare address and its network; both empty where there is none."""
    address = read_address(text)
    return address, network_of(address)


def read_address(text: str) -> str:
    """The bare address in `203.0.113.7:5123`, `[2001:db8::1]:80` or `fe80::1%eth0`; empty where there is none."""
    text = text.strip().strip('"').split("%", 1)[0]
    if text.startswith("["):
        text = text[1:].split("]", 1)[0]
    elif text.count(":") == 1:
        text = text.split(":", 1)[0]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def network_of(address: str) -> str:
    """The network of an address that `read_address` gave."""
    if not address:
        return ""
    return str(ipaddress.ip_network(f"{address}/{V6_BITS if ':' in address else V4_BITS}", strict=False))
