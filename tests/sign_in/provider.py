"""An identity provider that speaks OpenID Connect over HTTP, with keys and signatures of its own."""

import json
import threading
import time
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CLIENT = {"client_id": "diagnostics", "client_secret": "the-secret-of-the-client"}


class Provider(ThreadingHTTPServer):
    """`claims` are of whoever signs in next."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.claims = {}
        self.codes = {}

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Provider

    def log_message(self, *_):
        pass

    def do_GET(self):
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            issuer = self.server.issuer
            self.answer({
                "issuer": issuer, "authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token",
                "userinfo_endpoint": f"{issuer}/userinfo", "jwks_uri": f"{issuer}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            })  # fmt: skip
        elif parts.path == "/authorize":
            code = f"code-{len(self.server.codes)}"
            self.server.codes[code] = query
            self.send_response(302)
            self.send_header(
                "Location", f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"
            )
            self.end_headers()
        elif parts.path == "/userinfo" and self.headers["Authorization"] == "Bearer the-access-token":
            self.answer(self.server.claims)
        else:
            self.answer({"error": "not here"}, 404)

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.codes.pop(form["code"][0], None)
        proof = urlsafe_b64encode(sha256(form.get("code_verifier", [""])[0].encode()).digest()).rstrip(b"=").decode()
        good = asked is not None and asked.get("code_challenge") == proof
        if not good or form["client_secret"][0] != CLIENT["client_secret"]:
            self.answer({"error": "invalid_grant"}, 400)
            return
        claims = {"iss": self.server.issuer, "aud": CLIENT["client_id"], "exp": time.time() + 60, "iat": time.time()}
        token = jwt.encode({**claims, **self.server.claims}, KEY, algorithm="RS256", headers={"kid": "1"})
        self.answer({"access_token": "the-access-token", "token_type": "Bearer", "id_token": token})

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running_provider():
    server = Provider()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
