"""Looks at providers as traffic would: over their own transports, with their own adapters, and so with their keys.

A probe's answer is judged by its status. Its body is read and dropped, so that its connection can be used again, up to
a bound; redirects are answers like any other. No text of an upstream is kept.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from reconciler.gateway.routing.findings import Finding, Findings
from reconciler.gateway.transport.base import Exchange, Failure, Transport
from reconciler.resources.resource import ResourceKey
from reconciler.snapshot.model import Probe, Snapshot, Timeouts, Upstream

MAX_BODY = 256 * 1024
"""Bytes that are read; a longer answer is good as well, but its connection is not used again."""

_LATE = "no answer in time"
_FAULTS = {
    Failure.CONNECT: "could not be reached",
    Failure.EGRESS: "may not be reached",
    Failure.TIMEOUT: _LATE,
    Failure.BROKEN: "broke off its answer",
    Failure.STOPPING: "was still asked when the gateway was stopped",
}

_log = logging.getLogger(__name__)


class Transports(Protocol):
    def get(self, upstream: Upstream) -> Transport: ...


class _Look:
    """One probe under way. Fits transport.base.Sink."""

    def __init__(self, probe: Probe, tell: Callable[[str], None]) -> None:
        self._probe = probe
        self._tell: Callable[[str], None] | None = tell
        self._read = 0
        self._exchange: Exchange | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, transport: Transport, upstream: Upstream) -> None:
        seconds = self._probe.timeout
        self._timer = asyncio.get_running_loop().call_later(seconds, self._over, _LATE)
        try:
            request = upstream.adapter.probe(self._probe.path)
            self._exchange = transport.open(request, self, Timeouts(connect=seconds, total=seconds))
        except Exception as error:  # noqa: BLE001  one probe is not the loop's affair
            _log.exception("%s could not be probed, because of a bug", upstream.key)
            self._over(f"could not be probed ({type(error).__name__})")

    def cancel(self) -> None:
        self._tell = None
        if self._timer is not None:
            self._timer.cancel()
        if self._exchange is not None:
            self._exchange.cancel()

    def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:  # noqa: ARG002  the status tells
        if not self._probe.expects(status):
            self._over(f"status {status}")

    def data(self, chunk: bytes) -> None:
        self._read += len(chunk)
        if self._read > MAX_BODY:
            self._over("")

    def end(self) -> None:
        self._over("", ended=True)

    def whole(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:  # noqa: ARG002  as above
        self._over("" if self._probe.expects(status) else f"status {status}", ended=True)

    def error(self, failure: Failure, reason: str) -> None:
        """What is told of it names no hosts, but where the policy wants a line that does."""
        self._over(reason if failure is Failure.EGRESS else _FAULTS[failure], ended=True)

    def _over(self, fault: str, *, ended: bool = False) -> None:
        tell = self._tell
        if ended:
            self._exchange = None
        self.cancel()
        if tell is not None:
            tell(fault)


class _Watch:
    """Of one upstream, until it is stopped."""

    def __init__(self, owner: "Prober", upstream: Upstream, probe: Probe, before: Finding) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self._look: _Look | None = None
        self.upstream = upstream
        self.probe = probe
        self.findings = Findings(before)
        self._next = self._loop.call_soon(self._begin)

    def stop(self) -> None:
        self._next.cancel()
        if self._look is not None:
            self._look.cancel()

    def _begin(self) -> None:
        self._next = self._loop.call_later(self.probe.interval, self._begin)
        if self._look is None:
            self._look = _Look(self.probe, self._found)
            self._look.begin(self._owner.transports.get(self.upstream), self.upstream)

    def _found(self, fault: str) -> None:
        self._look = None
        _log.debug("probe of %s: %s", self.upstream.key, fault or "good")
        if self.findings.add(fault, self._loop.time(), self.probe):
            self._owner.changed()


class Prober:
    """Looks at what it is told to `watch`, each at its own interval. `changed` is called where one is another thing now."""

    def __init__(self, transports: Transports, changed: Callable[[], None]) -> None:
        self.transports = transports
        self.changed = changed
        self._watched: dict[ResourceKey, _Watch] = {}

    def watch(self, snapshot: Snapshot, before: Mapping[ResourceKey, Finding]) -> None:
        """Goes on with those that are what they were, also where they are to be looked at in another way; what is built
        anew is looked at anew. `before`: what another prober found; it counts where nothing was found here.
        """
        now = asyncio.get_running_loop().time()
        watched: dict[ResourceKey, _Watch] = {}
        for key, probe in snapshot.probes.items():
            upstream, running = snapshot.upstreams[key], self._watched.pop(key, None)
            if running is not None and running.upstream is upstream and running.probe == probe:
                watched[key] = running
                continue
            known = before.get(key)
            if running is not None:
                running.stop()
                known = running.findings.found if running.upstream is upstream else None
            found = known if known is not None else Finding(key, None, now, now)
            watched[key] = _Watch(self, upstream, probe, found)
        self.stop()
        self._watched = watched

    def forget(self, provider: ResourceKey) -> None:
        """What was found so far: the provider is taken to be healthy until its probes say otherwise."""
        watch = self._watched.get(provider)
        if watch is not None:
            now = asyncio.get_running_loop().time()
            watch.findings = Findings(Finding(provider, None, now, now))

    def findings(self) -> tuple[Finding, ...]:
        return tuple(watch.findings.found for _, watch in sorted(self._watched.items()))

    def stop(self) -> None:
        for watch in self._watched.values():
            watch.stop()
        self._watched = {}
