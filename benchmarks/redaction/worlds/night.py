"""A fifth labelled set, by another hand: old and odd notations, as met on a night shift. The marks are those of `web`."""

from typing import Final

from benchmarks.redaction.worlds.web import Line, j

# fmt: off
PRIVATE_LINES: Final[dict[str, list[Line]]] = {
    "kafka.sasl": [
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"‹orders›\" password=\"«pw»\";",
        "ssl.truststore.location=‹/etc/kafka/trust.jks› ssl.truststore.password=«pw»",
        "[Producer clientId=‹p-1›] Authentication failed: SASL_PLAINTEXT user=orders secret=«generic»",
    ],
    "oracle": [
        "sqlplus ‹hr›/«pw»@//‹db-ora:1521/XE› @nightly.sql",
        "jdbc:oracle:thin:hr/«pw»@‹db-ora:1521:XE› refused ORA-01017",
        "ORA-00001: unique constraint (‹HR.UK_MAIL›) violated; bind :1='«email»'",
        "CREATE DATABASE LINK ‹remote› CONNECT TO hr IDENTIFIED BY \"«pw»\" USING '‹XE›'",
    ],
    "dotfiles": [
        "~/.pgpass: ‹db-7:5432:shop›:app:«pw_simple»",
        "machine ‹api.heroku.example› login ops password «pw»",
        "_auth=«basic» in ‹~/.npmrc›",
        "[default]\naws_access_key_id=«aws»\naws_secret_access_key=«aws_secret»\noutput=‹json›",
        "registry.npmjs.org token «npm» for scope ‹@acme›",
        "network={ ssid=\"‹Guest-5G›\" psk=\"«pw_hard»\" }",
    ],
    "syslog": [
        "<34>1 2026-10-11T22:14:15.003Z ‹mail01› imapd 4711 ID47 [auth@32473 user=\"«email»\" ip=\"«ip»\"] BOM login failed",
        "Jan 11 03:14:07 ‹fw1› kernel: DROP IN=eth0 SRC=«ip» DST=127.0.0.1 PROTO=TCP SPT=‹44120› DPT=22",
        "Jan 11 03:14:08 ‹vpn› openvpn[811]: «ip»:‹1194› VERIFY ERROR: depth=0",
        "asterisk: chan_sip: Registration from '<sip:‹1001›@pbx>' failed for '«ip»:5060' - Wrong password",
        "asterisk: Call from '‹trunk-a›' to extension '‹200›' callerid <«phone»> rejected",
        "freeradius: Login incorrect: [‹visitor›/«pw_simple»] (from client ‹ap-3› port 7)",
        "named: client @0x7f «ip6»#‹53012› (‹example.org›): query denied",
        "wpa_supplicant: passphrase «pw» too short for ‹wlan0›",
        "smbd: authentication for user ‹backup› from ipv6 «ip6» FAILED",
    ],
    "windows.security": [
        "An account failed to log on. Account Name: ‹svc_sql› Source Network Address: «ip» Source Port: ‹50122›",
        "net use Z: \\\\‹nas01›\\share /password:«pw» /user:‹CORP\\backup›",
        "powershell: New-Object PSCredential('‹svc›', (ConvertTo-SecureString '«pw»' -AsPlainText -Force))",
        "HKLM\\Software\\Acme: DefaultPassword=\"«pw_hard»\" AutoAdminLogon=‹1›",
        "<add key=\"ApiSecret\" value=\"«generic»\" /> in ‹web.config›",
        "<add name=\"Main\" connectionString=\"Server=‹sql2›;Uid=sa;Pwd=«pw»;\" />",
    ],
    "rust": [
        "Credentials { username: \"‹ci›\", password: \"«pw»\", realm: None }",
        "Err(AuthError { kind: ‹Denied›, token: Some(\"«bearer»\") })",
        "reqwest::Error url: Url { scheme: \"https\", username: \"bot\", password: Some(\"«pw»\"), host: Some(Domain(\"‹git.example.org›\")) }",
        "user=User { id: ‹7›, email: \"«email»\", phone: Some(\"«phone»\") }",
        "HeaderMap {\"authorization\": \"Bearer «bearer»\", \"x-request-id\": \"‹=uuid›\"}",
    ],
    "elixir": [
        "[error] params: %{\"email\" => \"«email»\", \"password\" => \"«pw»\", \"_csrf_token\" => \"«generic»\", \"step\" => \"‹2›\"}",
        "** (MatchError) no match: {:error, %{card: \"«card»\", reason: ‹:declined›}}",
        "%Swoosh.Email{to: [{\"«name»\", \"«email»\"}], subject: \"‹Welcome›\"}",
        "%Plug.Conn{req_cookies: %{\"_app_key\" => \"«cookie»\"}, remote_ip: \"«ip»\", method: \"‹PUT›\"}",
    ],
    "scala": [
        "Customer(‹4711›,«email»,Some(«phone»),‹GOLD›)",
        "case LoginRequest(user = ‹ops›, password = «pw») => refused",
        "akka.http: HttpRequest(HttpMethod(POST),‹/pay›,List(Authorization: Bearer «bearer», Host: api))",
        "Patient(name=«name», dob=1980-02-03, ward=‹C4›)",
    ],
    "swift": [
        "Optional(\"«jwt»\") could not be verified by ‹SessionStore›",
        "[\"access_token\": \"«jwt»\", \"expires_in\": ‹3600›]",
        "keychain set secret_value=«generic» account=‹main›",
        "NSLocalizedDescription=No account for «email», NSErrorDomain=‹AcmeAuth›",
    ],
    "soap": [
        "<wsse:Username>‹erp›</wsse:Username><wsse:Password Type=\"…#PasswordText\">«pw_simple»</wsse:Password>",
        "<ns2:iban>«iban_plain»</ns2:iban><ns2:bic>‹BREXPLPW›</ns2:bic>",
        "<cc:CardNumber>«pan»</cc:CardNumber><cc:Type>‹VISA›</cc:Type>",
        "<Contact phone=\"«phone»\" mail=\"«email»\" role=\"‹billing›\"/>",
        "<pers:LastName>«family»</pers:LastName><pers:FirstName>«given»</pers:FirstName><pers:Grade>‹B›</pers:Grade>",
        "<soap:Header><Token>«bearer_long»</Token></soap:Header> action=‹GetStock›",
    ],
    "edi.batch": [
        "rec ‹00017›|«iban»|‹EUR›|00125.00|OK",
        "NAD BY «email»::9' UNT+‹12›+1'",
        "FEHLER Zeile ‹88›: Konto «iban» unbekannt",
        "payment file line 7: IBAN «iban_plain» BIC ‹DEUTDEFF› amount 12,50",
        "Überweisung an «iban» ausgeführt, Referenz ‹RF-2026-1›",
        "4 cards imported; last «card» holder ok, batch ‹B-20260114›",
        "pos terminal ‹T-881› card «card»",
        "card:«pan» cvv:«pin3» exp:‹12/29›",
        "CCNUM: «card» AMT: ‹12.00›",
        "visa «card» over limit on ‹2026-01-14›",
        "mastercard ending; full pan was «pan», mask it! (ticket ‹OPS-4417›)",
    ],
    "phones": [
        "IVR: caller «phone» pressed ‹3› after 12s",
        "Rufnummer «phone» gesperrt (Grund ‹7›)",
        "voicemail left for «phone_us» box ‹112›",
        "To: «phone» Body: your parcel ‹LX-771› is here",
        "whatsapp from=«phone» type=‹image›",
        "celular: «phone» | pedido: ‹PD-881›",
        "{phone:\"«phone»\",verified:‹false›}",
        ("lead", {"Phone Number": "«phone_us»", "source": "‹ads›"}),
        ("contact", {"contacts": [{"type": "mobile", "value": "«phone»"}, {"type": "‹web›", "value": "‹https://acme.example›"}]}),
        "dialplan: Dial(PJSIP/«phone» via ‹carrier-b›,30)",
    ],
    "ids": [
        "benefits: SSN «ssn» already claimed by plan ‹P-7›", "ssn:«ssn»|state:‹TX›", ("i9", {"employee_ssn": "«ssn»", "form": "‹I-9›"}), "Social Security Number is «ssn» per doc ‹W4›", "taxpayer «ssn» not matched at ‹IRS-TIN›", ("kyc", {"doc": {"type": "‹ssn›", "ssn_value": "«ssn»"}}),
        "El DNI «dni» ya está registrado en ‹Sevilla›", "nif: «dni»; municipio: ‹28079›", ("alta", {"documento_identidad": "«dni»", "pais": "‹ES›"}), "identificación «dni» rechazada por ‹AEAT›", "<dni>«dni»</dni><estado>‹OK›</estado>", "(dni «dni») firma ‹pendiente›",
        "C.F. «codice» duplicato in anagrafica ‹ATS-3›", ("utente", {"cod_fiscale": "«codice»", "provincia": "‹MI›"}), "codice=«codice» esito=‹KO›", "tessera sanitaria «codice» scaduta il ‹2026-03-01›", "'«codice»' non corrisponde a ‹comune F205›", "CF:«codice»",
        "użytkownik z numerem PESEL «pesel» zablokowany (‹3› próby)", ("wniosek", {"numer_pesel": "«pesel»", "urzad": "‹Gdynia›"}), "pesel «pesel» -> ‹404›", "PESEL=«pesel»;PLEC=‹K›", "<pac:Pesel>«pesel»</pac:Pesel><pac:Oddzial>‹2›</pac:Oddzial>", "[pesel: «pesel»] wizyta ‹W-12›",
        "NIR «nir» déjà affilié à la caisse ‹93›", "n° sécurité sociale : «nir» (régime ‹général›)", ("assuré", {"numeroSecuriteSociale": "«nir»", "centre": "‹Lyon›"}), "num_ss=«nir» statut=‹actif›", "<nir>«nir»</nir><rang>‹1›</rang>", "bénéficiaire «nir» : rejet ‹R03›",
    ],
    "names": [
        ("booking", {"booking": {"leadGuest": {"firstName": "«given»", "lastName": "«family»"}, "nights": 3, "board": "‹HB›"}}), ("visit", {"patient_full_name": "«name»", "room": "‹12A›"}), ("order", {"ship_to_name": "«name»", "carrier": "‹DPD›"}), ("loan", {"borrower_name": "«name»", "product": "‹mortgage›"}),
        "firstName=«given»&lastName=«family»&lang=‹it›", "employee_name: «name», shift: ‹night›", "{\"customer\":{\"name\":\"«name»\",\"tier\":\"‹gold›\"}}", ("legal", {"account": {"holderName": "«name»", "type": "‹joint›"}}), ("staff", {"staff": [{"displayName": "«name»", "role": "‹nurse›"}]}), "Dear «name», your invoice ‹R-771› is due",
    ],
    "sessions": [
        "JSESSIONID=«session_java»; no such session on ‹node-3›", "sid «session_hex» evicted, store ‹memcached›", "session token «session_hex» refreshed for app ‹ios›", ("auth", {"sessionToken": "«session_hex»", "ttl": 900, "node": "‹eu-2›"}), "GET /ws?session=«session_hex»&v=‹2› 101", "PHPSESSID: «session_hex» (gc ‹1440›)", "expired user session key: «session_hex» after ‹30m›", "X-Auth-Session: «session_hex» path=‹/v2/me›", ("rpc", {"meta": j({"session_id_token": "«session_hex»", "rpc": "‹Ping›"})}),
        "Set-Cookie: remember_me=«cookie»; Expires=‹Wed, 14 Jan 2026 00:00:00 GMT›", "cookie jar: {'session': '«cookie»', 'tz': '‹UTC›'}", "Cookie: a_sid=«cookie»; currency=‹EUR›", ("proxy", {"request.headers.cookie": "token=«cookie»; mode=‹list›"}), "document.cookie='auth_token=«cookie»' on ‹/login›", "> Cookie: XSRF-TOKEN=«cookie»; lang=‹fr›", ("har", {"headers": [{"name": "cookie", "value": "uid=«cookie»; beta=‹on›"}]}), "cookies={uid: «cookie», beta: ‹on›}",
    ],
    "basic": [
        "401 for Authorization: Basic «basic» realm ‹ops›", ("es", {"headers": {"authorization": "Basic «basic»"}, "path": "‹/_bulk›"}), "wget --header=\"Authorization: Basic «basic»\" ‹https://dl.example/x›", "auth header 'basic «basic»' from ‹legacy-agent›", "AUTHORIZATION=Basic+«basic»&path=‹/x›", "[\"Authorization\", \"Basic «basic»\"], [\"Accept\", \"‹text/xml›\"]",
    ],
    "bearers": ["authorization: Bearer «bearer» denied by policy ‹read-only›", ("grpc", {"authorization": "bearer «bearer»", "te": "‹trailers›"}), "curl -XPOST ‹https://x.example/v1› -H \"authorization: Bearer «bearer»\"", "Got bearer token «bearer» from ‹metadata server›", "headers => {Authorization => 'Bearer «bearer»'}, timeout => ‹5›", "oauth2: token=«bearer» type=‹bearer›"],
    "jwts": ["jwt malformed: «jwt»", ("sso", {"assertion": "«jwt»", "aud": "‹crm›"}), "?jwt=«jwt»&lang=‹de›", "cookie id_token=«jwt»; path=‹/›", "decoded header of «jwt» ok (alg ‹RS256›)", "x-amzn-oidc-data: «jwt» target=‹tg-1›"],
    "urls": ["git remote add o https://ci:«pw_url»@‹git.example.org/x.git›", "DATABASE_URL='postgresql+asyncpg://app:«pw_url»@‹pg:5432/app›'", "proxy http://user:«pw_url»@‹proxy.corp:3128› timed out", ("celery", {"broker_url": "amqps://celery:«pw_url»@‹mq.example›/prod"}), "smtp://mailer:«pw_url»@‹smtp.example:587›?starttls=‹true›", "clickhouse://ro:«pw_url»@‹ch-1:9000/logs›", "ldaps://cn=svc:«pw_url»@‹dc2.corp:636›"],
    "kv": ["DB_PASSWD: «pw» DB_HOST: ‹pg-2›", "set admin password = «pw» on ‹router-3›", "PASSWORD='«pw»' rejected: ‹too common›", "ansible_become_pass=«pw» ansible_host=‹web-4›", "--db-password='«pw_hard»' --db-name ‹shop›", "new_password=«pw#1»&confirm=«pw#1»&csrf=‹none›", "spring.redis.password: «pw»\nspring.redis.port: ‹6379›", "mysql -u root --password=«pw» ‹shop› < dump.sql", "pass: «pw» / user: ‹ftp-upload›", "passwd=«pw»,uid=‹7›", "user: ‹admin› pass: «pw»", "current password '«pw»' does not match for ‹uid 12›"],
    "pwjson": ["{\"Password\":\"«pw_json»\",\"Host\":\"‹h1›\"}", ("evt", {"msg": "{\"auth\":{\"user\":\"a\",\"pass\":\"«pw_json»\"},\"op\":\"‹bind›\"}"}), ("evt", {"settings": [{"Name": "SmtpPassword", "Value": "«pw_json»"}, {"Name": "SmtpHost", "Value": "‹mx›"}]}), "b'{\"user_password\": \"«pw_json»\", \"keep\": ‹true›}'", ("evt", {"newPwd": "«pw_json»", "retries": 2, "op": "‹set›"}), "{'passphrase': '«pw_json_hard»', 'cipher': '‹aes›'}", ("evt", {"x": j({"y": j({"z": {"dbPassword": "«pw_json»", "port": 5432}})}), "kind": "‹cfg›"}), "[{\"key\":\"password\",\"value\":\"«pw_json»\"},{\"key\":\"host\",\"value\":\"‹h2›\"}]"],
    "keys": ["key id «aws» is inactive (‹us-gov-west-1›)", ("sts", {"assumed": {"access_key": "«aws»", "secret_key": "«aws_secret»", "region": "‹eu-south-2›"}}), "AWS_ACCESS_KEY_ID=«aws» AWS_SECRET_ACCESS_KEY=«aws_secret» AWS_REGION=‹eu-west-1›", "s3cmd --access_key=«aws» --secret_key=«aws_secret» ls ‹s3://x›", "SignatureDoesNotMatch for «aws»: host ‹sqs.eu-west-1›", "git push failed for «github» on ‹refs/heads/main›", ("ci", {"secrets": {"token": "«github»"}, "runner": "‹r-3›"}), "token «github» expires ‹2026-12-31›", "GH_TOKEN: «github»\nCI: ‹true›", "octokit: HttpError 401 with «github» (‹/user›)", "probot: installation token «github» for ‹acme/api›",
        "slack: token_revoked «slack» team ‹T-acme›", "SLACK_WEBHOOK=https://hooks.slack.com/services/«slack_hook» CHANNEL=‹ops›", ("bolt", {"token": "«slack»", "signing": "‹v0›"}), "curl -d '{}' https://hooks.slack.com/services/«slack_hook» -> ‹410›", "rtm.start with «slack» -> ‹missing_scope›", "slack cfg {bot: «slack», app: ‹A012›}",
        "stripe key «stripe» rolled, new one in ‹vault›", ("pay", {"apiKey": "«stripe»", "ver": "‹2025-06-30›"}), "Bearer «stripe» -> 402 ‹card_declined›", "stripe listen --api-key «stripe» --forward-to ‹localhost:3000›", "webhook secret «stripe» mismatched, tolerance ‹300›", "STRIPE_RK=«stripe»\nPORT=‹80›",
        "geocode 403 for key=«google» (region ‹de›)", ("maps", {"google_api_key": "«google»", "zoom": 12, "style": "‹night›"}), "fcm: server key «google» invalid for ‹com.acme›", "GET /youtube/v3/search?part=‹snippet›&key=«google»", "vision api «google» quota ‹1800/min›", "client_secret=«google» client_id=‹77-ab.apps.googleusercontent.com›",
        "api token: «generic» scope: ‹read›", "X-API-KEY=«generic» zone=‹b›", ("cf", {"X-Auth-Key": "«generic»", "zone": "‹z1›"}), "app_secret=«generic»&app=‹77›", "DD_API_KEY=«generic» DD_SITE=‹datadoghq.eu›", "client_secret: '«generic»' issuer: ‹https://id.example›", "{\"apiSecret\":\"«generic»\",\"env\":\"‹prod›\"}", "webhook signed with secret «generic» for ‹endpoint 4›", "--token=«generic» --once ‹job7›", ("hook", {"verification_token": "«generic»", "challenge": "‹ok›"}), "auth_token «generic» for ‹device-3›", "«gitlab» cannot read ‹group/infra›", "sdk init «sendgrid» region ‹eu›", "ANTHROPIC_API_KEY=«anthropic» MODEL=‹haiku›", "OPENAI «openai» org ‹org-1›",
        "key dump «pem» end of ‹dump›", ("k8s", {"data": {"tls.key": "«pem»", "tls.crt": "‹-----BEGIN CERTIFICATE-----›"}}), "pem: \"«pem|j»\" in ‹config.json›", "private_key=«pem|j» alg=‹ES256›", "wrote key «pem_cut»"],
    "mails": ["bounced: «email» (‹mailbox full›)", "rcpt=«email»;queue=‹q7›", "Email Address: «email» - plan ‹basic›", "?login_hint=«email|q»&prompt=‹none›", ("m", {"to_addresses": ["«email»", "«email»"], "tpl": "‹welcome›"}), "«email» -> /dev/null, rule ‹12›", "signed-off-by: dev <«email»> in ‹abc123›"],
}
CLEAN_LINES: Final[dict[str, list[Line]]] = {
    "night": [
        "password hash algorithm switched to argon2id", "user chose 'show password'", "4 passwords rotated by vault-agent in 88ms", "PASSWORD_EXPIRED event queue drained", "pwd: /srv/app/current", "pass 3 of 5 complete, 12 warnings", "test suite: 412 pass, 3 fail", "passenger count 188, gate B12", "secret santa pairing done for 14 people", "secretary group synced from LDAP", "keyboard layout de-latin1 loaded", "monkey patching requests.Session", "token ring adapter tr0 removed", "tokenizer vocab=50257 merges=50000", "next page token is empty", "session 14 of conference track B starts 09:30", "cookie cutter template rendered", "authorised capital updated in ledger view", "author=jdoe commit=‹=short› files=12", "authority record au-2026-004417 indexed",
        "card layout: 3 columns, gap 16px", "sim card tray opened", "card 4 of 52 dealt to seat 3", "pan/tilt set to 120/45", "pin 13 set HIGH", "PIN entry screen shown", "otp feature flag: off", "bank holiday calendar 2026 loaded", "account manager view opened", "iban_check=skipped country=US", "phone booth mode enabled", "telemetry batch 88412 flushed", "cell B12 recalculated in 3 ms", "mobile breakpoint 390px active", "fax gateway retired 2024-12-31", "call stack depth 412", "dial timeout 5000ms exceeded after 3 tries", "contact sheet contact-0012.png written",
        "order 4417-889-0012 picked at 14:05", "invoice no. 2026/001188 paid", "part 555-0123-44 on back order", "PO 4500017731 released by MM", "RMA 300-22-1184B opened", "flight LH 1188 delayed 00:45", "train ICE 571 platform 7", "case 2026-0114-0093 assigned", "lot 20260114-A expires 2027-01", "plate count 14 15 16 17", "meter 1234 5678 reading 88.4", "room 212-555 cleaned", "ISBN 9780306406157 reprint", "ISSN 2049-3630 indexed", "EAN13 5901234123457 scanned", "UPC 036000291452 unknown", "GTIN 00012345600012 mapped", "LEI 5493001KJTIIGC8Y1R12 active", "VIN check disabled for fleet 7", "DOI 10.1000/182 resolved",
        "v1.2.3.4-rc1 tagged", "kernel 5.15.0.91 booted", "OpenSSL 3.0.2.1 loaded", "Chrome/120.0.6099.109 Safari/537.36", "schema version 20.1.4.12 applied", "oid 1.3.6.1.4.1.311 registered", "asn1 2.5.29.17 parsed", "bios F.60.0.2 flashed", "chapter 3.1.4.2 of manual", "std::chrono::seconds(12)", "a::b::c resolved to module", "12:34:56.789 up 4 days", "00:1a:2b:3c:4d:5e joined ap-3", "ratio 1:2:4:8", "fe80 scope link only", "range 10:20:30 step 5",
        "uuid ‹=uuid› ok", "objectid ‹=objectid› indexed", "sha ‹=sha1› built", "digest sha256:‹=sha256› pulled", "ulid ‹=ulid› queued", "trace=‹=trace› span=‹=span›", "offset=‹=n12› lag=0", "id=‹=n8› v=3", "ts=‹=epoch_ms› ok", "bytes=‹=n10›", "etag \"‹=trace›\"", "idempotency-key: ‹=uuid›", "x-request-id: ‹=trace›", "correlation ‹=n16›", "blob ‹=sha256›.bin",
        ("evt", {"key": "settings.theme", "value": "dark"}), ("evt", {"name": "Nightly Rollup", "owner_team": "data"}), ("evt", {"code": "E_TIMEOUT_4417", "state": "retrying"}), ("evt", {"card_type": "visa", "card_last4": "1881", "card_exp": "04/29"}), ("evt", {"token_count": 412, "total_tokens": 1515}), ("evt", {"phone_type": "mobile", "phone_valid": True}), ("evt", {"email_verified": True, "email_domain": "example.org"}), ("evt", {"session.duration_s": 412, "session.pages": 7}), ("evt", {"ip_version": 6, "ip_family": "v6"}), ("evt", {"file.name": "Annual Report.pdf", "host.name": "web-4"}), ("evt", {"country_name": "Costa Rica", "city_name": "San José"}), ("evt", {"password_changed_at": "2026-01-14T09:30:00Z", "auth_type": "saml"}),
        ("evt", {"body": j({"key": "a/b/c.parquet", "size": 88412, "etag": "‹=trace›"})}), ("evt", {"payload": j({"name": "order.created", "version": "1.0.4.2"})}), ("evt", {"list": [["retries", "3"], ["mode", "fast"]]}), ("evt", {"author": "renovate[bot]", "branch": "renovate/django-5.x"}),
    ],
}
# fmt: on
