"""Private data as particular systems write it: SAML, forms, cookie jars, object stores, short messages, other languages."""

import pytest

from diagnostics.pipeline.redact import redact_mapping, redact_text

NIR = f"1840775123456{97 - 1840775123456 % 97:02d}"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYzEXAMPLEKY"

HITS = [
    ("GET /api/v1/ciudadanos/12345678z/certificados 200", "GET /api/v1/ciudadanos/[national-id]/certificados 200"),
    ("SERIALNUMBER=IDCES-12345678Z, C=ES", "SERIALNUMBER=IDCES-[national-id], C=ES"),
    ("lu : 1 84 07 75 123 456 / 57 (score 0.87)", "lu : [national-id] (score 0.87)"),
    ("USER zdm01\nPASS Brioche8628!\n530 Login incorrect", "USER zdm01\nPASS [password]\n530 Login incorrect"),
    ("Zgłoszenie z telefonu 728-474-187, priorytet P2", "Zgłoszenie z telefonu [phone], priorytet P2"),
    ("cursor eyJpZCI6MTIsImVtYWlsIjoiYUBleGFtcGxlLm9yZyJ9 gone", "cursor [jwt] gone"),
    (
        "Sec-WebSocket-Protocol: bearer, Zq7HmwHXuNbLc2mQ5JVTS6; reason=x",
        "Sec-WebSocket-Protocol: bearer, [bearer]; reason=x",
    ),
    ("2001:db8:ab88:2bb9:1fcc:42a2:9354:85cb:34424 [12/Mar] web", "[ip:2001:db8:ab88::/48]:34424 [12/Mar] web"),
    ("ASP.NET_SessionId value k7x7kveb1deey05prv1ncmjv3m rejected", "ASP.NET_SessionId value [session] rejected"),
    (
        "add_cookie({'name': 'remember_me', 'value': 'aa3wyTTBj6yuH2q8BjymbOY55s7vcfgp', 'domain': 'x'})",
        "add_cookie({'name': 'remember_me', 'value': '[session]', 'domain': 'x'})",
    ),
    ("extracted IBANGB82WEST12345698765432 total 3", "extracted IBAN[iban] total 3"),
    ("Call to extension '0614798804' rejected", "Call to extension '[phone]' rejected"),
    # ids in addresses and file names: capitals and check digits are enough
    ("PUT payslips/2026/03/12345678Z.pdf", "PUT payslips/2026/03/[national-id].pdf"),
    ("GET /members/12345678Z/history 200", "GET /members/[national-id]/history 200"),
    (f"GET /v1/insured/{NIR}/cover 404", "GET /v1/insured/[national-id]/cover 404"),
    ('Firmante "12345678z" ok', 'Firmante "[national-id]" ok'),
    # names and values of their own
    (
        '<saml:Attribute Name="givenName"><saml:AttributeValue xsi:type="xs:string">Ann</saml:AttributeValue>',
        '<saml:Attribute Name="givenName"><saml:AttributeValue xsi:type="xs:string">[name]</saml:AttributeValue>',
    ),
    (
        '<Attribute Name="http://schemas.example.org/claims/surname" NameFormat="uri"><AttributeValue>Lee</AttributeValue>',
        '<Attribute Name="http://schemas.example.org/claims/surname" NameFormat="uri"><AttributeValue>[name]</AttributeValue>',
    ),
    ('  + password        = "velvet431"\n  + port = 1', '  + password        = "[password]"\n  + port = 1'),
    ("name=Ann+Lee&cc=4111111111111111&plan=x", "name=[name]&cc=[card]&plan=x"),
    ("/join?name=Ann%20van%20Lee&email=a%40b.com", "/join?name=[name]&email=[email]"),
    ("to[0][name]=Ann+Lee&to[0][email]=a%40b.com", "to[0][name]=[name]&to[0][email]=[email]"),
    ("Dest_Tel1=0148907413;Relay=066974", "Dest_Tel1=[phone];Relay=066974"),
    ("submit_sm dest_addr=48790993140 esm_class=0", "submit_sm dest_addr=[phone] esm_class=0"),
    ("door accessCode=2afbb20e00a7e0bd0cc28f83ab26c1ac2ad23fdc", "door accessCode=[pin]"),
    ("Anrufer 078 233 70 61 wartet", "Anrufer [phone] wartet"),
    ("Sitzung 39AXKp0J3YbRhgw4B51JWIAl beendet", "Sitzung [session] beendet"),
    ('uid=1 info.name="Ann Lee" info.email="a@b.com"', 'uid=1 info.name="[name]" info.email="[email]"'),
    ('consumerName="Ann Lee" code=x', 'consumerName="[name]" code=x'),
    ("SET cellulare='328 3416588', x=1", "SET cellulare='[phone]', x=1"),
    ("Anrufer-ID 0160-8980942 -> 3", "Anrufer-ID [phone] -> 3"),
    ("PersonIdentifier=PL/44051401359 loa=high", "PersonIdentifier=PL/[national-id] loa=high"),
    ("masterauth=m4sterKranich ip=x", "masterauth=[password] ip=x"),
    # cookies that let one in
    (".AspNetCore.Cookies=oBnBAaMXOmcWYrr0jo4ZNo3M refreshed", ".AspNetCore.Cookies=[cookie] refreshed"),
    ("be_typo_user=79da377b6acbff1d3e740ec22b6b5262; x", "be_typo_user=[session]; x"),
    ('SessionIndex="m1q8or90zaiv54eobl3ptoh4x5"', 'SessionIndex="[session]"'),
    (".ASPXAUTH=5B93ACD91D048DEFE5E61FFDEB4A8F98B9A0; x=1", ".ASPXAUTH=[session]; x=1"),
    ("Cookie: OAMAuthn_www.example.org:443=sihFOFOQWkyOOMDyGoOV2mS", "Cookie: OAMAuthn_www.example.org:443=[cookie]"),
    (
        "Set-Cookie remember-me=9wU9HhzWe10E47s0yW6uUNwGoAKx2P4E; Max-Age=9",
        "Set-Cookie remember-me=[session]; Max-Age=9",
    ),
    ("SAP_SessionId_PRD_100=kaanYVmeK6Ogy4zyndT9tQ", "SAP_SessionId_PRD_100=[session]"),
    ("auth_session=1a4797ca-a4a6-4fbe-b556-7ab3b72df2c2 b", "auth_session=[session] b"),
    (
        "#HttpOnly_.example.org\tTRUE\t/\tTRUE\t0\t__Host-sid\tb52732f6-2d17-4766\n# next",
        "#HttpOnly_.example.org\tTRUE\t/\tTRUE\t0\t__Host-sid\t[cookie]\n# next",
    ),
    # keys
    (
        "POST https://api.telegram.example/bot7012345678:87hs0QtpSvjMwVvUMWRCIzqM7Mi81RxRFOt/send",
        "POST https://api.telegram.example/bot7012345678:[telegram-token]/send",
    ),
    ("p24_secret_id=bb7d2d3a90db1802b772833f38f1d6e1 x", "p24_secret_id=[token] x"),
    (
        'hooks "POST /services/T04KQ1Z8PLM/B06R2ZX9QAB/sBrWWx2YJA3L5R22Tlz0 HTTP/1.1"',
        'hooks "POST /services/T04KQ1Z8PLM/B06R2ZX9QAB/[slack-token] HTTP/1.1"',
    ),
    (f"found AKIAIOSFODNN7EXAMPLE in main.tf next to {SECRET}", "found [aws-key] in main.tf next to [aws-key]"),
    ("x -----BEGIN PRIVATE KEY-----\nMIIE...wabcTAILabcdef0123\nx", "x [private-key]"),
    ("<phone><value>0171 1234567</value></phone>", "<phone><value>[phone]</value></phone>"),
    ("电话phone 0171 1234567", "电话phone [phone]"),
    ("“phone 0171 1234567” said", "“phone [phone]” said"),
    ("back 555-223-4567 10 times", "back [phone] 10 times"),
    (
        "bad -----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIPTavtnRLnQYT\n… truncated, Reader.java:88",
        "bad [private-key], Reader.java:88",
    ),
]
SURVIVE = [
    "keytab contains HTTP/intranet.city.example@CITY.EXAMPLE kvno 7",
    "cursor eyJpZCI6MTIzNDUsImRpciI6ImFzYyJ9 accepted, page size 50",
    "PASS src/cart.test.js\nPASS src/pay.test.js",
    "copied 8 objects, 4539578763621486 bytes scanned",
    "password=required mfa=optional session=rolling token=opaque",
    "cell 214-07-31882-41120 attach success 99.2%",
    "call from extension 4711 to extension 2030",
    "the invalid value k7x7kveb1deey05prv1ncmjv3m was skipped",
    "'name': 'queue', 'value': 'aa3wyTTBj6yuH2q8BjymbOY55s7vcfgp'",
    "PUT payslips/2026/03/12345678A.pdf",  # not the letter that belongs to it
    "GET /v1/insured/184077512345600/cover",
    "SPF pass: v=spf1 include:mail.example.org -all",
    "name=Blue+Shirt&size=xl&color=navy",
    'publishable "pk_live_9uc65yyhjsmO6GloSBDOR0hH"',
    f"commit {'0a1b2c3d' * 5} next to {SECRET[:39]}",
    "remember_me=true Sitzung beendet",
    "cell=48.137154,11.575490",
    "spring:session:sessions:expires:web gone",
    "<d:Telefon>intern</d:Telefon><d:PersNr>00048213</d:PersNr>",
    "INSERT INTO [Customers] ([FullName], [Email]) VALUES (@p0, @p1)",
    "TTY=pts/0 ; PWD=/srv ; USER=root",
    "Domiciliëring: mandaat B-2026-7712",
    "api_key: present=true; db_password: present=true",
    "draw 2026-007 numbers 04 11 18 22 39 41 bonus 07",
]


@pytest.mark.parametrize(("text", "clean"), HITS)
def test_what_is_private_is_found_in_it(text, clean):
    assert redact_text(text) == clean
    assert redact_text(clean) == clean


@pytest.mark.parametrize("text", SURVIVE)
def test_what_only_looks_like_it_survives(text):
    assert redact_text(text) == text


def test_an_address_of_a_network_is_no_telephone():
    assert redact_text("dest_addr=10.20.30.40") == "dest_addr=[ip:10.20.30.0/24]"


def test_what_stands_behind_a_marker_is_no_value_of_it():
    line = 'Post "https://hooks.slack.com/services/TXZWW5QL6/BTNMQLEH7/iEqXE1YisV3KvhgiHIQ5": context deadline exceeded'
    assert redact_text(line) == 'Post "https://[slack-token]": context deadline exceeded'
    assert redact_text("form[password]: hunter2zz") == "form[password]: [password]"


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ({"kundenname": "Íñigo Echeverría"}, {"kundenname": "[name]"}),
        ({"nombre_del_titular": "Íñigo"}, {"nombre_del_titular": "[name]"}),
        ({"name": "Íñigo", "familyName": "Vega"}, {"name": "[name]", "familyName": "[name]"}),
        ({"name": "checkout", "version": "7"}, {"name": "checkout", "version": "7"}),
        (
            {"cookies": [{"name": "sid", "value": "f9Si2vjOaIswhvCLV2jN6Hsh", "domain": "app.example.org"}]},
            {"cookies": [{"name": "sid", "value": "[session]", "domain": "app.example.org"}]},
        ),
        ({"line": "level=error ip=203.0.113.9 n=5 x"}, {"line": "level=error ip=[ip:203.0.113.0/24] n=5 x"}),
        (
            {"args": ["--session-token", "gjg1Qz7nB7iFYr_h0NWzlVCV5zsn", "--region", "eu-west"]},
            {"args": ["--session-token", "[session]", "--region", "eu-west"]},
        ),
        ({"args": ["--password", "--user", "root"]}, {"args": ["--password", "--user", "root"]}),
        (
            {"data": ["access_key", "AKIA6NHUFSFHGU7J46OF", "secret_key", SECRET]},
            {"data": ["access_key", "[api-key]", "secret_key", "[api-key]"]},
        ),
        (
            {"fields": ["password", "username", "email", "phone"]},
            {"fields": ["password", "username", "email", "phone"]},
        ),
        ({"line": "203.0.113.9"}, {"line": "203.0.113.9"}),
        ({"cell": "48.137154,11.575490"}, {"cell": "48.137154,11.575490"}),
        (
            {"keys": ["-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "alias=seal-2026"]},
            {"keys": ["[private-key]", "alias=seal-2026"]},
        ),
    ],
)
def test_names_of_other_languages_and_of_neighbours(given, clean):
    assert redact_mapping(given) == clean
    assert redact_mapping(clean) == clean
