"""Who asks at the management listener, and whether they may.

- Who has a token of the store, or a JSON Web Token of the issuer that the Settings trust, is who it says.
- While there never was a token, and the Settings trust nobody, it is this machine's own user alone: who the kernel says is
  at the other end of the connection. A proxy would lend its own user to everybody, so what came through one does not count.
- A key of the data plane is refused, whatever it asks for.

Everything is read anew for each request: what is revoked or expires is refused from then on, on open connections as well.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import unquote

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from reconciler.clock import Clock, timestamp
from reconciler.errors import RouterctlError
from reconciler.listener.access import Access, AccessRefused
from reconciler.listener.guard import Verdict
from reconciler.listener.origins import origin_of
from reconciler.management.credentials import Credential, Kind, credential
from reconciler.management.jwt_tokens import Issuer, Keys, TokenRefused, principal_of
from reconciler.management.refusals import Refusals
from reconciler.management.this_machine import Machine
from reconciler.management.trust import CERTIFICATE, is_active, of_token, trust
from reconciler.resources.principal import Principal, Role
from reconciler.store.reader import Reader

PRINCIPAL = "routerctl.principal"
"""Where a request's scope holds who asks."""
CHALLENGE = 'Bearer realm="routerctl management"'
ACTING_AS = b"x-routerctl-as"
REHEARSAL = "routerctl.rehearsal"
"""In the scope of a request that asks what a change would do, and would not have made it."""

_NEEDED = {Access.VIEWER: Role.VIEWER, Access.OPERATOR: Role.OPERATOR, Access.ADMIN: Role.ADMIN}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LONGEST_NAME = 128
_HOW = "send Authorization: Bearer with a token; routerctl token create makes one, where the store is"

CLIENT_KEY = Verdict(403, "data_plane_key", "that is a key of the data plane: it does nothing here; " + _HOW)
TOKEN_REQUIRED = Verdict(401, "token_required", "this listener needs to know who asks: " + _HOW)
NOT_VALID = Verdict(
    401, "not_authenticated", "the token is not known here, has expired or was revoked; " + _HOW
)
NOT_THIS_USER = Verdict(
    401,
    "not_this_user",
    "no token was made yet, and until then only this machine's own user may ask, without a proxy between: "
    + _HOW,
)
FOREIGN_PAGE = Verdict(
    403,
    "page_needs_token",
    "a web page of another origin changes nothing here without a token, also where --allow-origin lets it read",
)
"""Who asks is known by the connection alone, and that is the browser's, whichever page it shows."""

_log = logging.getLogger(__name__)


class Doorkeeper:
    """Its `check` is every route's of the listener."""

    def __init__(
        self, reader: Reader, clock: Clock, keys: Keys, refusals: Refusals, machine: Machine | None = None
    ) -> None:
        self._reader = reader
        self._clock = clock
        self._keys = keys
        self._refusals = refusals
        self._machine = machine or Machine.this()

    async def check(self, scope: Scope, access: Access) -> None:
        """Notes who asks under PRINCIPAL, or raises AccessRefused."""
        sent = credential(scope["headers"])
        if sent.kind is Kind.CLIENT:
            await self.refuse(scope, CLIENT_KEY)
        needed = _NEEDED.get(access)
        if needed is None:
            return
        found = await run_in_threadpool(self._who, scope, sent)
        if isinstance(found, Verdict):
            await self.refuse(scope, found)
            return
        if not found.role.covers(needed):
            await self.refuse(scope, _too_low(found, needed), found)
        scope[PRINCIPAL] = found

    async def refuse(self, scope: Scope, verdict: Verdict, who: Principal | None = None) -> None:
        """Raises AccessRefused, and writes it down where something would have been changed."""
        await self._note(scope, f"{verdict.status} {verdict.code}", who)
        raise AccessRefused(verdict, CHALLENGE if verdict.status == 401 else None)

    async def note(self, scope: Scope, why: str) -> None:
        """Writes down what was refused behind the door to who was let in, where something would have been changed."""
        await self._note(scope, why, scope.get(PRINCIPAL))

    async def _note(self, scope: Scope, why: str, who: Principal | None) -> None:
        if scope["method"] in _SAFE or REHEARSAL in scope:
            return
        by = who or Principal("unknown", Role.VIEWER, address=_address(scope))
        await run_in_threadpool(self._refusals.note, by, scope["method"], scope["path"], f"refused: {why}")

    def holds(self, who: Principal) -> bool:
        """Whether somebody who was let in would be again now, for answers that last."""
        if who.until is not None and who.until <= self._clock.now().timestamp():
            return False
        if who.token is not None:
            return is_active(self._reader, who.token, self._now())
        if who.name.startswith(CERTIFICATE):
            return trust(self._reader).holds(who)
        return not who.is_local or not trust(self._reader).guarded

    def _who(self, scope: Scope, sent: Credential) -> Principal | Verdict:
        found = self._found(scope, sent)
        if isinstance(found, Principal):
            return replace(found, address=_address(scope), acting_as=_acting_as(scope))
        return found

    def _found(self, scope: Scope, sent: Credential) -> Principal | Verdict:
        if sent.kind is Kind.TOKEN:
            return of_token(self._reader, sent, self._now()) or NOT_VALID
        trusted = trust(self._reader)
        if sent.kind is Kind.JWT and trusted.issuer is not None:
            return self._of_jwt(sent, trusted.issuer)
        if sent.kind is not Kind.NONE:
            return NOT_VALID
        by_certificate = trusted.of_certificate(scope)
        if by_certificate is None and trusted.guarded:
            return TOKEN_REQUIRED
        found = by_certificate or self._machine.user(scope)
        if found is None:
            return NOT_THIS_USER
        return FOREIGN_PAGE if scope["method"] not in _SAFE and _is_of_foreign_page(scope) else found

    def _of_jwt(self, sent: Credential, issuer: Issuer) -> Principal | Verdict:
        try:
            return principal_of(sent.text, issuer, self._keys)
        except TokenRefused as error:
            _log.info("a JSON Web Token was refused: %s", error)
            return NOT_VALID
        except RouterctlError:
            return Verdict(
                503, "issuer_unreachable", "the keys of the tokens' issuer can't be had; try again"
            )

    def _now(self) -> str:
        return timestamp(self._clock.now())


def _is_of_foreign_page(scope: Scope) -> bool:
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    own = {origin_of(f"{scope.get('scheme', 'http')}://{host}") for host in hosts}
    return any(
        origin_of(value.decode("latin-1")) not in own for name, value in scope["headers"] if name == b"origin"
    )


def principal(scope: Scope) -> Principal:
    """Who asks: of a request to a route that needs a role."""
    found = scope[PRINCIPAL]
    if not isinstance(found, Principal):
        raise TypeError("the route's access names no role")
    return found


def _too_low(who: Principal, needed: Role) -> Verdict:
    return Verdict(403, "role_too_low", f"{who.name} is {who.role}, and this needs the role {needed}")


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _acting_as(scope: Scope) -> str | None:
    """A header holds no letters but ASCII's, so others come as percent-encoded UTF-8."""
    headers: Mapping[bytes, bytes] = dict(scope["headers"])
    text = unquote(headers.get(ACTING_AS, b"").decode("latin-1")).strip()
    return text if text.isprintable() and 0 < len(text) <= _LONGEST_NAME else None
