"""The data plane in this process, on what `routerctl apply` stored: real compile, real routing, upstreams that echo.

gateway = AppliedGateway(routerctl)
gateway.apply(manifest(...))
assert gateway.chat(model="m").providers == ["a"]
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import httpx2
from fakes.command import Routerctl
from fakes.in_process import asking
from fakes.transports import ScriptedExchange, ScriptedTransports

from reconciler.gateway.app import data_plane
from reconciler.gateway.dispatch.memory import Memory
from reconciler.gateway.telemetry import Telemetry
from reconciler.json_types import JsonObject
from reconciler.provider_types.base import Headers
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.settings import Reach
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.build import ProviderBuilder
from reconciler.snapshot.compile import EMPTY, Compilation
from reconciler.snapshot.model import Snapshot
from reconciler.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Answered:
    """`sent` are the bodies that reached `providers`, in that order, `headers` what came with them."""

    response: httpx2.Response
    providers: list[str]
    sent: list[bytes]
    headers: list[Headers]

    @property
    def code(self) -> tuple[int, object]:
        error = self.response.json().get("error") or {}
        return self.response.status_code, error.get("code")


class NoPast:
    def acknowledged(self, provider: ResourceKey) -> int | None:
        del provider
        return None

    def get(self, key: ResourceKey, *, at: int) -> StoredResource | None:
        raise AssertionError(f"{key} at {at} is asked for by nobody")


@dataclass
class AppliedGateway:
    """Compiles from commit to commit, as a worker does. `down`: the providers that answer 503, `silent`: those that never
    do. `memory`: what one request leaves to the next; without one each begins anew.
    """

    routerctl: Routerctl
    down: Sequence[str] = ()
    telemetry: Telemetry = field(default_factory=Telemetry)
    compilation: Compilation = EMPTY
    memory: Memory | None = None
    silent: Sequence[str] = ()
    answer: Callable[[ScriptedExchange], bytes] = lambda _: b"{}"

    @property
    def current(self) -> Snapshot | None:
        return self.compilation.snapshot

    def apply(self, *texts: str) -> None:
        """These and nothing else: what is not among them is deleted."""
        self.routerctl.write("a.yaml", *texts)
        options = ("--prune", "--max-deletes", "100")
        self.routerctl.ok("apply", "-f", self.routerctl.manifests, *options)
        reader = Reader(self.routerctl.db)
        try:
            self._compile(reader)
        finally:
            reader.close()

    def ask(self, path: str, body: JsonObject | bytes, *headers: tuple[str, str]) -> Answered:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return asyncio.run(self._ask("POST", path, content, headers))

    def chat(self, **body: str) -> Answered:
        return self.ask("/v1/chat/completions", {**body, "messages": []})

    def models(self) -> list[str]:
        listed = asyncio.run(self._ask("GET", "/v1/models", b"")).response.json()["data"]
        return [str(model["id"]) for model in listed]

    def _compile(self, reader: Reader) -> None:
        before, now = self.compilation.resources, dict(reader.state())
        changed = [(key, now.get(key)) for key in {*before, *now} if before.get(key) != now.get(key)]
        builder = ProviderBuilder(Reach(), {}, reader, NoPast())
        revision = reader.state().revision
        self.compilation = compiler.compile(self.compilation, changed, revision, builder)

    async def _ask(self, method: str, path: str, content: bytes, more: Headers = ()) -> Answered:
        transports = ScriptedTransports(self._answer)
        plane = data_plane(self, transports, self.telemetry, memory=self.memory)
        headers = [("content-type", "application/json"), *more]
        async with asking(plane) as client:
            response = await client.request(method, path, content=content, headers=headers)
        asked = transports.exchanges
        requests = [each.request for each in asked]
        return Answered(
            response,
            [each.provider for each in asked],
            [each.body for each in requests],
            [each.headers for each in requests],
        )

    def _answer(self, exchange: ScriptedExchange) -> None:
        if exchange.provider not in self.silent:
            asyncio.get_running_loop().call_soon(self._respond, exchange)

    def _respond(self, exchange: ScriptedExchange) -> None:
        status = 503 if exchange.provider in self.down else 200
        exchange.sink.head(status, (("content-type", "application/json"),))
        exchange.sink.data(self.answer(exchange))
        exchange.sink.end()
