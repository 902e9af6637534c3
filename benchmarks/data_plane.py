"""The gateway against nginx as reverse proxy, on one core each, before the same upstream and under the same load.

Runs alternate, so that a machine that gets slower for a while slows both; ratios are of runs of the same round. Upstream
and loader share the other core. Where they are its limit ("busy" near 100 %), compare processor time, not rates.
"""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import machine
from benchmarks.figures import Spread, count, microseconds, milliseconds, ratios, table, times
from benchmarks.loader import MODEL, Outcome
from benchmarks.processes import (
    Failed,
    Server,
    finished,
    gateway,
    pinned,
    started,
    timed,
)
from benchmarks.reverse_proxy import nginx

GATEWAY, NGINX, DIRECT = "gateway", "nginx", "upstream alone"
MODES = {
    "plain, 32 connections": ["--connections", "32"],
    "plain, 1 connection": ["--connections", "1"],
    "streams, 32 at a time": ["--connections", "32", "--stream"],
}
_MANIFESTS = """\
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {{name: measured}}
spec: {{type: openai-compatible, config: {{baseURL: "http://127.0.0.1:{port}/v1", apiKey: sk-upstream}}}}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {{name: {model}}}
spec: {{}}
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {{name: measured}}
spec: {{model: {model}, provider: measured}}
"""


@dataclass(frozen=True, slots=True)
class Windows:
    """`warm_up` and `seconds` of each run; `limit` is its greatest number of requests."""

    rounds: int
    seconds: float
    warm_up: float
    limit: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Target:
    """`server` is None for the upstream itself."""

    name: str
    url: str
    server: Server | None


@dataclass(frozen=True, slots=True)
class Run:
    """`processor` is the proxy's, in seconds a request; `busy` the share of the other core that the two ends used."""

    outcome: Outcome
    processor: float
    busy: float


Runs = dict[str, dict[str, list[Run]]]
"""mode -> target -> its runs, one a round."""


def measure(windows: Windows, folder: Path, say: Callable[[str], None]) -> Runs:
    """Leaves nothing running. Raises Failed where answers were wrong: their speed would mean nothing."""
    folder.mkdir(exist_ok=True)
    runs: Runs = {}
    with _targets(folder, say) as (upstream, targets):
        for number in range(windows.rounds):
            say(f"load, round {number + 1} of {windows.rounds}")
            for mode, flags in MODES.items():
                for target in targets:
                    run = _run(target, flags, windows, upstream)
                    runs.setdefault(mode, {}).setdefault(target.name, []).append(run)
    return runs


def cores() -> tuple[int | None, int | None]:
    """(of the proxy, of upstream and loader); None twice where there is one core for all."""
    own = machine.cores()
    return (own[0], own[1]) if len(own) > 1 else (None, None)


@contextmanager
def _targets(folder: Path, say: Callable[[str], None]) -> Iterator[tuple[Server, list[Target]]]:
    proxy_core, ends_core = cores()
    if proxy_core is None:
        say("one core for all: nothing is pinned, and rates say little")
    with ExitStack() as stack:
        command = [sys.executable, "-m", "benchmarks.upstream"]
        upstream = stack.enter_context(started(command, folder / "upstream.log", core=ends_core))
        port = int(upstream.says(r"port (\d+)"))
        targets = [Target(DIRECT, f"http://127.0.0.1:{port}", None)]
        program = machine.nginx()
        if program is None:
            say("nginx is not installed: the gateway is measured without it")
        else:
            server, url = stack.enter_context(nginx(program, folder / "nginx", port, proxy_core))
            targets.append(Target(NGINX, url, server))
        db = _store(folder, port)
        server, url = stack.enter_context(gateway(db, proxy_core))
        yield upstream, [*targets, Target(GATEWAY, url, server)]


def _store(folder: Path, port: int) -> Path:
    manifests, db = folder / "measured.yaml", folder / "measured.db"
    manifests.write_text(_MANIFESTS.format(port=port, model=MODEL), encoding="utf-8")
    timed("command", "--db", str(db), "apply", "-f", str(manifests))
    return db


def _run(target: Target, flags: list[str], windows: Windows, upstream: Server) -> Run:
    command = [sys.executable, "-m", "benchmarks.loader", target.url, *flags]
    command += ["--seconds", str(windows.seconds), "--warm-up", str(windows.warm_up)]
    command += ["--limit", str(windows.limit)]
    before, far_before = _used(target.server), upstream.processor_seconds()
    with pinned(cores()[1]):
        done = finished(command)
    used, far = _used(target.server) - before, upstream.processor_seconds() - far_before
    if done.returncode != 0:
        raise Failed(f"the loader failed on {target.name}: {done.stderr}")
    outcome = Outcome(**json.loads(done.stdout))
    if outcome.errors or not outcome.total:
        raise Failed(
            f"{target.name}: {outcome.errors} of {outcome.total} answers to {' '.join(flags)} were wrong"
        )
    return Run(outcome, used / outcome.total, (far + outcome.processor) / outcome.elapsed)


def _used(server: Server | None) -> float:
    return 0.0 if server is None else server.processor_seconds()


def report(runs: Runs) -> str:
    """Markdown: a table for each mode, and the ratios."""
    rounds = len(next(iter(runs.values()))[GATEWAY])
    parts = [f"Medians, alternating rounds: {rounds} (least to most)."]
    parts += [_mode(mode, targets) for mode, targets in runs.items()]
    if all(NGINX in targets for targets in runs.values()):
        parts.append(_against_nginx(runs))
    else:
        parts.append("nginx was not installed, so there is nothing to compare with.")
    return "\n\n".join(parts)


def _mode(mode: str, targets: dict[str, list[Run]]) -> str:
    what = "stream" if mode.startswith("stream") else "request"
    head = [mode, f"{what}s/s", f"CPU a {what}", "p50", "p99", "other core busy"]
    rows = [
        [
            name,
            Spread.of(run.outcome.rate for run in runs).text(count),
            "-" if name == DIRECT else Spread.of(run.processor for run in runs).text(microseconds),
            milliseconds(median(run.outcome.p50 for run in runs)),
            milliseconds(median(run.outcome.p99 for run in runs)),
            f"{median(run.busy for run in runs):.0%}",
        ]
        for name, runs in targets.items()
    ]
    return table(head, rows)


def _against_nginx(runs: Runs) -> str:
    rows = []
    for mode, targets in runs.items():
        ours, theirs = targets[GATEWAY], targets[NGINX]
        rate = ratios([run.outcome.rate for run in ours], [run.outcome.rate for run in theirs])
        processor = ratios([run.processor for run in ours], [run.processor for run in theirs])
        p50 = ratios([run.outcome.p50 for run in ours], [run.outcome.p50 for run in theirs])
        rows.append([mode, *(each.text(times) for each in (rate, processor, p50))])
    return table(["gateway / nginx", "rate", "CPU", "p50"], rows)
