"""What a measurement of the data plane is made of: an upstream, proxies before it, and loads upon them.

Everything that the gateway can do for a request is on: a key with its permission, limits and budget, a Route, limits of the
provider over all workers, health, metrics, usage.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from benchmarks import machine
from benchmarks.loader import KEY, MODEL, Outcome
from benchmarks.processes import Failed, Server, finished, gateway, pinned, started, wait_for_port
from benchmarks.reverse_proxy import nginx
from benchmarks.serving import apply_here
from reconciler import compiled
from reconciler.settings import COMPILED

GATEWAY, NGINX, DIRECT, EMPTY = "gateway", "nginx", "upstream alone", "empty proxy in Python"
SOURCES = "gateway, not compiled"
"""Beside the gateway where that is compiled."""
SATURATED = 0.95
"""Where upstream and loader are busier than this, they are the limit, and rates say nothing of the proxy."""
_MANIFESTS = """\
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {{name: measured}}
spec:
  type: openai-compatible
  config: {{baseURL: "{url}/v1", apiKey: sk-upstream, idleTimeout: 60s}}
  limits: {{maxConcurrent: 100000, requestsPerMinute: 900000000, tokensPerMinute: 1000000000}}
  health: {{failureThreshold: 5, failurePercent: 50}}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {{name: {model}}}
spec: {{pricing: {{input: "0.15", output: "0.60"}}}}
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {{name: measured}}
spec: {{model: {model}, provider: measured}}
---
apiVersion: routerctl.dev/v1
kind: Route
metadata: {{name: measured}}
spec:
  match: {{models: [{model}]}}
  targets: [{{model: {model}, provider: measured}}]
---
apiVersion: routerctl.dev/v1
kind: Settings
metadata: {{name: default}}
spec: {{auth: {{dataPlane: keys}}}}
---
apiVersion: routerctl.dev/v1
kind: ClientKey
metadata: {{name: measured}}
spec:
  keys: [{{id: {key_id}, hash: "sha256:{key_hash}"}}]
  models: ["{model}"]
  limits: {{maxConcurrent: 100000, requestsPerMinute: 900000000, tokensPerMinute: 1000000000}}
  budgets: [{{window: day, amount: "1000000"}}]
"""


@dataclass(frozen=True, slots=True)
class Scale:
    """`warm_up` and `seconds` of each run; `limit` is its greatest number of requests.

    `paced` and `open` are numbers of streams, `resources` those of a small and a large configuration.
    """

    rounds: int
    seconds: float
    warm_up: float
    limit: int = 10_000_000
    paced: int = 100
    open: int = 5_000
    resources: tuple[int, int] = (100, 2_100)


@dataclass(frozen=True, slots=True)
class Target:
    """`server` is None for the upstream itself. The gateway has a `folder`, with its manifests and its store."""

    name: str
    url: str
    server: Server | None
    folder: Path = Path()

    @property
    def used(self) -> float:
        """Processor seconds."""
        return 0.0 if self.server is None else self.server.processor_seconds()


@dataclass(frozen=True, slots=True)
class Far:
    """An upstream. `trusted` is the authority of its certificate, where it speaks TLS."""

    server: Server
    port: int
    trusted: Path | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}" if self.trusted is None else f"https://localhost:{self.port}"


@dataclass(frozen=True, slots=True)
class Run:
    """`processor` is the proxy's, in seconds a request; `busy` the share of the other core that the two ends used."""

    outcome: Outcome
    processor: float
    busy: float


def cores() -> tuple[int | None, int | None]:
    """(of the proxy, of upstream and loader); None twice where there is one core for all."""
    own = machine.cores()
    return (own[0], own[1]) if len(own) > 1 else (None, None)


class Stand:
    """Starts things; leaves nothing running when it is left."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._say = say
        self._stack = ExitStack()
        self._started = 0

    def __enter__(self) -> Self:
        if cores()[0] is None:
            self._say("one core for all: nothing is pinned, and rates say little")
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def upstream(self, core: int | None, tls: tuple[Path, Path, Path] | None = None) -> Far:
        """`tls`: certificate, key, and the authority to trust."""
        command = [sys.executable, "-m", "benchmarks.upstream"]
        if tls is not None:
            command += ["--tls", str(tls[0]), str(tls[1])]
        server = self._stack.enter_context(started(command, self._new("upstream.log"), core=core))
        return Far(server, int(server.says(r"port (\d+)")), None if tls is None else tls[2])

    def proxies(self, far: Far, core: int | None, *, workers: int = 1) -> list[Target]:
        """nginx, where there is one, and the gateway; compiled and not, where it is compiled."""
        behind = self.nginx(far, core, workers=workers)
        found = [*([behind] if behind else []), self.gateway(far, core, workers=workers)]
        if compiled.fitting():
            found.append(self.gateway(far, core, workers=workers, name=SOURCES))
        return found

    def nginx(self, far: Far, core: int | None, *, workers: int = 1) -> Target | None:
        program = machine.nginx()
        if program is None:
            self._say("nginx is not installed: the gateway is measured without it")
            return None
        folder = self._new("nginx")
        running = nginx(program, folder, far.port, core, workers=workers, trusted=far.trusted)
        server, url = self._stack.enter_context(running)
        return Target(NGINX, url, server)

    def gateway(self, far: Far, core: int | None, *, workers: int = 1, name: str = GATEWAY) -> Target:
        folder = self._new("gateway")
        folder.mkdir()
        env = {} if far.trusted is None else {"SSL_CERT_FILE": str(far.trusted)}
        if name == SOURCES:
            env[COMPILED] = "no"
        server, url = self._stack.enter_context(gateway(store(folder, far.url), core, env, workers))
        return Target(name, url, server, folder)

    def empty_proxy(self, far: Far, core: int | None) -> Target:
        command = [sys.executable, "-m", "benchmarks.empty_proxy", str(far.port)]
        server = self._stack.enter_context(started(command, self._new("empty.log"), core=core))
        port = int(server.says(r"port (\d+)"))
        wait_for_port(port, server)
        return Target(EMPTY, f"http://127.0.0.1:{port}", server)

    def _new(self, name: str) -> Path:
        self._started += 1
        return self._folder / f"{self._started}-{name}"


def store(folder: Path, url: str) -> Path:
    """A store that sends all to the upstream at `url`; its path."""
    file, db = folder / "measured.yaml", folder / "measured.db"
    file.write_text(manifests(url), encoding="utf-8")
    apply_here(db, file)
    return db


def manifests(url: str) -> str:
    key_hash = sha256(KEY.encode()).hexdigest()
    return _MANIFESTS.format(url=url, model=MODEL, key_id=KEY.split("-")[1], key_hash=key_hash)


def only(target: Target, targets: Iterable[Target]) -> None:
    """The others pause: each has work of its own while it serves nobody, and all of one place share a core."""
    for other in targets:
        if other.server is not None and other is not target:
            other.server.pause()
    if target.server is not None:
        target.server.go_on()


def closed_loop(target: Target, flags: Sequence[str], scale: Scale, far: Far, core: int | None) -> Run:
    """One run of the loader on `core`. Raises Failed where answers were wrong: their speed would mean nothing."""
    command = [sys.executable, "-m", "benchmarks.loader", target.url, *flags]
    command += ["--seconds", str(scale.seconds), "--warm-up", str(scale.warm_up), "--limit", str(scale.limit)]
    before, far_before = target.used, far.server.processor_seconds()
    with pinned(core):
        done = finished(command)
    used, theirs = target.used - before, far.server.processor_seconds() - far_before
    if done.returncode != 0:
        raise Failed(f"the loader failed on {target.name}: {done.stderr}")
    outcome = Outcome(**json.loads(done.stdout))
    if outcome.errors or not outcome.total:
        raise Failed(
            f"{target.name}: {outcome.errors} of {outcome.total} answers to {' '.join(flags)} were wrong"
        )
    return Run(outcome, used / outcome.total, (theirs + outcome.processor) / outcome.elapsed)
