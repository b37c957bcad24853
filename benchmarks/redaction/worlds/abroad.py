"""A seventh labelled set: offices and tools of several countries, and notations that the others lack. The marks are those of `web`."""

from typing import Final

from benchmarks.redaction.worlds.web import Line, j

# fmt: off
PRIVATE_LINES: Final[dict[str, list[Line]]] = {
    "italy": [
        ("prenotazione confermata", {"paziente": {"nome": "«given»", "cognome": "«family»", "cf": "«codice»", "cellulare": "«phone»"}, "reparto": "‹OCU-3›"}),
        ("posizione debitoria", {"soggettoPagatore": {"anagraficaPagatore": "«name»", "codiceIdentificativoUnivoco": "«codice»"}, "iuv": "‹01706348389598287›"}),
        ("riga cambiata", {"after": j({"id": 44120, "nome": "«given»", "cod_fiscale": "«codice»", "op": "‹c›"})}),
        ("atto registrato", {"intestatario": {"nomeCompleto": "«name»"}, "repertorio": "‹Rep. 4417/2026›"}),
        "attribute fiscalNumber=TINIT-«codice» idp=‹posteid›", "GET /api/v1/profiles/«codice» ‹404›",
    ],
    "france": [
        "virement rejeté motif=‹AC04› titulaire=\"«name»\" compte «iban»",
        ("lecture carte", {"beneficiaire": {"numeroSecuriteSociale": "«nir»", "nomUsage": "«family»"}, "lecteur": "‹PC/SC-0421›"}),
        ("profil mis à jour", {"interimaire": {"nom": "«family»", "prenom": "«given»", "agence": "‹Lyon Part-Dieu›"}}),
    ],
    "spain": [("receta", {"paciente": {"documento": "«dni»", "nombreCompleto": "«name»"}, "centro": "‹CS-28079-114›"})],
    "poland": ["imie=«given» nazwisko=«family» termin=‹2026-06-02T09:20›", "pacjent PESEL «pesel» oddział ‹K-2›"],
    "x12": ["REF*SY*«ssn|d»~DTP*‹356›*D8~", "NM1*IL*1******SY*«ssn|d»~TRN*1*‹93175-012547›~"],
    "product": [
        ("track", {"properties": j({"$email": "«email»", "$name": "«name»", "plan": "‹pro_annual›"})}),
        ("annotator task", {"annotator_name": "«name»", "task": "‹=objectid›"}), ("intercom", {"resident_name": "«name»", "panel": "‹panel-02›"}),
    ],
    "mail": [
        "session «email»-1719412 expired in ‹3 s›", "throttle bucket «email»-60s full, lane ‹fast›", "ssh login by «email» from ‹office›", "ssh failed, notify «email» on ‹call›",
    ],
    "tools": [
        "mc alias set ‹backup› https://minio.svc:9000 «aws» «aws_secret» --api ‹S3v4›",
        "keytool -importkeystore -srckeystore ‹release.jks› -storepass «pw_simple» -alias ‹upload›",
        "net use Z: \\\\‹nas-04›\\builds /user:CI «pw_simple»", "> USER ‹uploader›\n< 331 Please specify the password.\n> PASS «pw_simple»\n< ‹230 Login successful.›",
        "GET https://api.example.com/v1/games?key=«session_hex»&appids=‹730›",
        "setcookie wordpress_logged_in_‹=trace›=«session»; expires=‹Thu, 12-Mar-2026 10:11:12 GMT›",
        "request body (trimmed) pem=«pem|f»",
    ],
}
CLEAN_LINES: Final[dict[str, list[Line]]] = {
    "lookalikes": [
        "ssh -N -L 8080:localhost:80 deploy@relay-07.internal started (pid 21903)", "running remote command on deploy@app-04.dc2: systemctl restart web.service", "rsync build@cache-1.lan:/srv/www/ /srv/www/ took 12 s",
        "PASS src/cart/total.test.js (5.2 s)", "GET /api/orders?key=pageSize&value=50 200 3ms", "cache key=‹=trace› stale", "primaryKey=44120 secondaryKey=17 row locked", "SY*2026 closed", "SY|219099999|done", "GET /items?key=customers/42/avatar.png 200", "GET /i18n?key=checkout.errors.card_declined 404", "GET /cache?key=orders_2024_by_region_total 200", "lint > PASS eslint@8.1", "au numero de commande 4417202612", "AKIA rotated by commit da39a3ee5e6b4b0d3255bfef95601890afd80709", "net use Z: /delete /y ok",
        "profile_name=default region=eu-west-1", "keytool -list -keystore release.jks -alias upload", "PublicKeyToken=31bf3856ad364e35 loaded",
        ("prodotto", {"prodotto": {"nome": "Lampada Blu", "prezzo": 42}, "sku": "LB-0042"}), ("article", {"nom": "Table basse", "prix": 129}), ("element", {"$name": "checkout-button", "clicks": 3}), ("journal", {"titular": "Nueva Ley Aprobada", "seccion": "economia"}), ("settings", {"profile": {"name": "Power Saver"}}), ("shelf", {"nome": "Lampada", "email": None}),
    ],
}
# fmt: on
