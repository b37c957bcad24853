"""The dictionary of names by sensitivity: what a field's name says about its value, for attributes and `key=value`."""

import re
import unicodedata
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple


class Kind(Enum):
    """How a value under a name is treated."""

    SCAN = 0  # the name says nothing: look at the value
    ID = 1  # an id, a version, a time: digits alone are not private here
    SECRET = 2  # private whatever it looks like
    TOKEN = 3  # private if it looks like a token and not like a word
    SESSION = 4  # a session's key, unless it is a plain id
    COOKIE = 5  # pairs, each value private
    HEADER = 6  # a scheme and a credential
    NAME = 7  # a person's name
    MAYBE_NAME = 8  # a person's name if it looks like one
    DIGITS = 9  # private if it has digits enough
    TEXT = 10  # free text that is private
    RESTRICTED = 11  # kept apart: stack traces, local variables, bodies
    KEY = 12  # a key of some sort: private if it looks random
    LOGIN = 13  # a name to log in with, or a person's: private with a capital
    GIVEN = 14  # a token that lets one in: private unless it is a word about itself


class Treatment(NamedTuple):
    """What to do with a value and the marker that takes its place."""

    kind: Kind
    marker: str = ""


SCAN: Final = Treatment(Kind.SCAN)
ID: Final = Treatment(Kind.ID)

# Each entry is matched against the end of the name in its canonical form: `X-Api-Key`, `apiKey` -> `api_key`.
PERSONS: Final = (
    "full|first|last|given|family|middle|maiden|sur|real|legal|nick|customer|contact|person|patient|employee|guest|"
    "recipient|sender|billing|shipping|passenger|cardholder|card_holder|account_holder|holder|member|student|driver|"
    "beneficiary|applicant|buyer|seller|subscriber|donor|debtor|creditor|payer|payee|tenant_user|enduser|usr|birth|"
    "attendee|organi[sz]er|requester|requestor|reporter|signatory|signer|signee|insured|policy_?holder|claimant|consignee|"
    "consignor|addressee|traveller|traveler|candidate|registrant|invitee|approver|reviewer|spouse|next_of_kin|physician|"
    "doctor|nurse|teacher|tutor|guardian|nominee|trustee|landlord|visitor|caller|courier|agent_full|operator_full|"
    "respondent|witness|author_full|cust|emp|pax|pat|ship_to|bill_to|sold_to|deliver_to|borrower|lender|guarantor|executor|"
    "heir|player_real|athlete|coach|pilot|crew|clerk|cashier|salesperson|sales_rep|rep|supervisor|interviewer|speaker|"
    "instructor|advisor|lawyer|attorney|notary|dentist|therapist|surgeon|relative|partner_full|husband|wife|child|parent_full|"
    "annotator|consumer|resident|moderator|homeowner"
)
# Whose keys are configured as `SENDGRID_KEY`; a `cache_key` or `partition_key` is none.
VENDORS: Final = (
    "adyen|airtable|algolia|amplitude|anthropic|azure|braintree|bugsnag|circleci|cloudflare|datadog|dd|discord|docker|dropbox|"
    "elastic|facebook|fastly|fcm|firebase|gcp|github|gitlab|google|grafana|heroku|honeycomb|hubspot|intercom|klarna|linkedin|"
    "mailchimp|mailgun|mandrill|mapbox|maps|mixpanel|mollie|newrelic|new_relic|npm|okta|openai|opsgenie|pagerduty|paypal|plaid|"
    "postmark|pusher|recaptcha|rollbar|salesforce|segment|sendgrid|sentry|shopify|slack|smtp|sparkpost|square|stripe|"
    "telegram|twilio|twitter|vault|vonage|webhook|zendesk"
)
# Whose `nome` or `nom` is a person's, where a thing has one, too.
HOLDERS: Final = (
    "paziente|utente|cliente|titolare|pagatore|beneficiario|intestatario|dipendente|assistito|cittadino|richiedente|"
    "assure|patient|salarie|interimaire|beneficiaire|titulaire|adherent|allocataire|usager|candidat|employe|eleve"
)
GERMAN: Final = (
    "kunden?|versicherten?|patienten?|mitarbeiter|empf(?:ae|a)nger|absender|antragsteller|steuerpflichtige[rn]?|inhaber|"
    "(?:konto|karten)_?inhaber|halter|fahrer|bewohner|mieter|teilnehmer|besteller|ansprechpartner|schuldner|gl(?:ae|a)ubiger"
)
# Of a grammar, a model, a list of pages: such a token lets nobody in.
PLACES: Final = (
    "next|prev|previous|page|paging|pagination|continuation|continue|cancellation|cancel|sync|resume|start|begin|end|first|last|"
    "current|unexpected|expected|stop|pad|bos|eos|unk|mask|sep|cls|special|fencing|lexer|parser"
)
TABLE: Final[tuple[tuple[Treatment, str], ...]] = (
    (ID, "public_key_token"),  # tells an assembly's publisher
    (Treatment(Kind.HEADER, "credential"), "(?:proxy_|x_forwarded_|x_)?authorization|authorisation|www_authenticate"),
    (Treatment(Kind.COOKIE, "cookie"), "(?:set_)?cookies?2?"),
    (Treatment(Kind.SECRET, "cookie"), "wordpress_(?:sec|logged_in)_[0-9a-f]+"),
    (
        Treatment(Kind.SECRET, "password"),
        "[a-z0-9]*pass_?w(?:or)?ds?|[a-z0-9]*(?:pasword|passowrd|passwrod)|pswd?|wpa_?psk|psk|pre_?shared_key|[a-z]*passphrase|passcode|[a-z]*pwd|[a-z0-9]*_pass|pass|(?:user|db|root|admin)?pw|passwort|kennwort|contrasena|"
        "mot_de_passe|wachtwoord|losenord|senha|haslo|hasło|heslo|parola|jelszo|mdp|sifre|salasana|adgangskode|κωδικος|пароль|密码|密碼|パスワード|비밀번호|userpass|dbpass|rootpass|masterauth|requirepass",
    ),
    (
        Treatment(Kind.SECRET, "secret"),
        "[a-z0-9]*secrets?|secret_key_base|client_secret|shared_secret|security_answer|secret_answer|recovery_code|"
        "recovery_codes|backup_codes?|mnemonic|seed_phrase|connection_string|conn_str",
    ),
    (
        Treatment(Kind.SECRET, "api-key"),
        "[a-z0-9]*apikey|api_key|app_?key|application_key|access_?key|secret_?key|secret_access_key|private_?key|"
        "auth_?key|signing_?key|encryption_?key|master_?key|account_?key|shared_?key|shared_access_key|license_key|"
        "subscription_key|service_?key|consumer_?key|deploy_key|ssh_key|functions_key|storage_key|integration_key|"
        "write_?key|ingest_key|rsa_key|pgp_key|hmac_key|jwt_key|aes_key|awsaccesskeyid|access_key_id|sas|webhook_key",
    ),
    (Treatment(Kind.TOKEN, "api-key"), f"(?:{VENDORS})_key"),
    (Treatment(Kind.GIVEN, "session"), "(?:auth|login|sso)_session"),
    (Treatment(Kind.SESSION, "session"), "session_id|sess_id|session|sess|sid|[a-z]+_session"),
    (Treatment(Kind.GIVEN, "session"), "session_?token"),
    (
        Treatment(Kind.TOKEN, "session"),
        "[a-z]*sess(?:ion)?id|session_?key|session_?cookie|session_secret|session_hash|connect_sid|"
        "laravel_session|ci_session|asp_net_session_id|aspsessionid[a-z]*|aspx_?auth|sap_session_?id_[a-z0-9]+|"
        "remember_?me|remember_web_[0-9a-f]+|session_?index|[bf]e_typo_user",
    ),
    (Treatment(Kind.TOKEN, "token"), f"(?:{PLACES})_?token"),
    (Treatment(Kind.GIVEN, "token"), "[a-z0-9]*token|bearer"),
    (
        Treatment(Kind.TOKEN, "token"),
        "[a-z0-9]*tokens|jwt|[a-z]*csrf|[a-z]*xsrf|csrfmiddleware|nonce|id_token_hint|magic_link|"
        "code_verifier|device_code|refresh|authtoken|auth",
    ),
    (Treatment(Kind.TOKEN, "credential"), "credentials?|creds?|x_amz_credential|x_goog_credential"),
    (Treatment(Kind.TOKEN, "signature"), "signature|sig|x_amz_signature|x_goog_signature|x_hub_signature(?:_256)?|hmac"),
    (
        Treatment(Kind.DIGITS, "pin"),
        "pin|pin_?code|otp|otp_?code|totp|mfa_?code|2fa_?code|two_factor_code|verification_?code|security_?code|sms_code|"
        "one_time_(?:code|password)|cvv2?|cvc2?|cvn|csc|card_verification|auth_code|login_code|access_code",
    ),
    (
        Treatment(Kind.DIGITS, "card"),
        "[a-z]*card_?(?:number|no|num)|card_pan|pan|cc|cc_?(?:number|num|no)|credit_?card|debit_?card|payment_card|card",
    ),
    (
        Treatment(Kind.DIGITS, "iban"),
        "iban|(?:bank_)?account_?(?:number|no)|acct_?(?:number|no)|bank_account|sort_code|routing_number|bban",
    ),
    (Treatment(Kind.DIGITS, "ssn"), "ssn|social_security(?:_number|_no)?|socialsecuritynumber|itin"),
    (
        Treatment(Kind.DIGITS, "national-id"),
        "(?:national_?id|nationalid|national_?insurance|nin|nino|tax_?id|tin|dni|nie|nif|codice_?fiscale|fiscal_code|codfisc|cf|"
        "pesel|nir|insee|securite_sociale|num_?secu|numero_secu|personnummer|fodselsnummer|hetu|cpf|cnpj|bsn|aadhaa?r|uidai|"
        "curp|steuer_?id|ahv|tckn|tc_?kimlik|kimlik|rrn|rijksregister|my_number|cedula|cnp|egn|oib|jmbg|kennitala|nhs|"
        "medicare|passport|driv(?:er|ers|ing)_?licen[cs]e|id_card|identity_card|citizen_id|resident_id|personal_id|"
        "social_insurance)(?:_?(?:number|no|nr|num|id))?|identity_(?:number|no)|personal_(?:number|no)|身份证号?",
    ),
    (
        Treatment(Kind.DIGITS, "phone"),
        "[a-z]*phone(?:_?(?:number|no|num))?|mobile(?:_?(?:number|no|num))?|tel|telefon[eo]?|tlf|fax(?:_number)?|msisdn|"
        "cell(?:_?phone)?|whats_?app(?:_number)?|contact_number|caller(?:_id|_number)?|callee|handy(?:nummer)?|cellulare|telemovel|movil|mobil(?:nummer)?|telefoon(?:nummer)?|rufnummer|sms_to|phones",
    ),
    (Treatment(Kind.DIGITS, "birthdate"), "dob|birth_?date|date_of_birth|birth_?day|geburtsdatum|date_naissance"),
    (
        Treatment(Kind.TEXT, "address"),
        "street(?:_?(?:address|name|line))?(?:_?\\d)?|address_?(?:line)?_?\\d|(?:home|postal|billing|shipping|delivery|"
        "mailing|street|residential)_address|house_number",
    ),
    (
        Treatment(Kind.NAME, "name"),
        f"(?:{PERSONS})_?names?|name_(?:family|given|first|last|middle)|surname|forename|cardholder|account_holder|name_on_card|fullname|firstname|lastname|"
        "fname|lname|vorname|nachname|nombre|apellidos?|prenom|cognome|imie|nazwisko|mothers_maiden_name|"
        "(?:nom|nome|nombre)_complet[oa]?|nombre_y_apellidos|imie_i_nazwisko|nom_(?:usage|naissance|famille|de_famille)|"
        f"(?:display|{HOLDERS})_(?:nome|nom)|(?:nome|nom|nombre)_(?:del?_|du_|de_la_)?(?:{HOLDERS}|client|titular|asegurado)|"
        f"(?:{GERMAN})_?names?|(?:klant|patient|client|medewerker)_?naam|(?:achter|voor)naam|(?:for|efter)(?:namn|navn)|"
        "etunimi|sukunimi|jmeno|prijmeni",
    ),
    (Treatment(Kind.LOGIN, "name"), "user_names?"),
    (
        Treatment(Kind.MAYBE_NAME, "name"),
        "display_?name|owner_?name|client_?name|account_?name|author(?:_name)?|username|cn|gecos|login_name|created_by_name|"
        "titulaire|intestatario|anagrafica(?:_pagatore)?|"
        "user|customer|patient|recipient|contact|passenger|guest|employee|assignee|subscriber",
    ),
    (
        Treatment(Kind.RESTRICTED, ""),
        "stack_?trace|traceback|backtrace|exc_info|exc_text|exception_stack|error_stack|stack|locals|local_variables|"
        "frame_vars|frames|(?:request|response)_body(?:_text|_content)?|http_(?:request|response)_data|post_data|"
        "request_data",
    ),
    (
        ID,
        "(?:trace|span|parent|parent_span|request|correlation|order|invoice|transaction|txn|message|event|job|task|batch|"
        "tracking|product|cart|basket|item|sku|tenant|org|organization|team|project|device|instance|container|pod|node|"
        "process|thread|build|deployment|commit|change|ticket|case|issue|payment|shipment|charge|refund|subscription|"
        "customer|account|user|session|run|flow|object|record|row|entity|resource)_?(?:id|ids|number|no|num|ref|reference)|"
        "uuid|guid|[a-z]*hash|sha\\d*|md5|[a-z]*checksum|[a-z]*digest|etag|commit|revision|rev|sku|ean|isbn|gtin|upc|"
        "[a-z]*version|ver|release|build|firmware|timestamp|time|date|datetime|ts|[a-z]+_at|[a-z]+_on|[a-z_]*time|"
        "bytes_(?:sent|received|in|out|read|written|total)|duration|latency|elapsed|ms|ns|us|nanos|millis|seconds|unix_nano|count|size|bytes|length|len|total|port|pid|tid|"
        "status|line|lineno|line_number|column|offset|index|sequence|seq|user_agent(?:_original)?|useragent|percent|ratio",
    ),
    (Treatment(Kind.KEY, "token"), "code|appid|ticket|(?:[a-z0-9]+_)?secret_?id"),  # random, maybe in one case
    (Treatment(Kind.KEY, "key"), "key|x_key|state|hash_key|value|api|routing_key|service_account"),
)  # fmt: skip
RULES: Final = tuple((treatment, re.compile(f"(?:^|.*_)(?:{pattern})$")) for treatment, pattern in TABLE)
# Words that may follow a name without changing what it holds.
TRAILERS: Final = frozenset(
    [
        "value",
        "val",
        "text",
        "plain",
        "plaintext",
        "raw",
        "hash",
        "hashed",
        "enc",
        "encrypted",
        "old",
        "new",
        "current",
        "confirm",
        "confirmation",
        "repeat",
        "again",
        "input",
        "str",
        "string",
        "b64",
        "base64",
        "header",
        "md5",
        "1",
        "2",
        "original",
    ]
)
# Beside these, a `name` (`nome`, `nom`) is a person's.
CONTACTS: Final = frozenset(
    [
        "email",
        "mail",
        "emailAddress",
        "email_address",
        "phone",
        "phoneNumber",
        "phone_number",
        "mobile",
        "tel",
        "telephone",
        "telecom",
        "birthDate",
        "birth_date",
        "birthdate",
        "dob",
        "ssn",
        "$email",
        "cognome",
        "cod_fiscale",
        "codice_fiscale",
        "codiceFiscale",
        "prenom",
        "prénom",
    ]
)
CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
APART: Final = re.compile(r"[^A-Za-z0-9\x80-\U0010ffff]+")
ACCENTS: Final = re.compile("[\u0300-\u036f]")
PLAIN_SESSIONS: Final = frozenset({"session_id"})
TAIL_CHARS: Final = 96  # of a name that are looked at


def split_name(name: str) -> list[str]:
    """The words of a name, lower case and without accents."""
    if not name.isascii():
        name = unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFD", name)))
    return [word.lower() for part in APART.split(name[-TAIL_CHARS:]) for word in CAMEL.split(part) if word]


@lru_cache(maxsize=16_384)
def classify_name(name: str) -> Treatment:
    """What the name of a field says about its value."""
    words = split_name(name)
    while len(words) > 1 and words[-1] in TRAILERS and not (words[-1].isdecimal() and words[-2] in ("address", "line")):
        words.pop()
    canonical = "_".join(words)
    treatment = look_up(canonical)
    if treatment is SCAN and canonical[-1:].isdecimal():
        return look_up(canonical.rstrip("0123456789_"))  # `LtpaToken2`, `password_3`
    return treatment


def look_up(canonical: str) -> Treatment:
    """The first entry of the dictionary that fits."""
    return next((treatment for treatment, pattern in RULES if pattern.match(canonical)), SCAN)
