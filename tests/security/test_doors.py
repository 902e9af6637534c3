"""Every declared route of both listeners of a running gateway, tried by who should not get in (6, 8, 11 and 12)."""

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from itertools import product

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from fakes.attacked import Answered, Fortress, exchange, request
from fakes.doors import RSA_KEY, claims, rsa_jwk, signed
from fakes.running import routerctl

from reconciler.secrets.key_text import mint

pytestmark = pytest.mark.slow

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
OPEN = frozenset({"/healthz", "/readyz", "/health", "/docs", "/docs/page.css", "/docs/page.js"})
NAMED = re.compile(r"\{[^}]*\}")
DOCUMENTS = {"management": "/openapi.json", "data": "/openapi/data-plane.json"}


def declared(attacked: Fortress, listener: str) -> list[tuple[str, str]]:
    """As the listener itself says: (method, path)."""
    paths = attacked.document(DOCUMENTS[listener])["paths"]
    found = [(method.upper(), NAMED.sub("mine", path)) for path, item in paths.items() for method in item]
    assert len(found) > 5
    return found


def one_of_each(routes: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Of each family of routes (/v1/providers, /v1/models, ...) one a method: what is asked of them is asked of all alike."""
    return list(
        {(method, *path.split("/")[1:3]): (method, path) for method, path in routes if path != "/"}.values()
    )


def url(attacked: Fortress, listener: str) -> str:
    return attacked.gateway.data_url if listener == "data" else attacked.gateway.admin_url


def ask(
    attacked: Fortress, listener: str, method: str, target: str, *headers: str, host: str | None = "localhost"
) -> Answered:
    (answered,) = exchange(url(attacked, listener), request(method, target, *headers, body=b"{}", host=host))
    return answered


def good(attacked: Fortress, listener: str) -> str:
    text = attacked.keys["wide"].text if listener == "data" else attacked.tokens["admin"]
    return f"Authorization: Bearer {text}"


@pytest.mark.parametrize("listener", DOCUMENTS)
def test_case_6_no_route_and_no_method_of_one_answers_who_is_nobody(
    attacked: Fortress, listener: str
) -> None:
    routes = declared(attacked, listener)
    every = {
        *routes,
        *product(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"), {path for _, path in routes}),
    }
    for method, path in sorted(every):
        status = ask(attacked, listener, method, path).status
        if path in OPEN and method == "GET":
            assert status == 200
        elif (method, path) == ("POST", "/hooks/git"):
            assert status in {401, 404}  # it wants a signature, where it serves a repository at all
        else:
            # where the last part of one route is another one's name, that other may have the method
            named = (method, f"{path.rpartition('/')[0]}/mine") in routes or path.startswith("/v1/models/")
            expected = {401} if (method, path) in routes else {401, 405} if named else {405}
            assert status in expected, (method, path)
    nowhere = ("/", "/docs", "/redoc", "/admin", "/v1", "/v2/models", "/metrics2", "/debug", "/.env")
    for method, path in product(METHODS, {*nowhere}.difference(path for _, path in routes)):
        assert ask(attacked, listener, method, path).status in {404, 405}, (method, path)


def written(path: str) -> Iterator[str]:
    """The path in ways that some take for another one, and others for this one."""
    first, rest = path[1], path[2:]
    yield from (
        f"/{path}", f"/.{path}", f"/healthz/..{path}", f"/healthz/..;{path}", f"{path};x", f"{path};/healthz", f"/healthz;{path}",
        f"{path}/", f"{path}//", f"{path}/.", f"{path}%2f", f"{path}%00", f"{path}%0a", f"{path}%3f/healthz", f"{path}%23", f"{path}#/healthz",
        f"/healthz%2f..{path}", f"/%2e{path}", f"/healthz/%2e%2e{path}", f"\\{path[1:]}", f"{path}\\", f"/%{ord(first):x}{rest}",
        f"/%25{ord(first):x}{rest}", f"/{path[1:].upper()}", f"{path}.json", f"{path}?/healthz", f"http://localhost{path}",
        f"http://evil{path}", f"http://localhost/healthz@evil{path}", f"//localhost{path}", f"{path}%c0%af", f"{path}\xe4", f"{path}%",
    )  # fmt: skip


@pytest.mark.parametrize("listener", DOCUMENTS)
def test_case_8_however_a_path_is_written_who_is_nobody_gets_nothing(
    attacked: Fortress, listener: str
) -> None:
    """And who may get in gets in by the same one reading, or hears that it has none."""
    key = good(attacked, listener)
    for method, path in one_of_each(declared(attacked, listener)):
        if path in OPEN:
            continue
        for target in written(path):
            status = ask(attacked, listener, method, target).status
            assert status in {400, 401, 404, 405}, (method, target, status)
            if status == 401:
                continue
            with_key = ask(attacked, listener, method, target, key).status
            assert with_key == status, (method, target, status, with_key)


HOSTS: list[list[str]] = [
    ["Host: x/healthz?"], ["Host: localhost/healthz?x="], ["Host: a#b"], ["Host: a b"], ["Host: localhost@evil"], ["Host: [::1"],
    ["Host: localhost", "Host: localhost"], ["Host: localhost", "Host: evil"], [], ["Host:"], ["Host: localhost:8485/healthz"],
    ["Host: localhost\\healthz"], ["Host: %6cocalhost"], ["Host: localhost,evil"],
]  # fmt: skip
LENT = (
    "X-Forwarded-Prefix: /healthz", "X-Original-URL: /healthz", "X-Rewrite-URL: /healthz", "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Host: localhost", "X-Forwarded-Proto: https", "X-HTTP-Method-Override: GET", "Forwarded: for=127.0.0.1;host=localhost",
    "X-Forwarded-Client-Cert: By=spiffe://admin", "X-SSL-Client-CN: admin", "X-Remote-User: root", "X-Routerctl-As: root",
)  # fmt: skip


@pytest.mark.parametrize("listener", DOCUMENTS)
def test_case_8_no_host_and_no_header_of_a_proxy_opens_a_route(attacked: Fortress, listener: str) -> None:
    for method, path in one_of_each(declared(attacked, listener)):
        if path in OPEN | {"/hooks/git"}:
            continue
        for lines in HOSTS:
            nobody = ask(attacked, listener, method, path, *lines, host=None).status
            assert nobody in {400, 421}, (path, lines)
            assert (
                ask(attacked, listener, method, path, good(attacked, listener), *lines, host=None).status
                == nobody
            )
        assert ask(attacked, listener, method, path, *LENT).status == 401, path


def test_case_11_a_data_plane_key_gets_nothing_of_management(attacked: Fortress) -> None:
    key, token = attacked.keys["wide"].text, attacked.tokens["admin"]
    bearer = f"Authorization: Bearer {key}"
    sent = (
        (bearer,), (f"x-api-key: {key}",), (f"Authorization: bearer {key}",), (f"Authorization: Basic {key}",), (f"Authorization: {key}",),
        (bearer, f"Authorization: Bearer {token}"), (f"Authorization: Bearer {token}", f"x-api-key: {key}"),
        (f"Authorization: Bearer {mint('rk').text}",), (f"Authorization: Bearer  {key}",),
    )  # fmt: skip
    for (method, path), lines in product(declared(attacked, "management"), sent):
        answered = attacked.manage(method, path, *lines)
        assert (answered.status, answered.code) == (403, "data_plane_key"), (path, lines)
        assert key not in repr(answered)
    # nor the other way round
    for (method, path), text in product(declared(attacked, "data"), attacked.tokens.values()):
        if path not in OPEN:
            assert ask(attacked, "data", method, path, f"Authorization: Bearer {text}").status == 401


WIDER = json.dumps(
    {
        "role": "admin",
        "models": ["*"],
        "routes": ["*"],
        "budgets": [],
        "limits": {},
        "namespaces": None,
        "managers": ["*"],
    }
).encode()


def test_case_12_nobody_widens_what_they_may(attacked: Fortress) -> None:
    """By no route, of those that there are and of those by which others were taken."""
    before = (
        routerctl(attacked.db, "history", "-o", "json"),
        routerctl(attacked.db, "token", "list", "-o", "json"),
    )
    paths = (
        "/tokens", "/v1/tokens", "/keys", "/key/update", "/user/update", "/config", "/config/update", "/status", "/metrics", "/v1/models",
        "/v1/models/mine", "/apis/routerctl.dev/v1/clientkeys/narrow", "/clientkeys/narrow", "/openapi.json", "/readyz", "/providers/test",
    )  # fmt: skip
    texts = {"management": attacked.tokens["viewer"], "data": attacked.keys["narrow"].text}
    for (listener, text), path, method in product(texts.items(), paths, ("POST", "PUT", "PATCH", "DELETE")):
        lines = (f"Authorization: Bearer {text}", "X-Routerctl-As: admin", "X-Routerctl-Role: admin")
        (answered,) = exchange(url(attacked, listener), request(method, path, *lines, body=WIDER))
        refused = {403, 404, 405} if listener == "management" else {404, 405}
        assert answered.status in refused, (listener, method, path)
    assert attacked.chat("narrow", "forbidden", "a narrow one").status == 404
    assert (
        routerctl(attacked.db, "history", "-o", "json"),
        routerctl(attacked.db, "token", "list", "-o", "json"),
    ) == before


def not_tokens(attacked: Fortress) -> Iterator[str]:
    public = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    right = signed()
    headers: list[dict[str, object]] = [
        {"jku": "http://127.0.0.1/jwks"}, {"jwk": rsa_jwk()}, {"x5u": "http://evil"}, {"kid": "e1"}, {"kid": "' OR 1"}, {"crit": ["exp"]},
    ]  # fmt: skip
    changes: list[dict[str, object]] = [
        {"aud": "other"}, {"iss": "https://evil.example"}, {"exp": 1}, {"exp": None}, {"nbf": 4_000_000_000}, {"sub": None}, {"roles": []},
        {"aud": ["other", "x"]},
    ]  # fmt: skip
    head, body, _ = right.split(".")
    _, admin, _ = signed(claims(roles=["root", "ops"])).split(".")
    yield jwt.encode(claims(), "", "none", headers={"kid": "r1"})
    yield f"{head}.{body}."
    yield f"{head}.{admin}.{right.rpartition('.')[2]}"  # other claims under a signature that is right
    yield _hmac(public)
    yield jwt.encode(claims(), "secret" * 8, "HS256", headers={"kid": "../../../../dev/null"})
    yield from (signed(None, "RS256", **header) for header in headers)
    yield from (signed(claims(**changed)) for changed in changes)
    yield f"{right}.{right}"
    token = attacked.tokens["viewer"]
    yield from (
        token[:-1],
        f"{token}x",
        token.swapcase(),
        f"{token[:16]}{attacked.tokens['admin'][16:]}",
        mint("rt").text,
    )


def _hmac(key: bytes) -> str:
    """What PyJWT refuses to make: signed with the public key as if it were a secret."""
    encode = jwt.utils.base64url_encode
    told = [
        encode(json.dumps(each).encode()) for each in ({"alg": "HS256", "kid": "r1", "typ": "JWT"}, claims())
    ]
    return b".".join([*told, encode(hmac.new(key, b".".join(told), hashlib.sha256).digest())]).decode()


def test_case_12_no_token_makes_itself_another(attacked: Fortress) -> None:
    for text in (signed(), signed(alg="ES256"), attacked.tokens["viewer"]):
        assert attacked.manage("GET", "/status", f"Authorization: Bearer {text}").status == 200
    for text in not_tokens(attacked):
        answered = attacked.manage("GET", "/status", f"Authorization: Bearer {text}")
        assert (answered.status, answered.code) == (401, "not_authenticated"), text
        assert text not in repr(answered)
    twice = [f"Authorization: Bearer {attacked.tokens[role]}" for role in ("viewer", "admin")]
    assert attacked.manage("GET", "/status", *twice).status == 401
    assert attacked.manage("GET", f"/status?access_token={attacked.tokens['admin']}").status == 401
