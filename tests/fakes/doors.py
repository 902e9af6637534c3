"""Doors of the management listener: one that is open, one of a store, and an issuer of JSON Web Tokens."""

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fakes.store import put
from starlette.types import Scope

from reconciler.clock import SystemClock
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, AccessRefused
from reconciler.listener.guard import Verdict
from reconciler.management.doorkeeper import PRINCIPAL, Doorkeeper
from reconciler.management.jwt_tokens import Keys
from reconciler.management.key_sets import read_key_set
from reconciler.management.refusals import Refusals
from reconciler.management.this_machine import Machine
from reconciler.resources.principal import Principal, Role, local_principal
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.key_text import KeyText, mint
from reconciler.store.audit import Deed
from reconciler.store.engine import open_engine
from reconciler.store.reader import Reader
from reconciler.store.records import RevisionMeta
from reconciler.store.tokens import Token
from reconciler.store.writer import Writer

OWN_UID = 1000
NOW = datetime(2026, 6, 1, tzinfo=UTC)


class OpenDoor:
    """Lets everybody in as the machine's own user."""

    def __init__(self) -> None:
        self.asked: list[Access] = []

    async def check(self, scope: Scope, access: Access) -> None:
        self.asked.append(access)
        scope[PRINCIPAL] = local_principal("ada")

    async def refuse(self, scope: Scope, verdict: Verdict) -> None:
        raise AccessRefused(verdict, "Bearer")

    async def note(self, scope: Scope, why: str) -> None:
        return

    def holds(self, who: Principal) -> bool:
        return who.is_local


@dataclass
class HandClock:
    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def pass_(self, **time: float) -> None:
        self.moment += timedelta(**time)


class NoKeys:
    def find(self, place: str, kid: str) -> jwt.PyJWK | None:
        raise NotImplementedError


@dataclass
class House:
    """A store, and the doorkeeper of its listener. `uid` is whose connections come."""

    path: Path
    keys: Keys = field(default_factory=NoKeys)
    clock: HandClock = field(default_factory=HandClock)
    uid: int | None = OWN_UID
    noted: list[tuple[str, Deed]] = field(default_factory=list)

    def __post_init__(self) -> None:
        open_engine(self.path).dispose()
        self.reader = Reader(self.path)
        machine = Machine(OWN_UID, lambda client, server: self.uid)
        refusals = Refusals(lambda who, deed: self.noted.append((who.name, deed)), self.clock)
        self.door = Doorkeeper(self.reader, self.clock, self.keys, refusals, machine)

    def writer(self) -> Writer:
        return Writer(open_engine(self.path), self.clock, caller=local_principal("ada"))

    def token(
        self,
        name: str = "ci",
        role: Role = Role.VIEWER,
        *,
        managers: Sequence[str] = (),
        namespaces: Sequence[str] | None = None,
        expires: str | None = None,
    ) -> tuple[KeyText, Token]:
        minted = mint("rt")
        spaces = None if namespaces is None else tuple(namespaces)
        made = Token(
            minted.id,
            name,
            minted.hash,
            role,
            tuple(managers),
            spaces,
            "2026-01-01T00:00:00Z",
            "local:ada",
            expires,
        )
        with closing(self.writer()) as writer:
            writer.add_token(made)
        return minted, made

    def settings(self, spec: JsonObject) -> None:
        resource = Resource(ResourceKey("Settings", "default", "default"), spec)
        with closing(self.writer()) as writer:
            base = self.reader.head()
            writer.commit([put(resource)], base=base, meta=RevisionMeta("ada", "apply"))


def scope(
    *headers: tuple[str, str],
    method: str = "GET",
    path: str = "/status",
    client: str = "127.0.0.1",
    server: str = "127.0.0.1",
) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": (client, 50000),
        "server": (server, 8485),
    }


def bearer(text: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {text}")


ISSUER = "https://login.acme.example"
AUDIENCE = "routerctl"
PLACE = "https://login.acme.example/jwks"
RSA_KEY = rsa.generate_private_key(65537, 2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def rsa_jwk(kid: str = "r1", **members: object) -> dict[str, object]:
    return {**jwt.algorithms.RSAAlgorithm.to_jwk(RSA_KEY.public_key(), as_dict=True), "kid": kid, **members}


def ec_jwk(kid: str = "e1", **members: object) -> dict[str, object]:
    return {**jwt.algorithms.ECAlgorithm.to_jwk(EC_KEY.public_key(), as_dict=True), "kid": kid, **members}


def key_set(*keys: dict[str, object]) -> bytes:
    return json.dumps({"keys": keys or (rsa_jwk(), ec_jwk())}).encode()


def claims(**other: object) -> dict[str, object]:
    now = SystemClock().now().timestamp()  # PyJWT asks the system
    told = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "exp": int(now) + 600,
        "iat": int(now),
        "roles": ["ops"],
    }
    return {name: value for name, value in {**told, **other}.items() if value is not None}


def signed(told: dict[str, object] | None = None, alg: str = "RS256", **header: object) -> str:
    key = EC_KEY if alg.startswith("ES") else RSA_KEY
    kid = {"kid": "e1" if alg.startswith("ES") else "r1"}
    return jwt.encode(claims() if told is None else told, key, alg, headers={**kid, **header})


class GivenKeys:
    """An issuer's keys, at hand."""

    def __init__(self, text: bytes | None = None) -> None:
        self.keys = read_key_set(key_set() if text is None else text)

    def find(self, place: str, kid: str) -> jwt.PyJWK | None:
        assert place == PLACE
        return self.keys.get(kid)


TRUSTING: JsonObject = {
    "auth": {
        "management": {
            "jwt": {
                "issuer": ISSUER,
                "audience": AUDIENCE,
                "jwksURL": PLACE,
                "rolesClaim": "roles",
                "roles": {"ops": "operator", "readers": "viewer", "root": "admin"},
            }
        }
    }
}
