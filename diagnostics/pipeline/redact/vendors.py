"""Keys with a vendor's own shape, PEM blocks and JWTs: found by shape alone, whatever stands around them."""

import base64
import json
import re
from itertools import islice
from typing import Final

from diagnostics.pipeline.redact.patterns import compile_find, compile_set
from diagnostics.pipeline.redact.scan import Scan
from diagnostics.pipeline.redact.shapes import looks_random

# (marker, pattern, gate): the gate is the pattern's first letters, cheap to look for.
KEYS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "aws-key",
        r"\b(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA|AGPA|ANPA|ANVA)[A-Z0-9]{12,124}\b",
        r"A[A-Z]{2}A[A-Z0-9]{4}",
    ),
    ("github-token", r"gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}", r"gh[pousr]_|github_pat_"),
    ("aws-key", r"\b(?:AKIA|ASIA)[A-Z0-9]{16}[\"']?[\s:,;]{1,3}[\"']?([A-Za-z0-9/+]{40})\b", r"A[KS]IA[A-Z0-9]{4}"),
    ("gitlab-token", r"gl(?:pat|dt|rt|ptt|cbt|ft|imt|agent|oas|soat|ffct)-[A-Za-z0-9_.-]{16,}", r"gl[a-z]{2,5}-"),
    (
        "slack-token",
        r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}|xapp-\d-[A-Za-z0-9-]{8,}|"
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{8,}",
        r"xox[a-z][.-]|xapp-|hooks\.slack",
    ),
    ("slack-token", r"/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/([A-Za-z0-9]{16,})", r"/services/T[A-Z0-9]"),
    ("stripe-key", r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9+/=]{16,}", r"[sr]k_|whsec_"),
    (
        "google-key",
        r"AIza[A-Za-z0-9_-]{30,45}|ya29\.[A-Za-z0-9_-]{16,}|GOCSPX-[A-Za-z0-9_-]{16,}|\b1//0[A-Za-z0-9_-]{20,}",
        r"AIza|ya29\.|GOCSPX|1//0",
    ),
    ("npm-token", r"npm_[A-Za-z0-9]{30,}", r"npm_[A-Za-z0-9]{4}"),
    ("pypi-token", r"pypi-[A-Za-z0-9_-]{40,}", r"pypi-A"),
    ("sendgrid-key", r"\bSG\.[A-Za-z0-9_-]{12,}\.[A-Za-z0-9_-]{12,}", r"SG\."),
    ("twilio-key", r"\b(?:SK|AC)[0-9a-f]{32}\b", r"(?:SK|AC)[0-9a-f]{2}"),
    ("mailgun-key", r"\bkey-[0-9a-f]{32}\b", r"key-[0-9a-f]"),
    ("mailchimp-key", r"\b[0-9a-f]{32}-us\d{1,2}\b", r"[0-9a-f]-us\d"),
    ("anthropic-key", r"\bsk-ant-[A-Za-z0-9_-]{16,}", r"sk-ant-"),
    ("openai-key", r"\bsk-(?:proj-|svcacct-|admin-|or-v1-)?[A-Za-z0-9_]{16,}[A-Za-z0-9_-]*", r"\bsk-"),
    ("huggingface-token", r"\bhf_[A-Za-z0-9]{24,}", r"hf_[A-Za-z0-9]{4}"),
    ("digitalocean-token", r"\bdo[opr]_v1_[0-9a-f]{32,}", r"do[opr]_v1_"),
    ("shopify-token", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{24,}", r"shp[a-z]{2}_"),
    ("square-token", r"\bsq0[a-z]{3}-[A-Za-z0-9_-]{20,}", r"sq0[a-z]{3}-"),
    ("databricks-token", r"\bdapi[0-9a-f]{32}", r"dapi[0-9a-f]{4}"),
    ("newrelic-key", r"\bNR(?:AK|II|JS|RA)-[A-Za-z0-9_-]{16,}", r"NR[A-Z]{2}-"),
    ("telegram-token", r"\b(?:bot)?\d{8,10}:AA[A-Za-z0-9_-]{30,}", r"\d:AA"),
    ("telegram-token", r"/bot\d{8,10}:([A-Za-z0-9_-]{30,})", r"/bot\d"),
    (
        "discord-token",
        r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
        r"\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9]",
    ),
    ("discord-token", r"discord(?:app)?\.com/api/webhooks/\d+/[A-Za-z0-9_-]{20,}", r"/webhooks/\d"),
    ("vault-token", r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}", r"hv[sbr]\."),
    ("grafana-token", r"\bgl(?:sa|c)_[A-Za-z0-9_=+/]{24,}", r"gl(?:sa|c)_"),
    ("sentry-token", r"\bsntry[su]_[A-Za-z0-9_=+/-]{24,}", r"sntry[su]_"),
    ("docker-token", r"\bdckr_[a-z]+_[A-Za-z0-9_-]{20,}", r"dckr_"),
    ("linear-key", r"\blin_(?:api|oauth)_[A-Za-z0-9]{24,}", r"lin_[ao]"),
    ("notion-token", r"\bntn_[A-Za-z0-9]{30,}|\bsecret_[A-Za-z0-9]{40,}", r"ntn_|secret_[A-Za-z0-9]"),
    ("atlassian-token", r"\bAT(?:ATT|CTT|BB)[A-Za-z0-9_=-]{20,}", r"AT(?:ATT|CTT|BB)"),
    ("postman-key", r"\bPMAK-[0-9a-f-]{30,}", r"PMAK-"),
    ("doppler-token", r"\bdp\.(?:pt|st|ct|sa)\.[A-Za-z0-9_.-]{24,}", r"dp\.[a-z]{2}\."),
    ("planetscale-token", r"\bpscale_[a-z]+_[A-Za-z0-9_.-]{24,}", r"pscale_"),
    ("rubygems-key", r"\brubygems_[0-9a-f]{40,}", r"rubygems_"),
    ("supabase-token", r"\bsb[ps]_[0-9a-f]{32,}|\bsb_(?:secret|publishable)_[A-Za-z0-9_-]{16,}", r"sb[ps]?_"),
    ("azure-key", r"\b[A-Za-z0-9+/]{86}==", r"=="),
    (
        "azure-key",
        r"(?i)(?:primary|secondary)_?key[\"']?\s?[=:]\s?[\"']?([A-Za-z0-9+/]{43}=)",
        r"(?i)(?:primary|secondary)_?key",
    ),
    ("aspnet-token", r"\bCfDJ8[A-Za-z0-9_-]{40,}", r"CfDJ8"),
    ("age-key", r"AGE-SECRET-KEY-1[A-Z0-9]{40,}", r"AGE-SECRET"),
    ("facebook-token", r"\bEAA[A-Za-z0-9]{40,}", r"EAA[A-Za-z0-9]{4}"),
    ("circleci-token", r"\bCCIP(?:AT|RJ)_[A-Za-z0-9_-]{30,}", r"CCIP(?:AT|RJ)_"),
    ("flyio-token", r"(?:FlyV1 )?\bfm[12][ar]?_[A-Za-z0-9+/=_-]{40,}", r"fm[12][ar]?_[A-Za-z0-9]"),
    ("airtable-token", r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{40,}", r"pat[A-Za-z0-9]*[0-9A-Z][A-Za-z0-9]*\.[0-9a-f]"),
    ("mapbox-token", r"\b[sp]k\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{16,}", r"[sp]k\.eyJ"),
    ("hubspot-token", r"\bpat-(?:na|eu)\d-[0-9a-f-]{30,}", r"pat-(?:na|eu)"),
    ("brevo-key", r"\bxkeysib-[0-9a-f]{40,}-[A-Za-z0-9]{8,}", r"xkeysib-"),
    ("resend-key", r"\bre_[A-Za-z0-9]{6,12}_[A-Za-z0-9]{20,}", r"\bre_[A-Za-z0-9]+_"),
    ("posthog-key", r"\bph[xcr]_[A-Za-z0-9]{32,}", r"\bph[xcr]_"),
    ("netlify-token", r"\bnf[pcou]_[A-Za-z0-9]{30,}", r"\bnf[pcou]_"),
    ("figma-token", r"\bfig[dor][a-z]?_[A-Za-z0-9_-]{30,}", r"\bfig[dor]"),
    ("tailscale-key", r"\btskey-[a-z]+-[A-Za-z0-9-]{16,}", r"tskey-"),
    ("razorpay-key", r"\brzp_(?:live|test)_[A-Za-z0-9]{12,}", r"rzp_"),
    ("flutterwave-key", r"\bFLW(?:SEC|PUB)K(?:_TEST)?-[A-Za-z0-9-]{20,}", r"FLW[SP]"),
    ("alibaba-key", r"\bLTAI[A-Za-z0-9]{12,26}\b", r"\bLTAI"),
    ("tencent-key", r"\bAKID[A-Za-z0-9]{32}\b", r"\bAKID"),
    ("groq-key", r"\bgsk_[A-Za-z0-9]{40,}", r"\bgsk_"),
    ("xai-key", r"\bxai-[A-Za-z0-9]{40,}", r"\bxai-"),
    ("perplexity-key", r"\bpplx-[A-Za-z0-9]{32,}", r"pplx-"),
    ("replicate-token", r"\br8_[A-Za-z0-9]{30,}", r"\br8_"),
    ("nuget-key", r"\boy2[a-z0-9]{43}\b", r"\boy2[a-z0-9]"),
    ("onepassword-token", r"\bops_eyJ[A-Za-z0-9_=-]{40,}", r"ops_eyJ"),
    ("easypost-key", r"\bEZ[AT]K[A-Za-z0-9]{50,}", r"\bEZ[AT]K"),
    ("shippo-token", r"\bshippo_(?:live|test)_[0-9a-f]{32,}", r"shippo_"),
    ("paypal-token", r"access_token\$(?:production|sandbox)\$[a-z0-9$]{40,}", r"token\$(?:prod|sand)"),
    ("sourcegraph-token", r"\bsgp_[A-Za-z0-9_]{32,}", r"\bsgp_"),
    ("buildkite-token", r"\bbk[a-z]{2}_[A-Za-z0-9]{32,}", r"\bbk[a-z]{2}_"),
    ("pulumi-token", r"\bpul-[0-9a-f]{40}", r"\bpul-"),
    ("ingest-key", r"\bdk_[A-Za-z0-9_-]{40,80}", r"dk_"),
    ("api-token", r"\bdt_[A-Za-z0-9_-]{40,80}", r"dt_"),
)
# Each alone: all in one are an automaton that costs fifty times more than the few that a text asks for.
FINDS: Final = tuple((marker, compile_find(pattern)) for marker, pattern, _ in KEYS)
which_keys: Final = compile_set([gate for _, _, gate in KEYS])
KEY_GATE: Final = "|".join(gate for _, _, gate in KEYS)

PEM: Final = compile_find(
    r"(?s)-----BEGIN(?: |\+|%20)(?:[A-Z0-9 +]|%20){0,40}(?:PRIVATE|SECRET)(?: |\+|%20)KEY(?:[A-Z +]|%20){0,12}-----"
    r"(?:.*?-----END(?:[A-Z0-9 +]|%20){0,60}-----|[^\xe2.]*(?:\xe2\x80\xa6|\.\.\.) truncated\b|.*)"
)
PEM_GATE: Final = r"-----BEGIN[A-Z0-9 +%]*(?:PRIVATE|SECRET)"
JWT: Final = compile_find(r"\bey[JI][A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*){0,5}")
JWT_GATE: Final = r"ey[JI][A-Za-z0-9_-]"
DIGEST: Final = re.compile(rb"[0-9a-f]{40}")
SECRETS: Final = 8  # of one text that are looked for
SIGNS: Final = frozenset({"alg", "typ", "kid", "enc"})
FIRST_PART: Final = 17  # letters that a JWT's header has at least: `{"alg":"none"}`


# The secret half of a pair, wherever it stands beside the other: forty signs of all kinds.
AWS_SECRET: Final = re.compile(rb"(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])")


def find_vendor_keys(scan: Scan) -> None:
    """Claims each key and names its vendor."""
    for place in which_keys(scan.data):
        marker, find = FINDS[place]
        for spans in scan.search(find):
            if marker == "aws-key" and DIGEST.fullmatch(scan.data, *spans[-1]):
                continue  # of a commit, beside the name of a key
            if marker != "azure-key" or not scan.before(spans[0][0], 7).startswith(b"sha512"):
                scan.claim(*spans[-1], marker)  # the group, where a name stands before the key
            if marker == "aws-key":
                claim_aws_secret(scan)


def claim_aws_secret(scan: Scan) -> None:
    """Claims what may be the secret of an AWS key id that the text names."""
    for found in islice(AWS_SECRET.finditer(scan.data), SECRETS):
        if looks_random(found[0].decode()):
            scan.claim(*found.span(), "aws-key")


def find_pem(scan: Scan) -> None:
    """Claims a private key from its first line to its last, or to the end of a text that was cut; what somebody left out in
    the middle may go on."""
    for spans in scan.search(PEM):
        scan.claim(*spans[0], "private-key")


def find_jwt(scan: Scan) -> None:
    """Claims a token of dotted base64 parts, also when it was cut."""
    for spans in scan.search(JWT):
        start, end = spans[0]
        first = scan.data[start:end].split(b".", 1)[0]
        if len(first) >= FIRST_PART and not (len(first) == end - start and is_place(first)):
            scan.claim(start, end, "jwt")


def is_place(part: bytes) -> bool:
    """A place in a list, as pagers write it: a whole object of numbers and small words, which names no way to sign."""
    try:
        found = json.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except ValueError:
        return False
    return isinstance(found, dict) and not SIGNS.intersection(found) and all(map(is_small, found.values()))


def is_small(value: object) -> bool:
    """A number, a truth or a word."""
    return isinstance(value, int | float | None) or (isinstance(value, str) and value.isalpha() and value.islower())
