"""The gateway against nginx as reverse proxy, on one core each, before the same upstream and under the same load.

Runs alternate, so that a machine that gets slower for a while slows both; ratios are of runs of the same round. Upstream
and loader share the other core. Where they are its limit ("busy" near 100 %), compare processor time, not rates.
"""

from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.figures import Goal, Part, Spread, count, microseconds, milliseconds, ratios, table, times
from benchmarks.loader import LONG_BODY_BYTES
from benchmarks.stand import (
    DIRECT,
    GATEWAY,
    NGINX,
    SATURATED,
    SOURCES,
    Run,
    Scale,
    Stand,
    Target,
    closed_loop,
    cores,
    only,
)

MODES = {
    "plain, 32 connections": ["--connections", "32"],
    "plain, 1 connection": ["--connections", "1"],
    "plain, 256 connections": ["--connections", "256"],
    "plain, 100 KB, 32 connections": ["--connections", "32", "--body", str(LONG_BODY_BYTES)],
    "streams, 32 at a time": ["--connections", "32", "--stream"],
}
RATE_GOALS = {
    "plain, 32 connections": 0.5,
    "plain, 256 connections": 0.5,
    "plain, 100 KB, 32 connections": 0.5,
}
CPU_GOALS = {"streams, 32 at a time": 1.1}
NO_NGINX = "nginx was not installed, so there is nothing to compare with."

Runs = dict[str, dict[str, list[Run]]]
"""mode -> target -> its runs, one a round."""


def part(scale: Scale, folder: Path, say: Callable[[str], None]) -> Part:
    """Raises Failed where answers were wrong: their speed would mean nothing."""
    runs: Runs = {}
    proxy_core, ends_core = cores()
    with Stand(folder, say) as stand:
        far = stand.upstream(ends_core)
        targets = [Target(DIRECT, far.url, None), *stand.proxies(far, proxy_core)]
        for number in range(scale.rounds):
            say(f"load, round {number + 1} of {scale.rounds}")
            for mode, flags in MODES.items():
                for target in targets:
                    only(target, targets)
                    run = closed_loop(target, flags, scale, far, ends_core)
                    runs.setdefault(mode, {}).setdefault(target.name, []).append(run)
    return Part(report(runs), goals(runs))


def report(runs: Runs) -> str:
    """Markdown: a table for each mode, and the ratios."""
    rounds = len(next(iter(runs.values()))[GATEWAY])
    parts = [f"Medians, alternating rounds: {rounds} (least to most)."]
    parts += [mode_table(mode, targets) for mode, targets in runs.items()]
    parts += compared(runs) if all(NGINX in targets for targets in runs.values()) else [NO_NGINX]
    return "\n\n".join(parts)


def mode_table(mode: str, targets: dict[str, list[Run]]) -> str:
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


def compared(runs: Runs) -> list[str]:
    """The gateway, in each form that was measured, with nginx."""
    forms = [name for name in (GATEWAY, SOURCES) if all(name in targets for targets in runs.values())]
    return [against(runs, NGINX, form) for form in forms]


def against(runs: Runs, other: str, form: str = GATEWAY) -> str:
    """What the gateway does over what another does. See `share` for the rate on a full core."""
    rows = []
    for mode, targets in runs.items():
        ours, theirs = targets[form], targets[other]
        p50 = ratios([run.outcome.p50 for run in ours], [run.outcome.p50 for run in theirs])
        figures = [rate(ours, theirs), processor(ours, theirs), p50, share(ours, theirs)]
        rows.append([mode, *(each.text(times) for each in figures)])
    return table([f"{form} / {other}", "rate", "CPU", "p50", "rate on a full core"], rows)


def rate(ours: list[Run], theirs: list[Run]) -> Spread:
    return ratios([run.outcome.rate for run in ours], [run.outcome.rate for run in theirs])


def processor(ours: list[Run], theirs: list[Run]) -> Spread:
    return ratios([run.processor for run in ours], [run.processor for run in theirs])


def share(ours: list[Run], theirs: list[Run]) -> Spread:
    """Our rate over theirs. Where the ends were the limit of the other, its rate says too little of it: then what each
    would do with a full core, which is the inverse of the processor time that a request takes.
    """
    if median(run.busy for run in theirs) < SATURATED:
        return rate(ours, theirs)
    return processor(theirs, ours)


def goals(runs: Runs) -> tuple[Goal, ...]:
    found = []
    for mode, targets in runs.items():
        if NGINX not in targets:
            continue
        ours, theirs = targets[GATEWAY], targets[NGINX]
        if mode in RATE_GOALS:
            name = f"{mode}: rate of nginx's on a full core"
            found.append(Goal(name, share(ours, theirs), times, least=RATE_GOALS[mode]))
        if mode in CPU_GOALS:
            name = f"{mode}: CPU a stream of nginx's"
            found.append(Goal(name, processor(ours, theirs), times, most=CPU_GOALS[mode]))
    return tuple(found)
