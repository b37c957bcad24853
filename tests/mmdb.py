"""A writer of tiny databases in MMDB format: IPv4 networks with an entry each, 24-bit records."""

import ipaddress
import struct

UINT16, UINT32, UINT64 = 5, 6, 9


def encode(value):
    """The types that are needed: texts, whole numbers, lists and maps."""
    if isinstance(value, str):
        return head(2, len(value.encode())) + value.encode()
    if isinstance(value, int):
        return encode((UINT32, value))
    if isinstance(value, tuple):
        kind, number = value
        data = number.to_bytes(8, "big").lstrip(b"\0")
        return head(kind, len(data)) + data
    if isinstance(value, list):
        return head(11, len(value)) + b"".join(map(encode, value))
    return head(7, len(value)) + b"".join(encode(key) + encode(inner) for key, inner in value.items())


def head(kind, size):
    """The control byte, with the type behind it where it does not fit."""
    long = b"" if size < 29 else bytes([size - 29])
    size = min(size, 29)
    return (bytes([kind << 5 | size]) if kind < 8 else bytes([size, kind - 7])) + long


def write_mmdb(path, networks, kind="Test-Country", built=1_900_000_000):
    """`networks`: {"203.0.113.0/24": {"country": {"iso_code": "DE"}}}."""
    data, places = b"", {}
    for name, entry in networks.items():
        places[name] = len(data)
        data += encode(entry)
    nodes = [[None, None]]
    for name in networks:
        network = ipaddress.ip_network(name)
        bits = f"{int(network.network_address):032b}"[: network.prefixlen]
        at = 0
        for bit in bits[:-1]:
            if nodes[at][int(bit)] is None:
                nodes.append([None, None])
                nodes[at][int(bit)] = len(nodes) - 1
            at = nodes[at][int(bit)]
        nodes[at][int(bits[-1])] = ("data", places[name])
    count = len(nodes)

    def record(value):
        number = count if value is None else count + 16 + value[1] if isinstance(value, tuple) else value
        return struct.pack(">I", number)[1:]

    tree = b"".join(record(left) + record(right) for left, right in nodes)
    about = {
        "node_count": count, "record_size": (UINT16, 24), "ip_version": (UINT16, 4), "database_type": kind, "languages": ["en"],
        "binary_format_major_version": (UINT16, 2), "binary_format_minor_version": (UINT16, 0), "build_epoch": (UINT64, built),
        "description": {"en": "for tests"},
    }  # fmt: skip
    path.write_bytes(tree + b"\0" * 16 + data + b"\xab\xcd\xefMaxMind.com" + encode(about))
    return path
