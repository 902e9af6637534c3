"""The management API on a real store, in this process: asked as somebody, without a socket.

with api(tmp_path) as asked:
made = asked.post("/v1/providers", {...})
made.status_code, made.json()
asked.viewer.get("/v1/providers")
"""

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import httpx2
from starlette.types import ASGIApp, Scope

from reconciler.bootstrap.ports import ports_of
from reconciler.bootstrap.writing import open_writer
from reconciler.clock import Clock, SystemClock
from reconciler.json_types import JsonObject
from reconciler.listener.access import Access, AccessRefused
from reconciler.listener.guard import Verdict
from reconciler.management.app import build_app
from reconciler.management.doorkeeper import PRINCIPAL
from reconciler.management.ports import Ports
from reconciler.management.status import Status, status
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.store.counters import Counters
from reconciler.store.observations import Observations, WorkerRow
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation, parse

_NEEDED = {Access.VIEWER: Role.VIEWER, Access.OPERATOR: Role.OPERATOR, Access.ADMIN: Role.ADMIN}


@dataclass
class RoleDoor:
    """Lets `who` in where its role suffices; nobody where it is None."""

    who: Principal | None
    noted: list[str] = field(default_factory=list)

    async def check(self, scope: Scope, access: Access) -> None:
        needed = _NEEDED.get(access)
        if needed is None:
            return
        if self.who is None:
            raise AccessRefused(Verdict(401, "token_required", "who asks?"), "Bearer")
        if not self.who.role.covers(needed):
            raise AccessRefused(Verdict(403, "role_too_low", "not with that role"))
        scope[PRINCIPAL] = self.who

    async def refuse(self, scope: Scope, verdict: Verdict) -> None:
        raise AccessRefused(verdict, "Bearer")

    async def note(self, scope: Scope, why: str) -> None:
        self.noted.append(why)

    def holds(self, who: Principal) -> bool:
        return True


class NoFacts:
    """Of a listener without workers."""

    def status(self) -> Status:
        return status("sqlite:///s.db", None, (), (), (), 2.0)

    def counters(self) -> Counters:
        return {}

    def not_ready(self) -> str | None:
        return None


@dataclass(frozen=True)
class Asked:
    """The API, asked as `who`. `reader` looks behind it."""

    ports: Ports
    reader: Reader
    observations: Observations
    location: StoreLocation
    who: Principal | None = field(default_factory=lambda: Principal("token:ada", Role.ADMIN))
    facts: NoFacts = field(default_factory=NoFacts)

    def as_(
        self, role: Role, *, namespaces: frozenset[str] | None = None, name: str = "token:bob"
    ) -> "Asked":
        return replace(self, who=Principal(name, role, namespaces=namespaces))

    @property
    def nobody(self) -> "Asked":
        return replace(self, who=None)

    @property
    def viewer(self) -> "Asked":
        return self.as_(Role.VIEWER)

    @property
    def operator(self) -> "Asked":
        return self.as_(Role.OPERATOR)

    @cached_property
    def app(self) -> ASGIApp:
        return build_app(self.facts, RoleDoor(self.who), ports=self.ports)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: object = None, **headers: str) -> httpx2.Response:
        return self.ask("POST", path, body, **headers)

    def put(self, path: str, body: object = None, **headers: str) -> httpx2.Response:
        return self.ask("PUT", path, body, **headers)

    def patch(self, path: str, body: object = None, **headers: str) -> httpx2.Response:
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> httpx2.Response:
        return self.ask("DELETE", path, **headers)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        **headers: str,
    ) -> httpx2.Response:
        """`headers` with _ for -. A body is what JSON can hold, and sent as such unless `content_type` says otherwise; bytes go as they are."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if body is not None or method in {"POST", "PUT", "PATCH"}:
            sent.setdefault("content-type", "application/json")

        async def whole() -> httpx2.Response:
            transport = httpx2.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
                return await client.request(method, path, content=content, headers=sent)

        return asyncio.run(whole())

    def there(self, kind: str, name: str, namespace: str = "default") -> StoredResource | None:
        return self.reader.get(ResourceKey(kind, namespace, name))

    def spec(self, kind: str, name: str, namespace: str = "default") -> JsonObject:
        found = self.there(kind, name, namespace)
        assert found is not None
        return found.resource.spec

    def serve(self, revision: int, *, refused: Mapping[str, str] | None = None) -> None:
        """A worker says that it serves this revision."""
        now = SystemClock().now().timestamp()
        row = WorkerRow("w-1", 1, now, now, revision, tuple((refused or {}).items()))
        self.observations.put_worker(row)


@contextmanager
def api(
    folder: Path, *, clock: Clock | None = None, environ: Mapping[str, str] | None = None
) -> Iterator[Asked]:
    """On an empty store below `folder`."""
    clock = clock or SystemClock()
    location = parse(f"sqlite:///{folder / 'store.db'}")
    open_writer(location, clock).close()
    with Reader(location.config_path) as reader, closing(Observations(location.records_path)) as observations:
        yield Asked(ports_of(location, environ or {}, observations, clock), reader, observations, location)
