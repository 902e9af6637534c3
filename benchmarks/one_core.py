"""What a proxy adds to the time of one request: all processes on one core, so that no other core has to wake up."""

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from benchmarks.data_plane import NO_NGINX
from benchmarks.figures import Goal, Part, Spread, microseconds, milliseconds, ratios, table, times
from benchmarks.stand import (
    DIRECT,
    GATEWAY,
    NGINX,
    SOURCES,
    Run,
    Scale,
    Stand,
    Target,
    closed_loop,
    cores,
    only,
)

P50_GOAL, P99_GOAL = 1.8, 2.2
_FLAGS = ["--connections", "1"]

_BUCKET = re.compile(
    r'^routerctl_gateway_overhead_seconds_bucket\{(?:[^}]*,)?le="([^"]+)"[^}]*\} (\S+)$', re.MULTILINE
)

Runs = dict[str, list[Run]]


def part(scale: Scale, folder: Path, say: Callable[[str], None]) -> Part:
    core = cores()[0]
    runs: Runs = {}
    with Stand(folder, say) as stand:
        far = stand.upstream(core)
        targets = [Target(DIRECT, far.url, None), *stand.proxies(far, core)]
        for number in range(scale.rounds):
            say(f"latency on one core, round {number + 1} of {scale.rounds}")
            for target in targets:
                only(target, targets)
                runs.setdefault(target.name, []).append(closed_loop(target, _FLAGS, scale, far, core))
        gateway = next(each for each in targets if each.name == GATEWAY)
        only(gateway, targets)
        own = own_time(gateway.server.metrics() if gateway.server else "")
    return Part(f"{report(runs)}\n\n{own}", _goals(runs))


def own_time(metrics: str) -> str:
    """What the gateway itself says that it took: a sentence."""
    counts: defaultdict[float, float] = defaultdict(float)
    for bound, count in _BUCKET.findall(metrics):
        counts[float(bound)] += float(count)
    total = max(counts.values(), default=0.0)
    if not total:
        return "The gateway told nothing of its own time."
    half, nearly = (
        min(bound for bound, count in counts.items() if count >= share * total) for share in (0.5, 0.99)
    )
    return (
        "By its own count (`routerctl_gateway_overhead_seconds`) the gateway itself took "
        f"at most {milliseconds(half)} of half of the requests, and at most {milliseconds(nearly)} of 99 %."
    )


def report(runs: Runs) -> str:
    head = ["1 connection, all on one core", "p50", "added", "p99", "added"]
    rows = []
    for name, mine in runs.items():
        row = [name]
        for which in ("p50", "p99"):
            row += [
                Spread.of(getattr(run.outcome, which) for run in mine).text(microseconds),
                "-" if name == DIRECT else Spread.of(added(runs, name, which)).text(microseconds),
            ]
        rows.append(row)
    parts = [table(head, rows)]
    if NGINX in runs:
        rows = [
            [form, *(compared(runs, which, form).text(times) for which in ("p50", "p99"))]
            for form in (GATEWAY, SOURCES)
            if form in runs
        ]
        parts.append(table(["added, of what nginx adds", "p50", "p99"], rows))
    else:
        parts.append(NO_NGINX)
    return "\n\n".join(parts)


def added(runs: Runs, name: str, which: str) -> list[float]:
    """Seconds beyond the upstream alone, a round each."""
    pairs = zip(runs[name], runs[DIRECT], strict=True)
    return [getattr(run.outcome, which) - getattr(alone.outcome, which) for run, alone in pairs]


def compared(runs: Runs, which: str, form: str = GATEWAY) -> Spread:
    return ratios(added(runs, form, which), added(runs, NGINX, which))


def _goals(runs: Runs) -> tuple[Goal, ...]:
    if NGINX not in runs:
        return ()
    return (
        Goal("added latency, p50, of nginx's", compared(runs, "p50"), times, most=P50_GOAL),
        Goal("added latency, p99, of nginx's", compared(runs, "p99"), times, most=P99_GOAL),
    )
