"""What web services of many languages log: frameworks, proxies, sign-in, outgoing calls.

In a line «kind» is private and must go, ‹text› must stay; «kind|q» is the value as a URL spells it, ‹=kind› a made value that must
stay, and «kind#1» the same value wherever it stands. A pair is a message with its attributes.
"""

import json
from typing import Any, Final

Line = str | tuple[str, dict[str, Any]]


def j(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


# fmt: off
LINES: Final[dict[str, list[Line]]] = {
    "org.springframework.web.servlet.DispatcherServlet": [
        'Completed 422 UNPROCESSABLE_ENTITY for POST "‹/api/v2/accounts›", parameters={email=[«email»], locale=[‹pt_BR›], newsletter=[true]}',
        "Resolved [org.springframework.web.bind.MethodArgumentNotValidException: Validation failed for argument [0] in ‹com.acme.crm.api.ContactController.create›: [Field error in object 'contactForm' on field 'mobile': rejected value [«phone»]; codes [Pattern.contactForm.mobile]]]",
        "Resolved [MethodArgumentNotValidException: Field error in object 'signupForm' on field 'password': rejected value [«pw»]; codes [‹Size.signupForm.password›,Size.password]; default message [size must be between 12 and 64]]",
        "Request DTO: RegisterRequest(email=«email», password=«pw», fullName=«name», acceptTerms=‹true›)",
        "LoginCommand{username='‹ops-batch›', password='«pw_hard»', otp=null, clientId=‹web-7›}",
        'DefaultHandlerExceptionResolver - Could not read JSON: Unrecognized field "pasword" at [Source: {"user":"‹kjo›","pasword":"«pw_json»"}; line: 1, column: 31]',
    ],
    "o.h.engine.jdbc.spi.SqlExceptionHelper": [
        "ERROR: duplicate key value violates unique constraint \"‹uk_customer_email›\" Detail: Key (lower(email))=(«email») already exists.",
        "binding parameter (‹3›:VARCHAR) <- [«email»]",
        "Could not open JDBC Connection: jdbc:postgresql://‹db-7.internal:5432/orders›?user=orders&password=«pw_url»&sslmode=‹require›",
        "HikariPool-1 - Exception during pool initialization: jdbc:sqlserver://‹sql01:1433›;databaseName=Billing;user=sa;password=«pw»;encrypt=‹true›",
    ],
    "c.a.security.JwtAuthenticationFilter": [
        "Invalid JWT signature for token: «jwt» (kid ‹2024-11›)",
        "Expired token [«jwt»] presented to ‹GET /v1/me›; allowed clock skew exceeded by ‹4132› ms",
        ("auth header dump", {"headers": {"host": "‹api.acme.io›", "authorization": "Bearer «jwt»", "accept": "‹application/json›"}}),
        ("unauthorised", {"http.request.header.authorization": ["Bearer «bearer»"], "http.route": "‹/v1/payouts/{id}›"}),
        "Set-Cookie: access_token=«jwt»; Path=/; Max-Age=‹900›; SameSite=Strict",
    ],
    "django.request": [
        "Internal Server Error: /accounts/reset/\n  POST: <QueryDict: {'csrfmiddlewaretoken': ['«session»'], 'email': ['«email»'], 'next': ['‹/dashboard/›']}>",
        "Invalid HTTP_HOST header; COOKIES: {'csrftoken': '«cookie»', 'sessionid': '«cookie»', 'theme': '‹dark›'}",
        ("Unhandled exception in view ‹checkout.views.confirm›", {"request.META": {"REMOTE_ADDR": "«ip»", "HTTP_USER_AGENT": "‹Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0›", "HTTP_COOKIE": "messages=W10:1tB; sessionid=«cookie»"}}),
        ("stack locals", {"exception.frames": [{"function": "‹authenticate›", "vars": {"username": "‹svc-report›", "password": "'«pw»'", "self": "<ModelBackend object at ‹0x7f3b2c1d9e80›>"}}]}),
        ("ValueError in ‹serializers.py›", {"exception.stacktrace": 'Traceback (most recent call last):\n  File "‹/srv/app/users/api.py›", line 88, in post\n    raise ValueError(f"bad phone {phone!r}")\nValueError: bad phone \'«phone»\''}),
        "IntegrityError: null value in column \"‹tenant_id›\" violates not-null constraint DETAIL: Failing row contains (‹4471›, «email», null, 2026-01-08 09:12:44+00, t).",
    ],
    "celery.app.trace": [
        "Task ‹mailer.tasks.send_welcome›[‹=uuid›] raised unexpected: SMTPRecipientsRefused({'«email»': (‹550›, b'5.7.1 Relaying denied')})",
        "Task ‹crm.sync›[‹=uuid›] received args=(['«email»', '«email»'],) kwargs={'dry_run': ‹False›}",
        "Cannot connect to amqp://worker:«pw_url»@‹rabbit-2.mq.svc:5672›/jobs: [Errno 111] Connection refused. Trying again in ‹8.00› seconds...",
        "consumer: Cannot connect to redis://:«pw_url»@‹cache-0.redis:6379›/3: Error 104 while writing to socket.",
    ],
    "main.go": [
        '{"level":"error","ts":‹1764000000.123›,"caller":"auth/handler.go:91","msg":"login failed","email":"«email»","attempt":‹3›}',
        'level=warn ts=2026-02-11T04:05:06.789Z caller=client.go:‹214› msg="retrying" url="https://‹hooks.example.org/v1/in›?access_token=«generic»&seq=‹9›" err="context deadline exceeded"',
        "http: proxy error: dial tcp «ip»:‹8443›: connect: connection refused",
        "read tcp 10.42.0.19:43122->[«ip6»]:‹443›: read: connection reset by peer",
        "panic: pq: password authentication failed for user \"‹ledger›\" [recovered] dsn=\"host=‹pg-main› port=5432 user=ledger password=«pw» dbname=ledger sslmode=disable\"",
        '&{Username:‹deploy› Password:«pw» Token: Insecure:‹false›}',
        'config loaded: {Addr:‹:8080› DB:{Host:‹pg› User:app Pass:«pw»} Stripe:{Key:«stripe» Version:‹2025-09-30›}}',
        "could not parse claims: token is expired by ‹1h12m3s›: «jwt»",
    ],
    "express": [
        "POST ‹/session› 401 - body={ email: '«email»', password: '«pw_hard»' } - ‹12.411 ms›",
        "Error: Request failed with status code ‹401›\n    at createError (‹/app/node_modules/axios/lib/core/createError.js:16:15›)\n  config: { headers: { Authorization: 'Bearer «bearer»' }, timeout: ‹10000› }",
        ("axios", {"err.config": j({"method": "‹post›", "headers": {"X-API-Key": "«generic»", "User-Agent": "‹axios/1.7.9›"}, "data": "{}"})}),
        "[nodemailer] Message failed: 535-5.7.8 Username and Password not accepted. auth: { user: '«email»', pass: '«pw»' } ‹smtp.gmail.com:465›",
        ("unhandledRejection", {"reason": "MongoServerError: bad auth : mongodb+srv://api:«pw_url»@‹cluster0.ab1cd.mongodb.net›/app?retryWrites=‹true›"}),
        ("req", {"req": {"id": "‹=n6›", "method": "‹GET›", "url": "/oauth/callback?code=«generic»&state=‹xyz›", "remoteAddress": "«ip»"}}),
        ("express-session: no session for connect.sid=«session», regenerating", {"store": "‹RedisStore›"}),
        "DEBUG passport-jwt extractor returned «jwt» for ‹/api/teams›",
        ("graphql", {"operationName": "‹SignIn›", "variables": {"input": {"email": "«email»", "password": "«pw_json_hard»", "rememberMe": "‹yes›"}}}),
        ('mutation ‹UpdateUser› { updateUser(id: ‹42›, email: "«email»", phone: "«phone»") { id } }'),
    ],
    "Microsoft.AspNetCore.Hosting.Diagnostics": [
        'Request starting HTTP/2 GET https://‹portal.contoso.example›/signin-oidc?id_token=«jwt»&session_state=‹-›',
        "System.Data.SqlClient.SqlException: Login failed. ConnectionString=Data Source=‹tcp:sql-prod.database.windows.net,1433›;Initial Catalog=Sales;User ID=salesapp;Password=«pw»;Connect Timeout=‹30›",
        "Executing DbCommand [Parameters=[@p0='«email»' (Size = ‹256›), @p1='‹Active›'], CommandType='Text'] UPDATE [AspNetUsers] SET [NormalizedEmail] = @p0",
        ("BadHttpRequestException", {"RequestHeaders": "Host: ‹portal.contoso.example›\r\nCookie: .AspNetCore.Identity.Application=«cookie»; culture=‹en-GB›\r\nAccept: */*"}),
        "DefaultEndpointsProtocol=https;AccountName=‹stprodlogs›;AccountKey=«generic»;EndpointSuffix=‹core.windows.net›",
        "Endpoint=sb://‹orders.servicebus.windows.net›/;SharedAccessKeyName=‹RootManageSharedAccessKey›;SharedAccessKey=«generic»",
        "PUT https://‹stprod.blob.core.windows.net/exports/2026-01.csv›?sv=2023-11-03&se=2026-02-01T00%3A00Z&sp=‹rcw›&sig=«generic|q»",
    ],
    "laravel": [
        '[2026-03-02 08:11:09] production.ERROR: SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry \'«email»\' for key \'‹users.users_email_unique›\' (SQL: insert into `users` (`name`, `email`, `password`) values («name», «email», ‹?›))',
        "[2026-03-02 08:12:41] local.DEBUG: array ( 'email' => '«email»', 'password' => '«pw»', 'remember' => ‹'on'›, )",
        "production.INFO: session payload a:2:{s:6:\"_token\";s:40:\"«generic»\";s:5:\"flash\";a:0:{}} route ‹cart.index›",
        "Swift_TransportException: Failed to authenticate on SMTP server with username \"«email»\" using ‹2› possible authenticators",
    ],
    "rails": [
        'Started POST "‹/users/sign_in›" for «ip» at 2026-04-01 12:00:01 ‹+0200›',
        'Parameters: {"utf8"=>"✓", "authenticity_token"=>"«generic»", "user"=>{"email"=>"«email»", "password"=>"«pw»", "remember_me"=>"‹1›"}, "commit"=>"‹Log in›"}',
        'ActiveRecord::RecordInvalid: Validation failed: Email «email» has already been taken (‹Users::Create›)',
        "[ActiveJob] Enqueued ‹SmsJob› (Job ID: ‹=uuid›) to Sidekiq(‹default›) with arguments: \"«phone»\", \"OTP\"",
        "Unpermitted parameters: :card_number => \"«card»\", :exp => ‹\"04/29\"›",
    ],
    "nginx": [
        '«ip» - - [14/Jan/2026:06:25:24 +0000] "GET ‹/assets/app-9f8e7d6c.js› HTTP/2.0" 200 ‹48213› "-" "‹Mozilla/5.0 (iPhone; CPU iPhone OS 18_2 like Mac OS X)›"',
        '«ip6» - ‹frank› [14/Jan/2026:06:25:29 +0000] "POST ‹/xmlrpc.php› HTTP/1.1" 403 ‹162›',
        '2026/01/14 06:25:31 [error] 29#29: *‹88121› limiting requests, excess: ‹20.480› by zone "login", client: «ip», server: ‹shop.example›, request: "POST /login HTTP/1.1"',
        '10.1.1.5 - - [14/Jan/2026:06:26:02 +0000] "GET /unsubscribe?m=«email|q»&c=‹jan26› HTTP/1.1" 302 0 "https://‹mail.example›/r"',
        '"GET /reset?token=«generic»&lang=‹nl› HTTP/1.1" 200 5120 rt=‹0.043› uct="0.001"',
        'x_forwarded_for="«ip», «ip», 172.16.4.9" upstream=172.16.9.21:8080 status=‹502›',
        '192.168.7.4 - - [14/Jan/2026:06:27:00 +0000] "GET /ws?ticket=«generic» HTTP/1.1" ‹101› 0 "-" "‹okhttp/4.12.0›"',
    ],
    "envoy.access": [
        ("upstream reset", {"downstream_remote_address": "«ip»:‹53122›", "authority": "‹checkout.prod.svc.cluster.local›", "x_request_id": "‹=uuid›", "response_flags": "‹UF,URX›"}),
        '[2026-05-05T05:05:05.555Z] "POST /v1/token HTTP/2" 400 - via_upstream "client_id=‹mobile›&client_secret=«generic»&grant_type=‹refresh_token›&refresh_token=«generic»"',
        ("rbac denied", {"source.address": "[«ip6»]:‹41230›", "principal": "‹spiffe://prod/ns/web/sa/cart›"}),
    ],
    "haproxy": [
        "«ip»:‹51422› [09/Feb/2026:10:11:12.345] fe_https~ be_app/‹app3› 0/0/1/27/28 200 ‹1873› - - ---- 88/88/2/1/0 0/0 {‹www.example.fr›} \"GET / HTTP/1.1\"",
        "http-request capture: authorization=\"Basic «basic»\" backend=‹be_admin› srv=‹<NOSRV>›",
    ],
    "oauth2": [
        ("token exchange", {"grant_type": "‹authorization_code›", "code": "«generic»", "code_verifier": "«generic»", "client_id": "‹=uuid›"}),
        ("token response", {"body": j({"access_token": "«bearer»", "token_type": "‹Bearer›", "expires_in": 3599, "refresh_token": "«generic»", "scope": "‹openid profile›"})}),
        ("saml", {"saml.response": "PHNhbWxwOlJlc3BvbnNl", "saml.nameId": "«email»", "saml.issuer": "‹https://sts.example.net/idp›"}),
        ("introspect", {"request.form": "token=«bearer»&token_type_hint=‹access_token›"}),
        "id_token=«jwt» nonce=n-0S6_WzA2Mj verified for audience ‹web-portal›",
        "GET /userinfo -> {\"sub\":\"‹auth0|66f1c2›\",\"email\":\"«email»\",\"given_name\":\"«given»\",\"family_name\":\"«family»\",\"email_verified\":‹true›}",
        ("Bearer challenge", {"sent": "authorization: bearer «bearer»", "got": "‹WWW-Authenticate: Bearer error=\"invalid_token\"›"}),
        "Proxy-Authorization: Basic «basic» rejected by ‹squid-3.corp:3128› with 407",
        ("legacy client", {"env": {"HTTP_AUTHORIZATION": "Basic «basic»", "REQUEST_URI": "‹/legacy/soap›"}}),
        "curl --request GET --url ‹https://api.example.dev/v3/reports› --header 'authorization: Basic «basic»' --header 'accept: ‹text/csv›'",
        "urllib3 send: b'GET ‹/v1/items› HTTP/1.1\\r\\nHost: api\\r\\nAuthorization: Basic «basic»\\r\\n\\r\\n'",
        ("webhook delivery failed", {"request_headers": [["content-type", "‹application/json›"], ["authorization", "Basic «basic»"], ["x-attempt", "‹4›"]]}),
        ("webhook delivery failed", {"request_headers": [{"name": "Authorization", "value": "Bearer «bearer»"}, {"name": "Accept", "value": "‹*/*›"}]}),
        "grpc metadata: :authority=‹inventory:50051› authorization=[Bearer «bearer»] grpc-timeout=‹250m›",
        "wscat -H \"Authorization: Bearer «bearer»\" -c ‹wss://stream.example/v2/prices›",
        "HTTPie: http ‹https://api.example/v1/me› 'Authorization:Bearer «bearer»' --check-status",
        "fetch('‹https://api.example/u/1›', { headers: { 'authorization': `Bearer «bearer»` } }) failed: TypeError",
        "{'Authorization': 'Token «generic»', 'Content-Type': '‹application/json›'}",
        ("signature mismatch", {"headers.x-hub-signature-256": "sha256=0f3a", "headers.x-event": "‹push›", "headers.x-auth-token": "«generic»"}),
        "requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://‹api.vendor.example/v1/geo›?lat=‹48.2082›&lon=‹16.3738›&appid=«generic»",
        "Digest username=\"‹cam01›\", realm=\"IPCam\", nonce=\"‹4d6f›\", uri=\"/onvif\", response=\"‹6629fae49393a05397450978507c4ef1›\" password=«pw»",
    ],
    "session": [
        ("cookie jar", {"cookies": [{"name": "‹lang›", "value": "‹de›"}, {"name": "SID", "value": "«cookie»"}]}),
        "Cookie: _ga=GA1.2.1123581321.1700000000; wordpress_logged_in_5a=«cookie»; wp-settings-1=‹libraryContent›",
        "< set-cookie: __Host-session=«cookie»; Secure; HttpOnly; Path=‹/›",
        "set-cookie: ARRAffinity=‹9f2c›; refreshToken=«cookie»; Domain=‹.example.org›",
        ("rack.request", {"rack.request.cookie_hash": {"_shop_session": "«cookie»", "locale": "‹fr›"}}),
        "HTTP_COOKIE=PHPSESSID=«cookie»; consent=‹all›",
        "curl -b 'auth_session=«cookie»; region=‹emea›' ‹https://intranet.example/ping›",
        ("har entry", {"har": j({"request": {"method": "‹GET›", "cookies": [{"name": "laravel_session", "value": "«cookie»"}], "headersSize": 412}})}),
        "Session ‹store=redis› sessionId=«session» expired after ‹1800›s",
        ("ws connect", {"handshake.query": {"sid": "«session»", "transport": "‹websocket›", "EIO": "‹4›"}}),
        "GET /portal/home.do;jsessionid=«session»?tab=‹orders› 200",
        "ASP.NET_SessionId=«session» not found in state server ‹tcpip=127.0.0.1:42424›",
        ("session restored", {"session.token": "«session»", "session.age_s": "‹4021›"}),
        ("restore", {"payload": j({"sessionKey": "«session»", "device": "‹Pixel 9›"})}),
        "csrf_token mismatch: csrf_token=«generic» path on ‹/settings/profile›",
        ("user impersonated", {"impersonation": {"session_cookie": "«session»", "reason": "‹ticket 5521›"}}),
        "x-session-token: «session» rejected (‹idle timeout›)",
        "LtpaToken2=«session» invalid; redirecting to ‹/ibm_security_logout›",
    ],
}
# fmt: on
