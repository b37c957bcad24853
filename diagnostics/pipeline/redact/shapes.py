"""What a value looks like: a word, a token, a name, a marker of ours. Judged on short strings, without the database."""

import re
from itertools import pairwise
from typing import Final

MARKERS: Final = (
    "password|secret|api-key|session|token|credential|signature|cookie|pin|card|iban|ssn|national-id|phone|birthdate|"
    "address|name|key|email|ip|jwt|bearer|basic|private-key|unscanned|path|host|sql|stack|restricted|filtered|redacted|"
    "[a-z]+-(?:key|token)"
)
MARKER: Final = re.compile(rf"\[(?:{MARKERS})(?::[0-9a-f.:/]{{1,45}})?\]", re.IGNORECASE)
MASKED: Final = re.compile(
    r"[*x•.#X_-]{3,}|[<{(\[]*(?:redacted|filtered|removed|hidden|masked|secret|scrubbed)[>})\]]*", re.IGNORECASE
)
# Words that stand where a secret could: `password: incorrect`, `token=expired`.
WORDS: Final = frozenset(
    [
        "expired",
        "invalid",
        "missing",
        "required",
        "none",
        "null",
        "nil",
        "nan",
        "undefined",
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "ok",
        "okay",
        "failed",
        "failure",
        "fail",
        "incorrect",
        "wrong",
        "changed",
        "change",
        "reset",
        "updated",
        "update",
        "empty",
        "unset",
        "set",
        "not",
        "is",
        "was",
        "for",
        "must",
        "should",
        "cannot",
        "can",
        "and",
        "or",
        "of",
        "authentication",
        "authorization",
        "auth",
        "policy",
        "mismatch",
        "hidden",
        "too",
        "has",
        "have",
        "had",
        "the",
        "a",
        "an",
        "in",
        "to",
        "from",
        "with",
        "by",
        "at",
        "as",
        "accepted",
        "rejected",
        "denied",
        "revoked",
        "rotated",
        "rotation",
        "refreshed",
        "refresh",
        "created",
        "deleted",
        "valid",
        "verified",
        "unverified",
        "unknown",
        "unauthorized",
        "forbidden",
        "success",
        "successful",
        "successfully",
        "disabled",
        "enabled",
        "present",
        "absent",
        "provided",
        "given",
        "supplied",
        "needed",
        "error",
        "errors",
        "string",
        "str",
        "int",
        "bool",
        "bytes",
        "object",
        "type",
        "bearer",
        "basic",
        "token",
        "password",
        "secret",
        "key",
        "session",
        "cookie",
        "user",
        "username",
        "login",
        "may",
        "will",
        "would",
        "did",
        "does",
        "do",
        "been",
        "being",
        "matches",
        "match",
        "strength",
        "length",
        "expires",
        "expiry",
        "check",
        "checks",
        "validation",
        "verification",
        "provider",
        "service",
        "server",
        "client",
        "store",
        "cache",
        "file",
        "path",
        "header",
        "field",
        "value",
        "default",
        "unchanged",
        "optional",
        "pending",
        "active",
        "inactive",
        "closed",
        "open",
        "opened",
        "started",
        "ended",
        "new",
        "old",
        "limit",
        "exceeded",
        "when",
        "while",
        "after",
        "before",
        "but",
        "this",
        "that",
        "it",
        "its",
        "we",
        "you",
        "your",
        "they",
        "used",
        "using",
        "via",
        "per",
        "n/a",
        "strict",
        "lax",
        "low",
        "medium",
        "high",
        "weak",
        "strong",
    ]
)
# The same of tokens and headers alone, which also have kinds, and stand in grammars: `token=identifier`.
STATES: Final = frozenset(
    [
        "access", "id", "csrf", "xsrf", "oauth", "jwt", "saml", "opaque", "personal", "api", "app", "anonymous",
        "public", "private", "found", "stale", "fresh", "renewed", "generated", "received", "sent", "issued",
        "obtained", "acquired", "loaded", "ready", "available", "unavailable", "unsupported", "supported",
        "ignored", "skipped", "stored", "saved", "cleared", "blank", "dummy", "placeholder", "changeme",
        "identifier", "keyword", "operator", "literal", "newline", "comma", "semicolon", "colon", "punctuation",
        "whitespace", "number", "comment", "symbol", "delimiter", "bracket", "brace", "paren", "parenthesis",
        "unexpected", "realm", "scheme", "credentials", "credential", "exchange", "retry", "nonce", "blocked",
        "allowed", "granted", "authenticated", "introspection", "grant", "request", "response", "only", "plan",
        "nothing", "rotate", "revoke", "renew", "verify", "logout", "signin", "signup",
    ]
)  # fmt: skip
# One of these among joined words is enough: `invalid_grant`.
REFUSALS: Final = frozenset(
    [
        "expired", "invalid", "missing", "required", "denied", "revoked", "rejected", "unauthorized",
        "unauthenticated", "forbidden", "mismatch", "malformed", "unknown", "failed", "failure", "not", "none",
        "null", "error", "absent", "exceeded",
    ]
)  # fmt: skip
PLACES: Final = re.compile(r"[a-z]+(?::[a-z]+)+")  # `sessions:expires:web`, a key of a cache
JOINTS: Final = re.compile("[-_ ]+")
UUID: Final = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
PLAIN_WORD: Final = re.compile(r"[A-Z]?[a-z]+(?:[-_ ][a-z]+)*|[A-Z]+(?:[-_][A-Z]+)*")
TEMPLATE: Final = re.compile(r"\$\{[^}]*\}|\{\{[^}]*\}\}|%\([^)]*\)s|%s|\{[a-z_]*\}|<[a-z_ -]+>|\$[A-Z_]+|:[a-z_]+|\?")
PERSON: Final = re.compile(
    r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’.-]*(?:,?\s+(?:(?:van|von|der|den|de|da|di|del|la|le|bin|al|el|dos|ten|ter|y|e)\s+)*"
    r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’.-]*){1,4}"
)
QUANTITY: Final = re.compile(r"-?\d+(?:[.,:/]\d+)*[a-zA-Z%]{0,3}")
# An address comes apart where its parts do; who logs in stands before an `@` and is another rule's.
ADDRESS_PARTS: Final = re.compile(r"//[^/@]*@|[/?&=#]")
KEY_LETTERS: Final = re.compile(r"[A-Za-z0-9+/=_.~-]+")
NO_PASSWORD: Final = re.compile(r"v?\d+(?:\.\d+)*|\d+[a-z]{1,3}|[A-Za-z]+[-_.:/][A-Za-z]+.*|0x[0-9a-f]+")
LETTER: Final = re.compile(r"[^\W\d_]")


def is_settled(value: str) -> bool:
    """Nothing to hide: empty, a marker, a mask, a placeholder."""
    if value[:1].isalnum():  # which only a mask begins with
        return MASKED.fullmatch(value) is not None
    return (
        not value
        or MARKER.fullmatch(value) is not None
        or MASKED.fullmatch(value) is not None
        or TEMPLATE.fullmatch(value) is not None
    )


def is_word(value: str) -> bool:
    """A word that says something about a secret and is none."""
    return value.lower().strip(".,:;!?()") in WORDS


def looks_like_token(value: str) -> bool:
    """Long enough and not a plain word, a number or a path: what a machine would hand out."""
    if len(value) < 6 or is_word(value) or value[0] in "/<" or PLAIN_WORD.fullmatch(value):
        return len(value) >= 24 and value.isalnum()
    if value.startswith(("{", "[{")) or "://" in value[:20]:  # looked at for what is in it
        return "://" in value and any(looks_random(part) or looks_mixed(part) for part in ADDRESS_PARTS.split(value))
    if value.isdecimal():
        return len(value) >= 16
    return not is_quantity(value)


def looks_given(value: str) -> bool:
    """Under a name that says what it is, letters alone are a token as well, unless they tell how it is with the token."""
    return looks_like_token(value) or (
        len(value) >= 6 and " " not in value and is_letters(value) and not tells_state(value)
    )


def is_letters(value: str) -> bool:
    """A plain word, or several that are joined."""
    return PLAIN_WORD.fullmatch(value) is not None


def tells_state(value: str) -> bool:
    """Words about a token or a header instead of it: `expired`, `invalid_grant`, `not-found`."""
    value = value.lower().rstrip(".,:;!?)")
    if value in WORDS or value in STATES:
        return True
    words = JOINTS.split(value)
    return not REFUSALS.isdisjoint(words) or all(word in WORDS or word in STATES for word in words)


def is_quantity(value: str) -> bool:
    """A number, a duration, a list index: `3.5`, `120s`, `1/3`."""
    return len(value) < 16 and QUANTITY.fullmatch(value) is not None


def looks_random(value: str) -> bool:
    """Letters of both cases and digits, mixed and long: a key under a name that does not say so."""
    if len(value) < 20 or UUID.fullmatch(value) or "/" in value[:1]:
        return False
    kinds = [any(test(sign) for sign in value) for test in (str.isupper, str.islower, str.isdecimal)]
    changes = sum(1 for one, two in pairwise(value) if one.isdecimal() != two.isdecimal())
    return (
        all(kinds)
        and (changes >= 4 or count_turns(value) * 5 >= len(value) * 2)
        and KEY_LETTERS.fullmatch(value) is not None
    )


def count_turns(value: str) -> int:
    """How often capitals, small letters, digits and signs follow each other; half of all places where chance wrote it."""
    kinds = [sign.isupper() * 2 + sign.isalnum() + sign.isdecimal() * 4 for sign in value]
    return sum(1 for one, two in pairwise(kinds) if one != two)


def looks_mixed(value: str) -> bool:
    """Letters and digits in turn, and nothing else: what a generator writes in one case, as hexadecimal."""
    if len(value) < 20 or not value.isalnum() or not value.isascii():
        return False
    return sum(1 for one, two in pairwise(value) if one.isdecimal() != two.isdecimal()) >= 4


def looks_like_secret_word(value: str) -> bool:
    """A password as people choose them: letters and digits or signs, in one word that is no path, version or address."""
    if len(value) < 5 or is_word(value) or UUID.fullmatch(value) or value[0] in "/-<([{@#":
        return False
    if NO_PASSWORD.fullmatch(value):
        return False
    letters = any(sign.isalpha() for sign in value)
    others = any(sign.isdecimal() or sign in "!@#$%^&*?~+=" for sign in value.rstrip(".,;:!?"))
    return letters and others


def looks_like_session(value: str) -> bool:
    """A session's key; short ids, UUIDs and prefixed ids pass, for records are grouped by them."""
    return len(value) >= 16 and not UUID.fullmatch(value) and not PLACES.fullmatch(value) and looks_like_token(value)


def looks_like_person(value: str) -> bool:
    """Two to five words with capitals, no digits."""
    return len(value) <= 80 and PERSON.fullmatch(value) is not None


def looks_like_user(value: str) -> bool:
    """A person, or one word with a capital: `Ann`, and not `svc-report`."""
    return looks_like_person(value) or (value[:1].isupper() and value[1:].islower() and not is_word(value))


def has_letters(value: str) -> bool:
    """At least one letter, of any script."""
    return LETTER.search(value) is not None


def count_digits(value: str) -> int:
    """The digits in a text."""
    return sum(1 for sign in value if "0" <= sign <= "9")
