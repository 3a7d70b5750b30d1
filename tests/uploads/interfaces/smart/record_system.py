"""A record system that launches apps: its OAuth is Authlib's authorization server, its FHIR server pages by itself.

What a test wants to go wrong it says by `faults`.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import jwt
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from authlib.oauth2.rfc7636 import CodeChallenge
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt as jose
from joserfc.jwk import KeySet
from jwt.algorithms import RSAAlgorithm
from werkzeug.serving import make_server

CLIENT, SECRET = "liver", "not-so-secret"


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str
    nonce: str
    patient: str
    until: float

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


class App(ClientMixin):
    """How this product is registered there."""

    def __init__(self, method: str, redirect_uri: str) -> None:
        self.method, self.redirect_uri = method, redirect_uri

    def get_client_id(self) -> str:
        return CLIENT

    def get_default_redirect_uri(self) -> str:
        return ""

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == self.redirect_uri

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "authorization_code"


@dataclass
class RecordSystem:
    """`faults`: by name, what goes otherwise than it should. `asked`: paths of the FHIR server, in order."""

    base: str = ""
    method: str = "client_secret_basic"
    redirect_uri: str = "http://testserver/smart/callback"
    our_keys: dict = field(default_factory=dict)
    patients: dict[str, dict] = field(default_factory=dict)
    resources: list[dict] = field(default_factory=list)
    launches: dict[str, str] = field(default_factory=dict)
    faults: dict = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    page: int = 250
    fhir_user: str = "Practitioner/7"
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @property
    def origin(self) -> str:
        return self.base.removesuffix("/fhir")

    def launch(self, patient: str = "p-1") -> str:
        """The query of a launch from this patient's chart."""
        launch = secrets.token_urlsafe(8)
        self.launches[launch] = patient
        return urlencode({"iss": self.base, "launch": launch})

    def configuration(self) -> dict:
        told = {
            "issuer": self.base,
            "jwks_uri": f"{self.origin}/jwks",
            "authorization_endpoint": f"{self.origin}/authorize",
            "token_endpoint": f"{self.origin}/token",
            "capabilities": ["launch-ehr", "client-public", "sso-openid-connect"],
            "code_challenge_methods_supported": ["S256"],
        }
        return told | self.faults.get("configuration", {})

    def id_token(self, code: Code) -> str:
        now = int(time.time())
        claims = {
            "iss": self.base,
            "aud": CLIENT,
            "sub": "seven",
            "iat": now,
            "exp": now + 300,
            "nonce": code.nonce,
            "fhirUser": f"{self.base}/{self.fhir_user}",
        } | self.faults.get("claims", {})
        key = self.faults.get("key", self.key)
        header = self.faults.get("header", {"kid": "k"})
        return jwt.encode(claims, key, algorithm=self.faults.get("alg", "RS256"), headers=header)


def app_of(system: RecordSystem) -> Flask:
    app = Flask("record system")
    server = AuthorizationServer(app, lambda _: App(system.method, system.redirect_uri), _remember(system))

    server.register_grant(_grant(system), [CodeChallenge(required=True)])
    server.register_client_auth_method("private_key_jwt", _our_key(system))
    _oauth_routes(app, server, system)
    _fhir_routes(app, system)
    return app


def _grant(system: RecordSystem) -> type[AuthorizationCodeGrant]:
    class Grant(AuthorizationCodeGrant):
        TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "private_key_jwt"]

        def save_authorization_code(self, code: str, asked) -> None:
            data = asked.payload.data
            system.codes[code] = Code(
                code,
                asked.payload.redirect_uri,
                system.faults.get("scope", asked.payload.scope),
                data["code_challenge"],
                data["code_challenge_method"],
                data.get("nonce", ""),
                asked.user,
                time.time() + system.faults.get("code_life", 60),
            )

        def query_authorization_code(self, code: str, client: App) -> Code | None:
            found = system.codes.get(code)
            return found if found and found.until > time.time() else None

        def delete_authorization_code(self, code: Code) -> None:
            del system.codes[code.code]

        def authenticate_user(self, code: Code) -> str:
            return code.patient

        def create_token_response(self):
            code = self.request.authorization_code
            status, token, headers = super().create_token_response()
            more = {"patient": code.patient, "id_token": system.id_token(code), "need_patient_banner": True}
            return status, token | more | system.faults.get("token", {}), headers

    return Grant


def _our_key(system: RecordSystem) -> JWTBearerClientAssertion:
    class OurKey(JWTBearerClientAssertion):
        CLIENT_AUTH_METHOD = "private_key_jwt"
        used: set[str] = set()

        def get_audiences(self) -> list[str]:
            return [f"{system.origin}/token"]

        def validate_jti(self, claims, jti: str) -> bool:
            is_new = jti not in self.used
            self.used.add(jti)
            return is_new and claims["exp"] - claims["iat"] <= 300

        def process_assertion_claims(self, assertion: str, key: KeySet):
            """ES384, as SMART App Launch wants it, beside what Authlib takes by itself."""
            claims = jose.decode(assertion, key, algorithms=["ES384"]).claims
            self.verify_claims(claims)
            return claims

        def resolve_client_public_key(self, client: App) -> KeySet:
            return KeySet.import_key_set(system.our_keys)

    return OurKey()


def _remember(system: RecordSystem) -> Callable:
    def save(token: dict, asked) -> None:
        system.tokens[token["access_token"]] = asked.user

    return save


def _oauth_routes(app: Flask, server: AuthorizationServer, system: RecordSystem) -> None:
    @app.get("/jwks")
    def jwks() -> Response:
        public = json.loads(RSAAlgorithm.to_jwk(system.key.public_key()))
        own = public | {"kid": "k", "use": "sig"}
        return jsonify({"keys": [own, *({**own, **more} for more in system.faults.get("keys", ()))]})

    @app.get("/authorize")
    def authorize() -> Response:
        told = request.args
        if "error" in system.faults:
            said = {"error": system.faults["error"], "state": told["state"]}
            return redirect(f"{told['redirect_uri']}?{urlencode(said)}")
        patient = system.launches.pop(told.get("launch", ""), None)
        if told.get("aud") != system.base or patient is None:
            return Response("wrong audience, or a launch that is over", 400)
        return server.create_authorization_response(
            grant_user=patient, grant=server.get_consent_grant(patient)
        )

    @app.post("/token")
    def token() -> Response:
        return server.create_token_response()


def _fhir_routes(app: Flask, system: RecordSystem) -> None:
    @app.get("/fhir/.well-known/smart-configuration")
    def configuration() -> Response:
        system.asked.append("configuration")
        return jsonify(system.configuration())

    @app.get("/fhir/<path:rest>")
    def fhir(rest: str) -> Response:
        system.asked.append(rest)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer not in system.tokens:
            return Response(status=401)
        return _searched(system, rest) if "/" not in rest else _patient(system, rest)


def _patient(system: RecordSystem, rest: str) -> Response:
    id = system.faults.get("answers", rest.partition("/")[2])
    return jsonify(system.patients[id]) if id in system.patients else Response(status=404)


def _searched(system: RecordSystem, kind: str) -> Response:
    of = f"Patient/{request.args['patient']}"
    found = [one for one in system.resources if one["resourceType"] == kind]
    found = (
        [one for one in found if one["subject"]["reference"] == of] if "mixed" not in system.faults else found
    )
    start = int(request.args.get("from", 0))
    links = []
    if start + system.page < len(found):
        rest = urlencode({**request.args, "from": start + system.page})
        links = [{"relation": "next", "url": system.faults.get("next", f"{system.base}/{kind}?{rest}")}]
    shown = found[start : start + system.page]
    return jsonify(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": links,
            "entry": [{"resource": one, "search": {"mode": "match"}} for one in shown],
        }
    )


@contextmanager
def running(system: RecordSystem, port: int = 0) -> Iterator[RecordSystem]:
    """In a thread, on a port of this machine."""
    server = make_server("127.0.0.1", port, app_of(system), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    system.base = f"http://127.0.0.1:{server.server_port}/fhir"
    try:
        yield system
    finally:
        server.shutdown()
        server.server_close()
