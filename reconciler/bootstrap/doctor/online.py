"""What providers answer, asked as the gateway asks: their own adapter, key, trust and egress policy. Nothing is kept."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.finding import ok
from reconciler.gateway.transport.base import Failure
from reconciler.gateway.transport.http1.proxy import proxies
from reconciler.gateway.transport.pool import TransportPool
from reconciler.provider_types.base import Adapter
from reconciler.provider_types.openai_compatible import OpenAICompatibleAdapter
from reconciler.snapshot.model import Snapshot, Timeouts, Upstream

SECONDS = 10.0
_CHECK = "online"
_MISSING = 404
_FAILURES = {
    Failure.CONNECT: "check the host, the port and the network between",
    Failure.TIMEOUT: "check that it runs, and the network between",
}


class _Answer:
    """Fits transport.base.Sink. `told` is (status, failure, reason)."""

    def __init__(self) -> None:
        self.told: asyncio.Future[tuple[int, Failure | None, str]] = (
            asyncio.get_running_loop().create_future()
        )

    def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:  # noqa: ARG002  the status tells
        self._tell(status, None, "")

    def data(self, chunk: bytes) -> None:
        pass

    def end(self) -> None:
        pass

    def whole(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:  # noqa: ARG002  as above
        self._tell(status, None, "")

    def error(self, failure: Failure, reason: str) -> None:
        self._tell(0, failure, reason)

    def _tell(self, status: int, failure: Failure | None, reason: str) -> None:
        if not self.told.done():
            self.told.set_result((status, failure, reason))


async def online_findings(snapshot: Snapshot, environ: Mapping[str, str]) -> list[Finding]:
    """One finding for each Provider that is built, all asked at once."""
    pool = TransportPool(proxies=proxies(environ))
    pool.enforce(snapshot)
    try:
        upstreams: Iterable[Upstream] = (snapshot.upstreams[key] for key in sorted(snapshot.upstreams))
        return [*await asyncio.gather(*(_asked(pool, upstream) for upstream in upstreams))]
    finally:
        await pool.aclose()


async def _asked(pool: TransportPool, upstream: Upstream) -> Finding:
    status, failure, reason = await _ask(pool, upstream, upstream.adapter)
    name = str(upstream.key)
    if failure is not None:
        why = "requests to it fail and go to the next candidate, if there is one"
        return Finding(_CHECK, "error", f"{name}: {reason}", why, _FAILURES.get(failure, "as said"))
    if status in {401, 403}:
        why = "its key is wrong, expired or missing"
        return Finding(_CHECK, "error", f"{name} answers {status} to its key", why, "give it another apiKey")
    if status == _MISSING:
        return await _missing(pool, upstream, name)
    if status >= 300:
        why = "it may serve requests all the same: only its list of models was asked for"
        return Finding(_CHECK, "warning", f"{name} answers {status}", why, "look at what it says")
    return ok(_CHECK, f"{name} lists its models")


async def _missing(pool: TransportPool, upstream: Upstream, name: str) -> Finding:
    """Is it there with the version, or without? On the same host, so the key goes nowhere else."""
    adapter = upstream.adapter
    why = "requests to it would be answered with 404 as well"
    if isinstance(adapter, OpenAICompatibleAdapter):
        base = adapter.base_url
        other = base.removesuffix("/v1") if base.endswith("/v1") else f"{base}/v1"
        status, failure, _ = await _ask(pool, upstream, replace(adapter, base_url=other))
        if failure is None and status < 300:
            todo = f"write baseURL: {other}"
            return Finding(
                _CHECK, "error", f"{name} lists no models at {base}, and does at {other}", why, todo
            )
        todo = "check baseURL: the version (/v1) is a part of it"
        return Finding(_CHECK, "warning", f"{name} answers 404 at {base}/models", why, todo)
    return Finding(_CHECK, "warning", f"{name} answers 404", why, "check its config")


async def _ask(pool: TransportPool, upstream: Upstream, adapter: Adapter) -> tuple[int, Failure | None, str]:
    answer = _Answer()
    exchange = pool.get(upstream).open(adapter.probe(None), answer, Timeouts(connect=SECONDS, total=SECONDS))
    try:
        async with asyncio.timeout(SECONDS):
            return await answer.told
    except TimeoutError:
        return 0, Failure.TIMEOUT, f"no answer within {SECONDS:g} s"
    finally:
        exchange.cancel()
