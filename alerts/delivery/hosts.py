"""One strict reading of a URL: what two parsers may read differently is refused, and so are names that lead to no public host."""

import re
from typing import Final
from urllib.parse import urlsplit

from alerts.delivery.errors import TargetRefused

LONGEST_URL: Final = 2048
LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")
TOP_LABEL: Final = re.compile(r"[a-z][a-z0-9-]*")  # no top-level domain begins with a digit or holds an underscore
URL_CHARACTERS: Final = re.compile(r"[!#$&-;=?-Z_a-z~%\[\]]+")  # printable ASCII but space, quotes, \ ^ ` { | } < >
START: Final = re.compile(r"(https?)://([^/?#]*)(?:[/?#]|$)", re.IGNORECASE)
AUTHORITY: Final = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::([1-9][0-9]{0,4}))?")
PLAIN_IPV4: Final = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}", re.ASCII)
# Names that never lead to a public host (RFC 6761, 6762, 7686, 8375, 9476, what cloud, cluster and home DNS use),
# public names of the metadata services of clouds, and domains that lead to loopback or to any address written before them.
SPECIAL_SUFFIXES: Final = (
    "localhost", "local", "localdomain", "localdomain4", "localdomain6", "internal", "intranet", "intra", "corp", "home",
    "lan", "private", "priv", "home.arpa", "onion", "i2p", "gnu", "test", "example", "invalid", "alt", "cluster", "svc",
    "pod", "consul", "nomad", "k8s", "docker", "mshome", "workgroup", "belkin", "dhcp", "mail", "arpa",
    "default", "kube-system", "kube-public", "localtest.me", "lvh.me", "vcap.me", "lacolhost.com", "nip.io", "sslip.io", "xip.io",
    "metadata.goog", "metadata.tencentyun.com", "metadata.packet.net", "metadata.platformequinix.com",
)  # fmt: skip


def read_url(url: str) -> tuple[str, int, str]:
    """(host, port, scheme), in lower case; TargetRefused says what is wrong, without repeating it."""
    if not isinstance(url, str):
        raise TargetRefused("the address must be text")
    if not 0 < len(url) <= LONGEST_URL:
        raise TargetRefused(f"the address must have 1 to {LONGEST_URL} characters")
    if not URL_CHARACTERS.fullmatch(url):
        raise TargetRefused(
            "the address holds characters that a URL may not have (write names of other scripts as xn--…, others as %XX)"
        )
    match = START.match(url)
    if match is None:
        raise TargetRefused("the address must begin with https:// and a host name")
    scheme, authority = match[1].lower(), match[2]
    if "@" in up_to_slash(url) or "%" in authority:
        raise TargetRefused("the address may not hold a user name or escapes in its host")
    host, port = read_authority(authority, scheme)
    try:
        parts = urlsplit(url)
        again = (parts.hostname or "", parts.port or default_port(scheme))
    except ValueError:
        raise TargetRefused("the address cannot be read") from None
    if again != (host.strip("[]"), port):
        raise TargetRefused("the address can be read in more than one way")
    return host, port, scheme


def up_to_slash(url: str) -> str:
    """What careless parsers take for the host: with `https://a.com#@b.com/` they go to b.com."""
    return url.partition("://")[2].partition("/")[0]


def read_authority(authority: str, scheme: str) -> tuple[str, int]:
    """Host and port."""
    match = AUTHORITY.fullmatch(authority)
    if match is None:
        raise TargetRefused("the address must have one host and at most one port")
    port = int(match[2]) if match[2] else default_port(scheme)
    if port > 65535:
        raise TargetRefused("the port must be 1 to 65535")
    host = match[1].lower()
    check_host(host)
    return host, port


def default_port(scheme: str) -> int:
    """Where a scheme is spoken when no port is named."""
    return 443 if scheme == "https" else 80


def check_host(host: str) -> None:
    """The grammar of host names; names for special uses are refused."""
    if host.startswith("["):
        return
    name = host.removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in labels):
        raise TargetRefused("the host is not a valid name")
    if labels[-1].isdecimal() or re.fullmatch(r"0x[0-9a-f]*", labels[-1]):
        if not is_plain_ipv4(host):
            raise TargetRefused("a numeric host must be four decimal numbers")
        return
    if len(labels) < 2 or not TOP_LABEL.fullmatch(labels[-1]):
        raise TargetRefused("the host must be a full name with a domain")
    if is_special(name):
        raise TargetRefused("the host's name is reserved for private or special use")


def is_special(name: str) -> bool:
    """Whether a name is, or lies below, one for special use."""
    return any(name == suffix or name.endswith(f".{suffix}") for suffix in SPECIAL_SUFFIXES)


def is_plain_ipv4(host: str) -> bool:
    """Four decimal numbers without leading zeros."""
    return PLAIN_IPV4.fullmatch(host) is not None


def is_literal(host: str) -> bool:
    """Whether the host is an address itself."""
    return host.startswith("[") or is_plain_ipv4(host)
