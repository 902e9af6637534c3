"""JSON Web Tokens of a configured issuer: who their bearer is, and in which role.

Nothing of a token decides how it is checked (RFC 8725). Algorithms are asymmetric, and fit the key that is used; `none` and
HMAC are no algorithms here. `kid` finds a key in the issuer's set and nothing else; a header that brings a key along, or
says where one is (jku, jwk, x5u, x5c), ends it. Clocks may differ by LEEWAY_SECONDS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import jwt

from reconciler.json_types import JsonObject, JsonValue
from reconciler.resources.principal import LENT, Principal, Role

ALGORITHMS: Mapping[str, frozenset[str]] = {
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384", "ES512"}),
    "OKP": frozenset({"EdDSA"}),
}
"""By the type of the key."""

LEEWAY_SECONDS = 30
_REQUIRED = ("exp", "iss", "aud", "sub")
_LONGEST = 256
_FOREIGN_KEYS = frozenset({"jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "zip"})


@dataclass(frozen=True, slots=True)
class Issuer:
    """As Settings.auth.management.jwt says. `place` is where its keys are: a URL, or the path of a file."""

    name: str
    audience: str
    place: str
    roles_claim: str
    roles: Mapping[str, Role]
    namespaces_claim: str | None = None
    managers_claim: str | None = None


class Keys(Protocol):
    def find(self, place: str, kid: str) -> jwt.PyJWK | None:
        """The issuer's key of this id; None where it has none. Raises RouterctlError where its keys can't be had."""
        ...


class TokenRefused(Exception):
    """Why, for the log: whoever sent it hears the same each time."""


def issuer_of(settings: JsonObject | None) -> Issuer | None:
    """Of the spec of the Settings, which is valid; None where no issuer is trusted."""
    told = _object(_object(_object(settings).get("auth")).get("management")).get("jwt")
    if not isinstance(told, dict):
        return None
    roles = {value: Role(str(role)) for value, role in _object(told.get("roles")).items()}
    place = told.get("jwksURL") or told.get("jwksFile")
    claim = told.get("rolesClaim") or "roles"
    return Issuer(
        str(told["issuer"]),
        str(told["audience"]),
        str(place),
        str(claim),
        roles,
        _text(told.get("namespacesClaim")),
        _text(told.get("managersClaim")),
    )


def principal_of(text: str, issuer: Issuer, keys: Keys) -> Principal:
    """Raises TokenRefused, and RouterctlError where the issuer's keys can't be had."""
    algorithm, kid = _header(text)
    key = keys.find(issuer.place, kid)
    if key is None:
        raise TokenRefused("the issuer has no key of this kid")
    if not _fits(algorithm, key):
        raise TokenRefused("its algorithm is not one of the key's")
    claims = _claims(text, issuer, key, algorithm)
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST or not subject.isprintable():
        raise TokenRefused("its subject is no name")
    role = _role(claims, issuer)
    if role is None:
        raise TokenRefused("it has no role here")
    expires = claims.get("exp")
    until = expires + LEEWAY_SECONDS if isinstance(expires, int | float) else None
    return Principal(
        f"jwt:{subject}", role, _managers(claims, issuer), _namespaces(claims, issuer), until=until
    )


def _header(text: str) -> tuple[str, str]:
    try:
        header = jwt.get_unverified_header(text)
    except jwt.PyJWTError as error:
        raise TokenRefused("its header can't be read") from error
    if _FOREIGN_KEYS.intersection(header):
        raise TokenRefused("its header says how it would be checked")
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or not any(algorithm in names for names in ALGORITHMS.values()):
        raise TokenRefused("its algorithm is not taken")
    if not isinstance(kid, str) or not 0 < len(kid) <= _LONGEST:
        raise TokenRefused("it names no key")
    return algorithm, kid


def _fits(algorithm: str, key: jwt.PyJWK) -> bool:
    """A key that says its algorithm is used with that one alone; else its type decides."""
    said = key.algorithm_name if "alg" in _members(key) else None
    return algorithm in ALGORITHMS.get(key.key_type or "", ()) and said in {None, algorithm}


def _members(key: jwt.PyJWK) -> Mapping[str, object]:
    members: Mapping[str, object] = key._jwk_data  # noqa: SLF001  nothing else tells what the key says itself
    return members


def _claims(text: str, issuer: Issuer, key: jwt.PyJWK, algorithm: str) -> JsonObject:
    try:
        claims: JsonObject = jwt.decode(
            text,
            key=key.key,
            algorithms=[algorithm],
            audience=issuer.audience,
            issuer=issuer.name,
            leeway=LEEWAY_SECONDS,
            options={"require": [*_REQUIRED]},
        )
    except (jwt.PyJWTError, TypeError, ValueError) as error:
        raise TokenRefused(type(error).__name__) from error
    return claims


def _role(claims: JsonObject, issuer: Issuer) -> Role | None:
    """The highest of those that its claim is mapped to."""
    found = [issuer.roles[value] for value in _values(claims, issuer.roles_claim) if value in issuer.roles]
    return max(found, key=[*Role].index, default=None)


def _namespaces(claims: JsonObject, issuer: Issuer) -> frozenset[str] | None:
    """None where no claim was said to tell them; none at all where the token lacks that claim."""
    if issuer.namespaces_claim is None:
        return None
    return frozenset(_values(claims, issuer.namespaces_claim))


def _managers(claims: JsonObject, issuer: Issuer) -> frozenset[str]:
    told = _values(claims, issuer.managers_claim) if issuer.managers_claim is not None else ()
    return frozenset(name for name in told if name.startswith(LENT) and name not in LENT)


def _values(claims: JsonObject, path: str) -> Sequence[str]:
    told: JsonValue = claims.get(path)
    if told is None:
        told = claims
        for name in path.split("."):
            told = told.get(name) if isinstance(told, dict) else None
    if isinstance(told, str):
        return [told]
    return [value for value in told if isinstance(value, str)] if isinstance(told, list) else []


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: JsonValue) -> str | None:
    return value if isinstance(value, str) else None
