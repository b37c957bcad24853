"""IP addresses in text: cut to their network, so that `same network` can still be seen. Versions are no addresses."""

import ipaddress
import re
from functools import lru_cache
from typing import Final

from diagnostics.pipeline.redact.patterns import DIGITS, compile_find, compile_test
from diagnostics.pipeline.redact.scan import Scan

OCTET: Final = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
V4: Final = compile_find(rf"{OCTET}(?:\.{OCTET}){{3}}")
V4_GATE: Final = r"\d\.\d{1,3}\.\d{1,3}\.\d"
DASHED: Final = compile_find(rf"(?i)\b(?:ip|ec2|host)-({OCTET}(?:-{OCTET}){{3}})\b")
DASHED_GATE: Final = r"(?:ip|ec2|host)-\d{1,3}-\d{1,3}-\d{1,3}-\d"
V6: Final = compile_find(r"(?i)[0-9a-f:]*:[0-9a-f:]*:[0-9a-f:.]*")
V6_GATE: Final = r"(?i)::|:[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:"
VERSIONED: Final = compile_test(
    r"(?:[a-z_]*versions?\W{0,8}(?:(?:string)?value\W{1,5}){0,2}(?:some\W{1,3})?|\b(?:v|ver|release|released|build|firmware|upgrad\w+|downgrad\w+|update[ds]?|rev|revision|sdk|"
    r"openssl|openssh|python|java|jdk|jre|php|ruby|linux|kernel|windows|ubuntu|debian|chrom\w+|firefox|safari|edge|opera|"
    r"electron|dotnet|framework|android|macos|gcc|glibc|webview|assembly\w*|fileversion|driver|plugin|patch|oid|asn\d?|section|clause|chapter|library|package|dependency|agent|runtime)"
    r"[ :=\"'v(-]{0,4}|[a-z_]-|==|\bv|\d\.)$"
)
FROM_VERSION: Final = compile_test(r"(?:version|upgrad|downgrad|release|firmware|update).{0,30}(?:from|to|->) v?$")
NAMED: Final = compile_test(
    r"(?:\bip|addr\w*|host|client|peer|remote|server|from|source|src|dst|dest\w*|forwarded\S*|to|://|@|by|proxy|gateway|"
    r"listen\w*|bind|connect\w*|via|user|login|node)[ :=\"'\[(/]*$"
)
MASK: Final = re.compile(rb"/\d{1,2}\b")
PRODUCT: Final = re.compile(rb"[A-Z][A-Za-z]*/$")
PRIVATE: Final = re.compile(rb"10-|192-168-|172-(?:1[6-9]|2\d|3[01])-")
KEPT: Final = frozenset({"127.0.0.1", "0.0.0.0", "255.255.255.255", "::1", "::"})  # noqa: S104 - never bound, only kept
PORT: Final = re.compile(rb":\d{1,5}\Z")  # behind an address that is written in full
HEXTET: Final = re.compile(r"(?i)[23][0-9a-f]{3}|fe[89ab][0-9a-f]|f[cd][0-9a-f]{2}|ff[0-9a-f]{2}|64|0{0,4}")


def find_v4(scan: Scan) -> None:
    """Claims dotted quads that are not versions, and writes their /24."""
    data = scan.data
    for spans in scan.search(V4, 7):
        start, end = spans[0]
        text = data[start:end].decode()
        if text in KEPT or is_network(data, text, end):
            continue
        if touches_nothing(data, start, end) and not is_version(scan, start, end):
            scan.claim(start, end, f"ip:{text.rsplit('.', 1)[0]}.0/24")


def find_dashed(scan: Scan) -> None:
    """`ip-203-0-113-7`: hosts carry their address in their name. One in a private network tells of a machine only."""
    for spans in scan.search(DASHED):
        if not PRIVATE.match(scan.data, spans[1][0]):
            scan.claim(*spans[1], "ip")


def touches_nothing(data: bytes, start: int, end: int) -> bool:
    """No letter, digit or further dotted group beside it."""
    before, after = data[start - 1 : start] if start else b"", data[end : end + 2]
    if before.isalnum() or before in (b"_", b".") or (before == b"-" and not data[start - 2 : start - 1].isdigit()):
        return False
    if after[:1].isalnum() or after[:1] == b"_" or (after[:1] == b"." and after[1:].isalnum()):
        return False
    return not (after[:1] in (b"-", b"+") and after[1:].isalpha())


def is_network(data: bytes, text: str, end: int) -> bool:
    """`10.0.0.0/24` names a network and nobody in it."""
    return text.endswith(".0") and MASK.match(data, end, end + 3) is not None


def is_version(scan: Scan, start: int, end: int) -> bool:
    """Words, products and small numbers that tell a version from an address."""
    data = scan.data
    if not scan.numbers or (scan.data[start:end].startswith(b"0.") and data[start:end] != b"0.0.0.0"):
        return True
    if data[end : end + 1] == b":" and data[end + 1 : end + 2].isdigit():
        return False
    if start == 0 and data[end : end + 3] == b" - ":  # as an access log begins
        return False
    if data[start - 1 : start] == b"/" and PRODUCT.search(data, max(0, start - 40), start):
        return True
    says_version, says_address = read_lead(scan.before(start).translate(DIGITS))
    if says_version:
        return True
    return is_small(data[start:end]) and len(data) > end - start and not says_address


@lru_cache(maxsize=4_096)
def read_lead(lead: bytes) -> tuple[bool, bool]:
    """Whether the words before a number call it a version, and whether they call it an address. All digits look alike."""
    named = NAMED(lead)
    return FROM_VERSION(lead) or (VERSIONED(lead) and not named), named


def is_small(quad: bytes) -> bool:
    """Every number below twenty, as in `2.4.0.1`; 10.x is a network of its own."""
    return not quad.startswith(b"10.") and all(int(part) < 20 for part in quad.split(b"."))


def find_v6(scan: Scan) -> None:
    """Claims what the parser takes for an address and what is not a time, a C++ name or a hardware address."""
    data = scan.data
    for spans in scan.search(V6):
        start, end = spans[0]
        if data[start : start + 1] == b":" != data[start + 1 : start + 2]:
            start += 1  # the colon of `addr:2001:…`
        text = data[start:end]
        stripped = text.rstrip(b".:") if not text.endswith(b"::") else text
        end = start + len(stripped)
        before, after = data[start - 1 : start] if start else b"", data[end : end + 1]
        if (
            before.isalnum()
            or before in (b"_", b".")
            or after.isalnum()
            or (after in (b"_", b"/") and stripped[-1:] == b":")
        ):
            continue
        scan.left -= 2  # the parser costs more than a look
        network = network_of(stripped.decode())
        if not network and stripped.count(b":") == 8 and (port := PORT.search(stripped)):
            end -= len(port[0])
            network = network_of(stripped[: port.start()].decode())
        if network and network not in KEPT:
            scan.claim(start, end, f"ip:{network}")


def network_of(text: str) -> str:
    """The /48 of an IPv6 address, or empty if the text is none."""
    if len(text) > 45 or not is_plausible(text):
        return ""
    try:
        address = ipaddress.IPv6Address(text)
    except ValueError:
        return ""
    if str(address) in KEPT:
        return ""
    if address.ipv4_mapped:
        return str(ipaddress.ip_network(f"{address.ipv4_mapped}/24", strict=False))
    return str(ipaddress.ip_network(f"{address}/48", strict=False))


def is_plausible(text: str) -> bool:
    """Groups enough, or a first group that addresses have; eight pairs of digits are a hardware id."""
    groups = [group for group in text.split(":") if group]
    if len(groups) == 8 and all(len(group) == 2 for group in groups):
        return False
    if "." in text:
        return text.lower().startswith("::ffff:") or len(groups) > 2
    return len(groups) >= 5 or (len(groups) >= 2 and HEXTET.fullmatch(groups[0]) is not None)
