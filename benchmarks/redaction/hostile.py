"""Lines of 200 kB that make careless patterns slow: near-misses repeated, nothing ever closed, everything dense."""

SIZE = 200_000
SHAPES = {
    "letters": "a", "digits": "1", "at signs": "@", "dots": "1.", "colons": "a:", "quotes": '"', "backslashes": "\\", "braces": "{", "json opens": '{"a":',
    "json lists": "[", "spaces": " ", "equals": "a=", "password words": "password", "password pairs": "password=a&", "password spaces": "password ",
    "key no value": '"password":', "quoted pairs": '"password":"x",', "emails": "a@b.co ", "near emails": "a@b.", "emails joined": "a@b.co", "long local": "a.",
    "cards": "4111111111111111 ", "card groups": "1111-", "near cards": "4111 1111 1111 1112 ", "phones": "+1 415 555 2671 ", "plus": "+1", "ips": "203.0.113.7 ",
    "near ips": "1.1.1.", "ipv6": "2001:db8::1 ", "hex colons": "ab:", "urls": "http://a:b@c ", "open urls": "http://a:", "jwt": "eyJhbGciOiJIUzI1NiJ9.", "jwt starts": "eyJ",
    "pem": "-----BEGIN RSA PRIVATE KEY-----", "pem ends": "-----BEGIN PRIVATE KEY-----x-----END PRIVATE KEY-----", "bearer": "Bearer a1b2c3d4e5f6g7 ", "basic": "Basic YTpi ",
    "cookies": "Cookie: a=b; ", "cookie pairs": "a=b; ", "ibans": "DE89 3704 0044 0532 0130 00 ", "near ibans": "DE89", "tokens": "token=abcdef123456 ", "query": "?token=abc123def&",
    "names": "first_name=Ann Lee ", "unicode": "é@ü.dé ", "emoji": "🔑", "escapes": '\\"password\\":\\"a\\",', "github": "ghp_", "aws": "AKIA", "ssn": "078-05-1120 ",
    "numbers": "12345 ", "uuid": "550e8400-e29b-41d4-a716-446655440000 ", "sql": "select a from b ", "phone word": "phone ", "key words": "key: ", "xml": "<password>", "auth": "Authorization: ",
}  # fmt: skip


def make_lines() -> dict[str, str]:
    """Each shape, repeated to its size; and one whole cookie header."""
    lines = {name: (unit * (SIZE // len(unit) + 1))[:SIZE] for name, unit in SHAPES.items()}
    lines["one cookie header"] = ("Cookie: " + "a=b; " * (SIZE // 5))[:SIZE]
    lines["json"] = '{"a":"' + "x" * (SIZE - 8) + '"}'
    lines["json list"] = "[" + ",".join(['"a@b.co"'] * (SIZE // 9)) + "]"
    return lines
