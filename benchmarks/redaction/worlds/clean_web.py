"""Harmless lines of services and people that look private: every word of them must survive; ‹=kind› is a made value."""

from typing import Final

from benchmarks.redaction.worlds.web import Line

# fmt: off
LINES: Final[dict[str, list[Line]]] = {
    "auth": [
        "password reset page viewed", "token expired", "Invalid token", "Password changed successfully for user id ‹=n6›", "password must contain at least 12 characters",
        "login failed: bad password (attempt 3 of 5)", "session expired after 1800 seconds", "refresh token rotation enabled for client web", "secret rotation finished in 312ms, 4 keys rotated",
        "CSRF token missing or incorrect: /cart/add/", "api key not found in request", "Missing Authorization header", "no bearer token supplied", "unsupported auth scheme: Basic",
        "Using password: YES", "password policy: min_length=12 max_age=90d history=5", "passwordless login started for tenant acme", "auth method=password result=success mfa=totp",
        "cookie consent banner shown, choice=all", "Cookies are disabled in this browser", "set-cookie skipped: response already committed", "access token lifetime set to 3600 s", "token bucket: 118 of 200 tokens left",
        "jwt signing algorithm RS256, kid=2026-01", "tokens used: prompt=1204 completion=311 total=1515", "max_tokens=4096 temperature=0.2 model=gpt-4o-2024-11-20", "password field left empty", "password: required",
        "passwd binary not found in PATH", "auth=none transport=stdio", "basic auth disabled for /metrics", "user pressed 'Forgot password?'", "PasswordResetForm.clean took 12 ms", "SecretManager client initialised in 88 ms",
        "credentials provider chain: env, profile, instance metadata", "private key loaded from /etc/ssl/private/api.key", "public key fingerprint SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8", "pin board updated: 4 items pinned",
        ("login", {"password_present": True, "password_length": 14, "mfa": "webauthn"}), ("policy", {"password.min_length": 12, "token.ttl": "15m", "session.timeout_s": 1800}),
        ("oidc", {"token_type": "Bearer", "token_endpoint": "https://id.example.net/oauth2/token", "grant_types": ["authorization_code", "refresh_token"]}), ("ratelimit", {"tokens_remaining": 41, "tokens_limit": 60}),
        ("llm call", {"gen_ai.usage.input_tokens": 1204, "gen_ai.usage.output_tokens": 87, "gen_ai.request.max_tokens": 2048}), ("secret ref", {"secretName": "db-creds", "secretKeyRef": {"name": "db-creds", "key": "url"}}),
        ("policy", {"cookie_policy": "strict", "password_policy": "nist", "auth_provider": "okta"}), ("flags", {"password_reset_enabled": True, "has_secret": False, "is_token_valid": False}),
        "reset link sent, expires in 15 minutes", "auth: user=anonymous roles=[] granted=false", "2 failed passwords since last login", "session affinity cookie mode=insert timeout=30m", "sessionid header absent, starting anonymous session",
    ],
    "http.access": [
        'GET /api/orders?key=pageSize&value=50 HTTP/1.1" 200 512', "GET /search?q=token+ring&sort=price&page=2 200 34ms", "GET /i18n/password.json 304", "POST /v1/passwords/strength 204 3ms", "GET /docs/api-keys/create?lang=fr 200",
        "GET /static/js/auth.3f9d1c2b.chunk.js 200 18231", "GET /users/‹=n8›/orders/‹=n10› 200", "GET /v2/catalog/‹=uuid› 404", "GET /tiles/12/2200/1343.png 200 cache=HIT", "HEAD /blob/sha256:‹=sha256› 200",
        "GET /weather?lat=52.5200&lon=13.4050&units=metric 200", "PUT /upload/part?partNumber=7&uploadId=‹=ulid› 200", "GET /calendar/2026-01-14/09:30 200", "GET /products/978-3-16-148410-0 200", "GET /favicon.ico 404 0 - 0.2ms",
        "user agent Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.2903.112", "ua=okhttp/4.12.0 os=Android/15 build=AP3A.241005.015", "User-Agent: Dalvik/2.1.0 (Linux; U; Android 14; SM-A546B Build/UP1A.231005.007)",
        "ua=Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "curl/8.11.0 libcurl/8.11.0 OpenSSL/3.4.0 zlib/1.3.1 nghttp2/1.64.0", "etag W/\"5f3-18c2a9b7d10\" matched, 304", "If-None-Match: \"‹=trace›\"", "x-amz-request-id: 4B1FA0FA7E3B2C9D x-amz-cf-pop: FRA56-P7",
        "cf-ray=8f2b1c9d4e5a6b7c-AMS colo=AMS", "range bytes=1048576-2097151/16777216", "content-length=4532011 content-type=image/avif", "upstream_response_time=0.031, 0.004 status=502, 200", "listening on 0.0.0.0:8080", "proxying [::]:443 -> 127.0.0.1:9000", "bound to [::1]:6060",
        ("request", {"http.route": "/v1/tokens/{token_id}", "http.status_code": 200, "http.request_id": "‹=uuid›", "duration_ms": 12.5}), ("request", {"url.path": "/account/password", "url.query": "step=2&locale=en_GB", "server.port": 8443}),
        ("request", {"user_agent.original": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1.1 Safari/605.1.15"}), ("trace", {"trace_id": "‹=trace›", "span_id": "‹=span›", "parent_span_id": "‹=span›", "trace_flags": "01"}),
        ("traceparent", {"http.request.header.traceparent": "00-‹=trace›-‹=span›-01", "tracestate": "rojo=00f067aa0ba902b7"}),
    ],
    "shop": [
        "order ‹=n10› created with 3 items", "order number ‹=luhn› shipped", "order_id=‹=n16› status=PAID", "SKU TS-1140-XL-BLK restocked +40", "EAN 4006381333931 scanned at till 7", "ISBN 978-0-306-40615-7 out of print", "invoice INV-2026-000417 total 1,299.00 EUR",
        "parcel 1Z999AA10123456784 left depot LEJ", "tracking 00340434161094042557 status=IN_TRANSIT", "container MSCU6639870 loaded on vessel IMO 9321483", "voucher SPRING-2026-4417 applied, -10 %", "basket ‹=uuid› merged into ‹=uuid›", "cart total 4111.11 after discount 222.33",
        "price feed: 1234567890123 rows=88412", "warehouse bin A-12-03-4 empty", "customer id ‹=n8› upgraded to gold", "customer_ref=CUST-‹=n6› churned", "VAT rate 21 % applied to 14 lines", "payment method: card, brand=visa, last4=4242", "card on file expires 04/29", "card ending in 1881 declined",
        "bin=411111 issuer=Example Bank country=PL", "payment intent pi_3PqRsT2eZvKYlo2C1abcDEFg succeeded", "refund re_3PqRsT2eZvKYlo2C0Xy12345 created", "checkout session cs_test_a1B2c3D4e5F6g7H8 expired", "price price_1PqRsT2eZvKYlo2C archived", "batch 20260114093012 closed, 1204 entries", "serial no. C02XK1ZZJGH5 registered",
        ("order", {"order_number": "‹=luhn›", "external_ref": "‹=n12›", "sku": "0012345678905"}), ("shipment", {"tracking_number": "‹=n12›", "carrier": "DHL", "pieces": 4}), ("product", {"name": "Winter Jacket Blue", "brand": "Norrøna", "gtin": "07350053850019"}),
        ("catalogue", {"product_name": "Espresso Kocher 6 Tassen", "category": "kitchen/coffee", "rating": 4.7}), ("store", {"store.name": "Berlin Mitte", "store.id": 117, "till": 4}), ("payment", {"amount": "129900", "currency": "HUF", "method": "transfer", "installments": 12}),
        ("event", {"event_id": "‹=ulid›", "event_name": "checkout.completed", "ts": "‹=epoch_ms›"}), ("coupon", {"coupon_key": "WELCOME10", "key": "discount", "value": "10%"}), ("ledger", {"entry": "‹=n19›", "debit": 1250.5, "credit": 0}),
        "IBAN validation enabled for 34 countries", "phone number verification step skipped", "email template order_confirmation v14 rendered in 7ms", "e-mail queue length 1180, oldest 42 s", "SMS gateway latency p95=812ms", "card reader firmware 3.11.4.0 ok", "customer name is required", "name=OrderPlaced version=3 handler=ProjectionHandler",
        "calling carrier API for rates, 3 quotes returned", "call 4155 of 9000 completed", "phone model Pixel 9 Pro, screen 1280x2856", "fax line disabled", "mobile app version 7.12.0 (71200345)",
    ],
    "people.look-alikes": [
        "git@github.com:acme/widgets.git cloned in 4 s", "logo@2x.png optimised 18 %", "npm i @acme/ui-kit@3.4.1", "pkg:npm/%40angular/core@17.3.0", "docker pull ghcr.io/acme/api@sha256:‹=sha256›", "action uses actions/checkout@v4.2.2", "decorator @login_required missing on view export", "mention @channel in #ops", "ssh deploy@edge-4 'uptime'",
        "hotel rating 4.5/5 from 1,204 reviews", "lat=-33.8688 lng=151.2093 acc=12.5m", "POINT(151.209300 -33.868800)", "geohash u33dc0cpnnx8", "bbox=13.0884,52.3383,13.7611,52.6755", "ratio 16:9, 1920x1080@59.94", "timer 12:34:56 elapsed, lap 3", "match score 3-1 (2-0) at 90:00+4", "season 2025-2026 week 21",
        "blood pressure 120/80, hr 64", "ICD-10 J18.9, CPT 99213", "dose 500-250-125 mg", "MRN lookup took 23 ms", "ward C4 bed 12 free", "player level 88 xp 1234567", "lobby 5f3a closed, 64/64 players", "patch 1.2.3.4 deployed to region eu-west-1", "firmware 10.4.2.1 installed on 310 devices", "driver version 31.0.15.5222",
        "build 2026.01.14.3 green", "assembly Newtonsoft.Json, Version=13.0.0.0, Culture=neutral, PublicKeyToken=30ad4fe6b2a6aeed", "std::vector<a::b>::push_back overload", "Foo::Bar::Baz.call at line 12", "C:\\Users\\Public\\Documents\\report_2026-01.xlsx saved", "/var/log/nginx/access.log.20260114.gz rotated", "s3://backups-2026/pg/base_000000010000000A000000B7.tar", "file:///opt/app/lib/spring-core-6.2.1.jar",
        ("user", {"user.id": "‹=n8›", "user.roles": ["editor"], "org.name": "Acme Oy"}), ("service", {"service.name": "checkout", "service.version": "2.14.0.7", "host.name": "ip-10-0-3-77"}), ("device", {"device.model.name": "SM-S928B", "os.name": "Android", "os.version": "15"}),
        ("thread", {"thread.name": "http-nio-8080-exec-7", "thread.id": 88, "logger.name": "com.acme.Main"}), ("file", {"file_name": "IMG_20260114_093012.jpg", "display_name": "Quarterly report", "size": 4532011}), ("city", {"city": "San José", "country": "CR", "timezone": "America/Costa_Rica"}),
        ("job", {"name": "nightly-rollup", "full_name": "jobs.rollup.NightlyRollup", "schedule": "0 3 * * 1-5"}), ("column", {"first_name_column": "A", "last_row": 88, "name_count": 2}), ("template", {"username_field": "email", "name_format": "{first} {last}"}), ("contact form", {"form.name": "contact_us", "field.name": "phone", "field.valid": False}),
    ],
}
# fmt: on
