import base64
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from fakes.doors import PLACE, RSA_KEY, TRUSTING, GivenKeys, claims, ec_jwk, key_set, rsa_jwk, signed

from reconciler.management.jwt_tokens import Issuer, TokenRefused, issuer_of, principal_of
from reconciler.resources.principal import Principal, Role


def issuer() -> Issuer:
    found = issuer_of(TRUSTING)
    assert found is not None
    return found


def who(text: str, keys: GivenKeys | None = None) -> Principal:
    return principal_of(text, issuer(), keys or GivenKeys())


def raw(header: dict[str, object], told: dict[str, object] | None = None, signature: bytes = b"x") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims() if told is None else told).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def test_the_settings_say_who_is_trusted() -> None:
    assert issuer() == Issuer(
        "https://login.acme.example",
        "routerctl",
        PLACE,
        "roles",
        {"ops": Role.OPERATOR, "readers": Role.VIEWER, "root": Role.ADMIN},
    )
    assert issuer_of(None) is None
    assert issuer_of({"auth": {"dataPlane": "keys"}}) is None


@pytest.mark.parametrize("algorithm", ["RS256", "RS512", "PS256", "ES256"])
def test_a_signed_token_names_its_bearer(algorithm: str) -> None:
    found = who(signed(alg=algorithm))
    assert (found.name, found.role, found.managers, found.namespaces) == (
        "jwt:ada",
        Role.OPERATOR,
        frozenset(),
        None,
    )
    assert found.until is not None


@pytest.mark.parametrize(
    ("told", "role"),
    [
        (["readers", "ops"], Role.OPERATOR),
        (["readers", "root"], Role.ADMIN),
        ("readers", Role.VIEWER),
    ],
)
def test_the_highest_of_its_roles_counts(told: object, role: Role) -> None:
    assert who(signed(claims(roles=told))).role is role


def test_a_claim_may_lie_in_an_object() -> None:
    spec = json.loads(json.dumps(TRUSTING))
    spec["auth"]["management"]["jwt"]["rolesClaim"] = "realm_access.roles"
    found = issuer_of(spec)
    assert found is not None
    text = signed(claims(roles=None, realm_access={"roles": ["readers"]}))
    assert principal_of(text, found, GivenKeys()).role is Role.VIEWER
    with pytest.raises(TokenRefused):
        principal_of(signed(claims(realm_access=["readers"])), found, GivenKeys())


def pem() -> bytes:
    form, kind = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return RSA_KEY.public_key().public_bytes(form, kind)


def hmac_with_the_public_key() -> str:
    """What a verifier takes that lets the header choose: HS256, keyed with the public key that everybody knows."""
    unsigned = raw({"alg": "HS256", "typ": "JWT", "kid": "r1"}).rpartition(".")[0]
    signature = hmac.digest(pem(), unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


@pytest.mark.parametrize(
    "text",
    [
        raw({"alg": "none", "kid": "r1"}, signature=b""),
        raw({"alg": "none", "kid": "r1"}),
        raw({"alg": "nOnE", "kid": "r1"}),
        hmac_with_the_public_key(),
        raw({"alg": "RS256", "kid": "r1"}),
        raw({"alg": "RS256"}),
        raw({"alg": ["RS256"], "kid": "r1"}),
        raw({"kid": "r1"}),
        signed(kid="../../etc/passwd"),
        signed(kid="r1' UNION SELECT"),
        signed(kid="e1"),
        signed(kid=""),
        signed(kid="r" * 300),
        signed(jku="https://evil.example/jwks"),
        signed(x5u="https://evil.example/cert"),
        signed(jwk=rsa_jwk()),
        signed(x5c=["MII"]),
        signed(crit=["exp"]),
        "a.b.c",
    ],
)
def test_nothing_of_a_token_decides_how_it_is_checked(text: str) -> None:
    with pytest.raises(TokenRefused):
        who(text)


def test_a_key_that_says_its_algorithm_is_used_with_that_alone() -> None:
    keys = GivenKeys(key_set(rsa_jwk(alg="RS512"), ec_jwk()))
    assert who(signed(alg="RS512"), keys).name == "jwt:ada"
    with pytest.raises(TokenRefused, match="algorithm"):
        who(signed(alg="RS256"), keys)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://login.acme.example/"},
        {"iss": None},
        {"aud": "else"},
        {"aud": None},
        {"exp": 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"sub": None},
        {"sub": ""},
        {"sub": "a\x01"},
        {"sub": "x" * 300},
        {"roles": None},
        {"roles": ["others"]},
        {"roles": [1, None]},
        {"roles": {"ops": True}},
    ],
)
def test_its_claims_must_fit(changed: dict[str, object]) -> None:
    with pytest.raises(TokenRefused):
        who(signed(claims(**changed)))


def test_clocks_may_differ_by_half_a_minute() -> None:
    now = int(jwt.decode(signed(), options={"verify_signature": False})["iat"])
    assert who(signed(claims(exp=now - 20))).name == "jwt:ada"
    with pytest.raises(TokenRefused, match="ExpiredSignatureError"):
        who(signed(claims(exp=now - 40)))
    assert who(signed(claims(aud=["else", "routerctl"]))).name == "jwt:ada"


def narrowing(**told: object) -> Principal:
    spec = json.loads(json.dumps(TRUSTING))
    spec["auth"]["management"]["jwt"] |= {"namespacesClaim": "acme.teams", "managersClaim": "managers"}
    found = issuer_of(spec)
    assert found is not None
    return principal_of(signed(claims(**told)), found, GivenKeys())


@pytest.mark.parametrize(
    ("told", "namespaces"),
    [
        ({"acme": {"teams": ["search", "ads"]}}, {"search", "ads"}),
        ({"acme": {"teams": "search"}}, {"search"}),
        ({"acme": {"teams": [7]}}, set()),
        ({"acme": {"teams": None}}, set()),
        ({}, set()),
    ],
)
def test_a_claim_may_say_where_its_bearer_may_go(told: dict[str, object], namespaces: set[str]) -> None:
    assert narrowing(**told).namespaces == frozenset(namespaces)


def test_a_claim_may_say_whom_its_bearer_applies_as() -> None:
    told = ["git:github.com/acme/routing", "api:ci", "git:", "cli:root", "kubectl"]
    assert narrowing(managers=told).managers == {"git:github.com/acme/routing", "api:ci"}
    assert narrowing().managers == frozenset()
