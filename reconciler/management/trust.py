"""Whom the store trusts: its own tokens, and those whom the Settings of the namespace `default` name. Read for each request."""

from dataclasses import dataclass

from starlette.types import Scope

from reconciler.json_types import JsonObject
from reconciler.listener.client_certificate import certificate_names
from reconciler.management.credentials import Credential
from reconciler.management.jwt_tokens import Issuer, issuer_of
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey
from reconciler.secrets.key_text import is_of
from reconciler.store.reader import Reader
from reconciler.store.tokens import find_token

CERTIFICATE = "certificate:"
_SETTINGS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")


@dataclass(frozen=True, slots=True)
class Trust:
    """`guarded`: there was a token, or the Settings trust somebody, so who asks is to be told by more than a connection."""

    issuer: Issuer | None
    certificates: JsonObject
    guarded: bool

    def of_certificate(self, scope: Scope) -> Principal | None:
        """By the names in the certificate that the connection's client showed."""
        shown = next((name for name in certificate_names(scope) if name in self.certificates), None)
        if shown is None:
            return None
        return Principal(f"{CERTIFICATE}{shown}", Role(str(self.certificates[shown])))

    def holds(self, who: Principal) -> bool:
        """Whether the names in certificates still make somebody what it was when it was let in."""
        return self.certificates.get(who.name.removeprefix(CERTIFICATE)) == who.role


def trust(reader: Reader) -> Trust:
    stored = reader.get(_SETTINGS)
    spec = stored.resource.spec if stored is not None else {}
    management = _object(_object(spec, "auth"), "management")
    return Trust(
        issuer_of(spec), _object(management, "clientCertificates"), bool(management) or reader.guarded()
    )


def of_token(reader: Reader, sent: Credential, now: str) -> Principal | None:
    """Whose token that is; None for one that is not known, or not `now`. Takes as long for one as for the other."""
    token = find_token(reader, sent.id)
    known = is_of(sent.text, token.hash if token is not None else None)
    if token is None or not known or token.state(now) != "active":
        return None
    return Principal(
        f"token:{token.name}",
        token.role,
        frozenset(token.managers),
        None if token.namespaces is None else frozenset(token.namespaces),
        token=token.id,
    )


def is_active(reader: Reader, token_id: str, now: str) -> bool:
    token = find_token(reader, token_id)
    return token is not None and token.state(now) == "active"


def _object(value: JsonObject, name: str) -> JsonObject:
    found = value.get(name)
    return found if isinstance(found, dict) else {}
