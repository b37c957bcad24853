"""Each detector by exact examples: what becomes what, and what only looks private."""

import pytest

from benchmarks.redaction.__main__ import score
from benchmarks.redaction.carriers import make_carriers
from benchmarks.redaction.services import make_services
from benchmarks.redaction.worlds import make_abroad, make_morning, make_night, make_world
from diagnostics.pipeline.redact import redact_mapping, redact_record, redact_text

HITS = [
    # e-mail
    ("user bob@example.com in", "user [email] in"),
    ("<bob.o'neil+tag@mail.example.co.uk>", "<[email]>"),
    ("/u?email=bob%40example.com&x=1", "/u?email=[email]&x=1"),
    ("mailto:bob@example.com?subject=hi", "mailto:[email]?subject=hi"),
    ("josé@exämple.de wrote", "[email] wrote"),
    ("to=bob@example.com,ann@example.com", "to=[email],[email]"),
    ('rcpt "bob smith"@example.com ok', "rcpt [email] ok"),
    # telephone
    ("contact_no=0171 2345678", "contact_no=[phone]"),
    ("call +1 (415) 555-2671 now", "call [phone] now"),
    ("sms to +447700900123 failed", "sms to [phone] failed"),
    ("tel:+49-30-901820", "tel:[phone]"),
    ("(415) 555-2671", "[phone]"),
    ("phone: 0171 1234567", "phone: [phone]"),
    ("mobile 07700 900123 unreachable", "mobile [phone] unreachable"),
    ("06 12 34 56 78 ne répond pas", "[phone] ne répond pas"),
    ("to=%2B14155552671&body=x", "to=[phone]&body=x"),
    # card
    ("card 4111 1111 1111 1111 declined", "card [card] declined"),
    ("5555-5555-5555-4444", "[card]"),
    ("amex 378282246310005.", "amex [card]."),
    ("4111111111111111|12|2029", "[card]|12|2029"),
    ("card 4111 1111 1111 1111 123", "card [card] 123"),
    # IBAN
    ("to DE89 3704 0044 0532 0130 00 ok", "to [iban] ok"),
    ("iban=GB29NWBK60161331926819", "iban=[iban]"),
    ("FR1420041010050500013M02606,", "[iban],"),
    ("beneficiary nl91abna0417164300 unknown", "beneficiary [iban] unknown"),
    ("Password for admin is hunter2!", "Password for admin is [password]"),
    ('8.8.4.4 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1"', '[ip:8.8.4.0/24] - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1"'),
    # addresses
    ("from 203.0.113.77 port 22", "from [ip:203.0.113.0/24] port 22"),
    ("client=203.0.113.77:5123", "client=[ip:203.0.113.0/24]:5123"),
    ("(10.4.5.6)", "([ip:10.4.5.0/24])"),
    ("via 2001:db8:85a3::8a2e:370:7334", "via [ip:2001:db8:85a3::/48]"),
    ("[2001:db8::1]:443", "[[ip:2001:db8::/48]]:443"),
    ("::ffff:203.0.113.7", "[ip:203.0.113.0/24]"),
    ("http://203.0.113.77/x", "http://[ip:203.0.113.0/24]/x"),
    ("ip-54-10-3-7.eu-west-1.compute.invalid", "ip-[ip].eu-west-1.compute.invalid"),
    ("Hello Ann Lee, your order is ready", "Hello [name], your order is ready"),
    ("Customer(id=3, name=Ann Lee)", "Customer(id=3, name=[name])"),
    ("sshpass -p correct-horse ssh web", "sshpass -p [password] ssh web"),
    ("- name: DB_PASSWORD\n  value: hunter2", "- name: DB_PASSWORD\n  value: [password]"),
    # tokens in headers
    ("Authorization: Bearer abcDEF123456.xyz", "Authorization: Bearer [bearer]"),
    ("authorization: bearer 0123456789abcdef", "authorization: bearer [bearer]"),
    ("Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l", "Authorization: Basic [basic]"),
    # of letters only
    ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer [bearer]"),
    ("Authorization: Bearer abcDEFghi", "Authorization: Bearer [bearer]"),
    ("authorization: bearer abcdefghijkl accept: */*", "authorization: bearer [bearer] accept: */*"),
    ("authorization: bearer abcdefghijklmno for user", "authorization: bearer [bearer] for user"),
    ('{"authorization": "Bearer opensesame"}', '{"authorization": "Bearer [bearer]"}'),
    ("('Authorization', 'Bearer opensesame')", "('Authorization', '[credential]')"),
    ("access_token=kqzvwmxpblmn", "access_token=[token]"),
    ("refresh_token: kqzvwmxpasdf", "refresh_token: [token]"),
    ("sessionToken=kqzvwmxpasdf", "sessionToken=[session]"),
    ("GET /x?token=kqzvwmxpasdf&b=2", "GET /x?token=[token]&b=2"),
    ("X-Auth-Token: kqzvwmxpasdf", "X-Auth-Token: [token]"),
    ("('csrf_token', 'kqzvwmxpasdf')", "('csrf_token', '[token]')"),
    ("<access_token>kqzvwmxpasdf</access_token>", "<access_token>[token]</access_token>"),
    ("token=correct-horse-battery", "token=[token]"),
    ("pw=hunterhunter", "pw=[password]"),
    ("db_pw=hunterhunter user=x", "db_pw=[password] user=x"),
    # addresses whose sign is written in other ways
    ("mail a\uff20b.com now", "mail [email] now"),
    ("mail jane.doe\ufe6bexample.com now", "mail [email] now"),
    ("to a&#64;b.com, j&#x40;b.com and k&commat;b.org", "to [email], [email] and [email]"),
    ("q=a%2540b.com", "q=[email]"),
    ("?email%253Djane.doe%2540example.com%2526x", "?email%253D[email]%2526x"),
    ("header Basic YWxhZGRpbjpvcGVuc2VzYW1l refused", "header Basic [basic] refused"),
    ("Proxy-Authorization: Digest username=\"bob\", response=\"abc\"", "Proxy-Authorization: Digest [credential]\"bob\", response=\"abc\""),
    ("Authorization: Token 9944b09199c62bcf", "Authorization: Token [credential]"),
    ("Cookie: sessionid=abc; theme=dark", "Cookie: sessionid=[cookie]; theme=dark"),
    ("Set-Cookie: sid=abc; Path=/; HttpOnly; Max-Age=60", "Set-Cookie: sid=[cookie]; Path=/; HttpOnly; Max-Age=60"),
    ("X-Api-Key: 9f8e7d6c5b4a", "X-Api-Key: [api-key]"),
    # names with values
    ("password=hunter2 user=bob", "password=[password] user=bob"),
    ("password: hunter2", "password: [password]"),
    ("DB_PASS='p w'", "DB_PASS='[password]'"),
    ("password=p&ss,word!", "password=[password]"),
    ("password=hunter2,user=bob", "password=[password],user=bob"),
    ('{"password": "a\\"b", "x": 1}', '{"password": "[password]", "x": 1}'),
    ('{\\"token\\": \\"abc123def\\"}', '{\\"token\\": \\"[token]\\"}'),
    ("{'passwd': 'x y'}", "{'passwd': '[password]'}"),
    (':password=>"x1", :a=>1', ':password=>"[password]", :a=>1'),
    ("<Password>hunter2</Password>", "<Password>[password]</Password>"),
    ("Server=db;Password=x1;Encrypt=true", "Server=db;Password=[password];Encrypt=true"),
    ("GET /cb?access_token=abc123def456&x=1", "GET /cb?access_token=[token]&x=1"),
    ("?X-Amz-Signature=0a1b2c3d4e5f&X-Amz-Date=1", "?X-Amz-Signature=[signature]&X-Amz-Date=1"),
    ("api_key: 12345678", "api_key: [api-key]"),
    ("client_secret=abc&grant_type=x", "client_secret=[secret]&grant_type=x"),
    ("PHPSESSID=0a1b2c3d4e5f6g7h8i9j", "PHPSESSID=[session]"),
    ("first_name=Ann last_name=Lee", "first_name=[name] last_name=[name]"),
    ('"fullName":"Ann Lee"', '"fullName":"[name]"'),
    ("cvv=123", "cvv=[pin]"),
    ("pin: 4821", "pin: [pin]"),
    # said in words
    ("password is Tr0ub4dor&3", "password is [password]"),
    ("with password 's3cret!'", "with password '[password]'"),
    ("mysql --password hunter2 -h x", "mysql --password [password] -h x"),
    ("ALTER ROLE a WITH PASSWORD 'abc'", "ALTER ROLE a WITH PASSWORD '[password]'"),
    ("CREATE USER a IDENTIFIED BY 'abc'", "CREATE USER a IDENTIFIED BY '[password]'"),
    ("curl -u bob:s3cret https://x", "curl -u bob:[password] https://x"),
    ("your OTP is 482913", "your OTP is [pin]"),
    ("verification code: 482913", "verification code: [pin]"),
    ("args=['password', 'abc']", "args=['password', '[password]']"),
    # addresses with credentials
    ("postgres://app:s3cr!t#x@db:5432/x", "postgres://app:[password]@db:5432/x"),
    ("redis://:p4ss@cache:6379", "redis://:[password]@cache:6379"),
    ("https://0123456789abcdef0123@sentry.example/1", "https://[token]@sentry.example/1"),
    ("mysql://u:p@ss/w0rd@db/x", "mysql://u:[password]@db/x"),
    # vendors
    ("key AKIAIOSFODNN7EXAMPLE used", "key [aws-key] used"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[github-token]"),
    ("xoxb-1234567890-abcdefghij", "[slack-token]"),
    ("sk_live_abcdefghijklmnop1234", "[stripe-key]"),
    ("AIzaSyA1234567890abcdefghijklmnopqrstuv", "[google-key]"),
    ("glpat-abcdefghij0123456789", "[gitlab-token]"),
    ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "[npm-token]"),
    ("SG.abcdefghijklmnop12.abcdefghijklmnopqrstuvwxyz", "[sendgrid-key]"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[jwt]"),
    ("cut eyJhbGciOiJIUzI1NiJ9.eyJzdW", "cut [jwt]"),
    ("a -----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- b", "a [private-key] b"),
    ("-----BEGIN PRIVATE KEY-----\nMIIE", "[private-key]"),
    # national ids
    ("SSN 078-05-1120", "SSN [ssn]"),
    ("DNI 12345678Z", "DNI [national-id]"),
    ("NIE X1234567L", "NIE [national-id]"),
    ("codice RSSMRA85T10A562S", "codice [national-id]"),
    ("PESEL 44051401359", "PESEL [national-id]"),
    ("NIR 2 55 08 14 168 025 38", "NIR [national-id]"),
    ("NI number AB 12 34 56 C", "NI number [national-id]"),
    ("CPF 529.982.247-25", "CPF [national-id]"),
    # rows: names first, values after them
    ("INSERT INTO users (id, name, email, password) VALUES (7, 'Ann Lee', 'a@b.example', 'hunter2')", "INSERT INTO users (id, name, email, password) VALUES (7, '[name]', '[email]', '[password]')"),
    ("insert into `users` (`role`, `password`) values (admin, pepper99), (ops, x7)", "insert into `users` (`role`, `password`) values (admin, [password]), (ops, [password])"),
    ('a:2:{s:4:"user";s:3:"bob";s:8:"password";s:7:"hunter2";}', 'a:2:{s:4:"user";s:3:"bob";s:8:"password";s:7:"[password]";}'),
    ("on field 'password': rejected value [Summer#28]; codes [Size.password]", "on field 'password': rejected value [[password]]; codes [Size.password]"),
    # command lines and dialogues
    ("docker login -u ci -p 8c1f2a90bb hub.example", "docker login -u ci -p [password] hub.example"),
    ("ldapsearch -D 'cn=svc,dc=corp' -w s3cret -b dc=corp", "ldapsearch -D 'cn=svc,dc=corp' -w [password] -b dc=corp"),
    ('"AUTH" "default" "hunter2"', '"AUTH" "default" "[password]"'),
    ("SET PASSWORD FOR 'ro'@'%' = PASSWORD('hunter2')", "SET PASSWORD FOR 'ro'@'%' = PASSWORD('[password]')"),
    # said in other languages, and by who owns it
    ("Mein Passwort lautet: hunter2!", "Mein Passwort lautet: [password]"),
    ("my password is sunsetmonkey and fails", "my password is [password] and fails"),
    ("bsn 178967531 niet gevonden", "bsn [national-id] niet gevonden"),
    ("personnummer 19801109-4664 avbruten", "personnummer [national-id] avbruten"),
    # what stands around a value stays
    ("git clone https://x-access-token:hunter2@git.example/a.git", "git clone https://x-access-token:[password]@git.example/a.git"),
    ("bad auth : mongodb://api:hunter2@db.example/app", "bad auth : mongodb://api:[password]@db.example/app"),
    ("GET /x;jsessionid=0123456789ABCDEF0123?tab=orders", "GET /x;jsessionid=[session]?tab=orders"),
    ("Cookie: sid=0a1b2c3d4e5f; lang=en-GB; consent=all", "Cookie: sid=[cookie]; lang=en-GB; consent=all"),
    (":25:DE89370400440532013000\n:28C:00014/001", ":25:[iban]\n:28C:00014/001"),
    ("secret_key='/++IJ51KcB9crOJJ3ZUbfoWfAM7RoN3j7k2Dprm/'", "secret_key='[api-key]'"),
    ("/callback?code=so7G6N1mwfoA7r3EoYDa6aH9&state=xyz", "/callback?code=[token]&state=xyz"),
    ("sqlplus hr/tiger99@//db:1521/XE", "sqlplus hr/[password]@//db:1521/XE"),
    ("jdbc:oracle:thin:hr/tiger99@db:1521:XE", "jdbc:oracle:thin:hr/[password]@db:1521:XE"),
    ('CONNECT TO hr IDENTIFIED BY "tiger99" USING', 'CONNECT TO hr IDENTIFIED BY "[password]" USING'),
    ("machine api.example login ops password tiger99", "machine api.example login ops password [password]"),
    ("Login incorrect: [ann/tiger99] (from client ap-3)", "Login incorrect: [ann/[password]] (from client ap-3)"),
    ("(ConvertTo-SecureString 'tiger99' -AsPlainText)", "(ConvertTo-SecureString '[password]' -AsPlainText)"),
    ('<w:Password Type="#Text">tiger99</w:Password>', '<w:Password Type="#Text">[password]</w:Password>'),
    ("cookies={uid: c7f3c2346c495ec63dc3b72d, beta: on}", "cookies={uid: [cookie], beta: on}"),
    ("~/.pgpass: db:5432:shop:app:tiger99", "~/.pgpass: db:5432:shop:app:[password]"),
    ("sid 0a1b2c3d4e5f60718293a4b5 evicted", "sid [session] evicted"),
    ("new_password=Tiger-99&confirm=Tiger-99&x=1", "new_password=[password]&confirm=[password]&x=1"),
    ("signed off by Ann Lee <ann@example.com>", "signed off by [name] <[email]>"),
    ("ssn:512-24-1188|state:TX", "ssn:[ssn]|state:TX"),
    ("AUTHORIZATION=Basic+YWxhZGRpbjpvcGVuc2VzYW1l&path=/x", "AUTHORIZATION=Basic+[basic]&path=/x"),
    ("remoteAddr:2a02:6811:4756::698c", "remoteAddr:[ip:2a02:6811:4756::/48]"),
]  # fmt: skip
STAYS = [
    "request 550e8400-e29b-41d4-a716-446655440000 ok",
    "12345678-1234-1234-1234-123456789012",
    "trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "at 2026-01-17T10:20:30.123456+00:00 and 1767225600123456789",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36",
    "version 1.2.3.4 to 1.2.4.0",
    "v10.20.30.40",
    "foo-1.2.3.4.jar",
    "listening on 0.0.0.0:8080 and 127.0.0.1:9000",
    "subnet 10.20.30.0/24",
    "std::vector<a::b> Foo::bar 12:34:56",
    "52:54:00:12:34:56",
    "order 123-4567890-1234567",
    "order number 4111111111111112",
    "0.4111111111111111",
    "password authentication failed for user \"bob\"",
    "invalid password",
    "password must contain 8 characters",
    "the password is required",
    "token expired",
    "token: none",
    "secret not found",
    "password=",
    "password=null",
    "password=********",
    "password=${DB_PASSWORD}",
    "Authorization: Bearer <token>",
    "WWW-Authenticate: Bearer realm",
    "Authorization: Bearer missing",
    "Authorization: Bearer token.",
    "Authorization: Basic credentials required",
    "authorization: token bucket is full",
    "token=expired access_token: invalid token: null token=refresh",
    "the access token expired",
    "token=not-found error=invalid_grant refresh_token=invalid_grant",
    "access_token: rotating now",
    "Unexpected token: elseif near line 3",
    "Invalid token: signature mismatch",
    "unexpected token=identifier next_token=lastpage pad_token=endoftext cancellationToken=default",
    "pw: changed",
    "&#64;media 100%2540 of it \uff20 home",
    "tokens=4096 max_tokens: 100 token_count=12 token_type=bearer",
    "auth=failed",
    "session started for shop",
    "react@18.2.0 git@github.com:org/repo.git deploy@web-1 icon@2x.png",
    "getty@tty1.service",
    "ports 30000-32767",
    "from 2026-01-17 to 2026-02-17",
    "UTC+02:00 1.5e+10 1.2.3+20240115",
    "DE89 is short, DE89 3704 0044 0532 0130 01 is wrong",
    "000-12-3456",
    "12345678A",
    "RSSMRA85T10A562T",
    "44051401358",
    "cache key user:42:profile",
    "key=value a=b",
    "http.route=/api/v1/orders/{id}",
    "file /etc/ssl/private/key.pem not readable",
    "-----BEGIN CERTIFICATE-----",
    "thread name: worker-3 host.name=web-1 service.name=checkout",
    "[email] [password] [ip:203.0.113.0/24] password=[password]",
    "order number 5448134404200632 shipped",
    "integrity sha512-Z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg+SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
    "checkout session cs_test_a1B2c3D4e5F6g7H8 expired",
    "auth: user=anonymous roles=[]",
    "{User:deploy Token: Insecure:false}",
    "$GPGGA,092750.000,5321.6802,N,00630.3372,W",
    "[phone],gold,2024-06-30",
    "INSERT INTO jobs (id, name, state) VALUES (7, 'Nightly Rollup', 'done')",
    "password is required",
    "asn1 2.5.29.17 parsed",
    "bytesSent: 18901509579",
    "login with password authentication",
]  # fmt: skip


@pytest.mark.parametrize(("text", "clean"), HITS)
def test_private_spans_become_markers(text, clean):
    assert redact_text(text) == clean


@pytest.mark.parametrize("text", STAYS)
def test_look_alikes_stay(text):
    assert redact_text(text) == text


@pytest.mark.parametrize(("text", "clean"), HITS)
def test_clean_text_stays_as_it_is(text, clean):
    assert redact_text(clean) == clean


ATTRIBUTES = [
    ({"password": "x"}, {"password": "[password]"}),
    ({"password": 12345}, {"password": "[password]"}),
    ({"user": {"name": "Ann", "id": 7}}, {"user": {"name": "[name]", "id": 7}}),
    ({"user.name": "Zoë"}, {"user.name": "[name]"}),
    ({"card": 4111111111111111}, {"card": "[card]"}),
    ({"amount": 4111111111111111}, {"amount": "[card]"}),
    ({"started_ns": 1767225600123456789}, {"started_ns": 1767225600123456789}),
    ({"http.request.header.authorization": ["Bearer abc123456789"]}, {"http.request.header.authorization": ["Bearer [bearer]"]}),
    ({"http.request.header.authorization": "Bearer zanzisecret"}, {"http.request.header.authorization": "Bearer [bearer]"}),
    ({"http.request.header.authorization": "Bearer missing"}, {"http.request.header.authorization": "Bearer missing"}),
    ({"auth": {"token": "kqzvwmxpasdf"}}, {"auth": {"token": "[token]"}}),
    ({"token": "access token expired", "refresh_token": "revoked"}, {"token": "access token expired", "refresh_token": "revoked"}),
    ({"cookies": {"access_token": "kqzvwmxpasdf"}}, {"cookies": {"access_token": "[token]"}}),
    ({"headers": [["Cookie", "a=b7x2Qk; c=d"], ["Accept", "*/*"]]}, {"headers": [["Cookie", "a=[cookie]; c=d"], ["Accept", "*/*"]]}),
    ({"fields": [{"name": "password", "value": "x"}]}, {"fields": [{"name": "password", "value": "[password]"}]}),
    ({"body": '{"a": {"password": "x", "n": 1}}'}, {"body": '{"a": {"password": "[password]", "n": 1}}'}),
    ({"phone": "415 555 2671"}, {"phone": "[phone]"}),
    ({"bob@example.com": 1}, {"[email]": 1}),
    ({"session.id": "0a1b2c3d4e5f6a7b8c9d0e1f"}, {"session.id": "0a1b2c3d4e5f6a7b8c9d0e1f"}),
    ({"driver.version": "10.2.30.40"}, {"driver.version": "10.2.30.40"}),
    ({"order_id": "4111111111111111"}, {"order_id": "4111111111111111"}),
    ({"ok": True, "n": None, "f": 1.5, "i": 200}, {"ok": True, "n": None, "f": 1.5, "i": 200}),
    ({"cookies": {"sessionid": "abcdef0123456789abcdef"}}, {"cookies": {"sessionid": "[session]"}}),
    ({"credentials": {"password": ["a", "b"]}}, {"credentials": {"password": ["[password]", "[password]"]}}),
    ({"requester": {"name": "Zoë Hart", "email": "z@h.example"}}, {"requester": {"name": "[name]", "email": "[email]"}}),
    ({"job": {"name": "Nightly Rollup", "owner": "ops"}}, {"job": {"name": "Nightly Rollup", "owner": "ops"}}),
    ({"repository": {"full_name": "acme/widgets"}, "user.name": "svc-report"}, {"repository": {"full_name": "acme/widgets"}, "user.name": "svc-report"}),
    ({"name": [{"family": "Hart", "given": ["Zoë"]}]}, {"name": [{"family": "[name]", "given": ["[name]"]}]}),
    ({"LtpaToken2": "u23a6jg6ohvkej23edfyedi9mo", "wpa_psk": "hunter2"}, {"LtpaToken2": "[token]", "wpa_psk": "[password]"}),
    ({"credentials": '{"type": "service_account", "private_key_id": "7"}'}, {"credentials": '{"type": "service_account", "private_key_id": "7"}'}),
    ({"cookies": {"session_id": "er7d4e2106ej390masentczf", "theme": "dark"}}, {"cookies": {"session_id": "[cookie]", "theme": "dark"}}),
    ({"key": "appVersion", "value": {"stringValue": "8.9.9.125"}}, {"key": "appVersion", "value": {"stringValue": "8.9.9.125"}}),
]  # fmt: skip


@pytest.mark.parametrize(("attributes", "clean"), ATTRIBUTES)
def test_attributes_by_name(attributes, clean):
    assert redact_record({"message": "m", "attributes": attributes})["attributes"] == clean


def test_json_in_strings_is_read_three_deep():
    deep = {"body": '{"a": "{\\"b\\": \\"{\\\\\\"user\\\\\\": {\\\\\\"name\\\\\\": \\\\\\"Ann\\\\\\"}}\\"}"}'}
    assert "Ann" not in str(redact_record({"message": "m", "attributes": deep}))


def test_the_outgoing_profile_takes_what_is_internal():
    text = "db-1.internal 10.0.0.7 failed at /srv/app/shop/views.py: SELECT a FROM b WHERE c"
    assert redact_text(text, profile="outgoing") == "[host] [ip] failed at [path]: [sql]"
    assert (
        redact_text("5xx share on /api/orders/{id} in checkout", "outgoing")
        == "5xx share on /api/orders/{id} in checkout"
    )


@pytest.mark.parametrize("make", [make_services, make_carriers, make_world, make_night, make_morning, make_abroad])
def test_other_sets_are_redacted_as_well(make):
    figures = score(make(3, each=1))
    assert figures["recall"] >= 0.985, figures["misses"]
    assert min(figures["recall_by_category"].values()) >= 0.9, figures["misses"]  # one miss of eleven is nine percent
    assert figures["over_redaction"] <= 0.007, figures["misses"]
    assert figures["clean_untouched"] >= 0.97, figures["misses"]
    assert (figures["mutated"], figures["unstable"]) == (0, 0)


@pytest.mark.parametrize(
    "name",
    [
        "пароль",
        "Пароль",
        "ПАРОЛЬ",
        "密码",
        "jelszó",
        "パスワード",
        "비밀번호",
        "mdp",
        "şifre",
        "salasana",
        "adgangskode",
        "κωδικός",
    ],
)
def test_passwords_under_names_of_other_languages_and_scripts(name):
    assert redact_mapping({name: "Kotik123"}) == {name: "[password]"}
    for sign in (": ", "=", "："):
        assert redact_text(f"{name}{sign}Kotik123") == f"{name}{sign}[password]"


@pytest.mark.parametrize("line", ["время: 10:22:11", "数量：12 个", "状态: 成功", "кол-во: 12", "数据库：ok"])
def test_other_words_in_other_scripts_stay(line):
    assert redact_text(line) == line
