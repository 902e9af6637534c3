"""Streams that come as slowly as models write: what an event costs, and what an open stream takes of memory."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.data_plane import NO_NGINX
from benchmarks.figures import (
    Goal,
    Part,
    Spread,
    count,
    kibibytes,
    microseconds,
    ratios,
    table,
    times,
)
from benchmarks.processes import Failed, finished, pinned
from benchmarks.stand import GATEWAY, NGINX, Far, Scale, Stand, Target, closed_loop, cores, only
from benchmarks.stream_loader import Streams

PACE, SLOW_PACE = 10, 1000
"""Milliseconds between two events of a stream."""
EVENT_GOAL, STREAM_GOAL = 1.4, 20 * 1024
_MORE_ROUNDS = 3
"""A core that mostly sleeps costs more or less to wake from one moment to the next: what is paced swings twice as much as a load."""

Runs = dict[str, list[Streams]]


def part(scale: Scale, folder: Path, say: Callable[[str], None]) -> Part:
    paced: Runs = {}
    slow: Runs = {}
    proxy_core, ends_core = cores()
    with Stand(folder, say) as stand:
        far = stand.upstream(ends_core)
        targets = [*stand.proxies(far, proxy_core), stand.empty_proxy(far, proxy_core)]
        rounds = scale.rounds * _MORE_ROUNDS
        for number in range(rounds):
            say(f"paced streams, round {number + 1} of {rounds}")
            for target in targets:
                only(target, targets)
                paced.setdefault(target.name, []).append(_held(target, scale.paced, PACE, scale))
    for number in range(min(scale.rounds, 2)):
        say(f"{scale.open:,} open streams, round {number + 1} of {min(scale.rounds, 2)}")
        for target, run in _opened(scale, folder / f"open-{number}", say):
            slow.setdefault(target.name, []).append(run)
    return Part(report(scale, paced, slow), _goals(scale, paced, slow))


def _opened(scale: Scale, folder: Path, say: Callable[[str], None]) -> list[tuple[Target, Streams]]:
    """On new processes, warmed up: what a stream more takes is seen only where none was before."""
    proxy_core, ends_core = cores()
    found = []
    with Stand(folder, say) as stand:
        far = stand.upstream(ends_core)
        for target in (targets := stand.proxies(far, proxy_core)):
            only(target, targets)
            _warm(target, far, ends_core)
            found.append((target, _held(target, scale.open, SLOW_PACE, scale)))
    return found


def _warm(target: Target, far: Far, core: int | None) -> None:
    few = Scale(rounds=1, seconds=5.0, warm_up=0.0, limit=40)
    closed_loop(target, ["--connections", "4", "--stream"], few, far, core)


def _held(target: Target, streams: int, pace: int, scale: Scale) -> Streams:
    assert target.server is not None
    command = [sys.executable, "-m", "benchmarks.stream_loader", target.url]
    command += ["--streams", str(streams), "--pace", str(pace)]
    command += ["--seconds", str(scale.seconds), "--warm-up", str(scale.warm_up)]
    command += ["--pids", *map(str, target.server.pids)]
    with pinned(cores()[1]):
        done = finished(command)
    if done.returncode != 0:
        raise Failed(f"the loader failed on {target.name}: {done.stderr}")
    run = Streams(**json.loads(done.stdout))
    if run.opened != streams or run.cut:
        raise Failed(f"{target.name}: {run.opened} of {streams} streams began, and {run.cut} were cut")
    return run


def report(scale: Scale, paced: Runs, slow: Runs) -> str:
    head = [f"{scale.paced:,} streams, an event each {PACE} ms", "events/s", "CPU an event", "of nginx's"]
    rows = [
        [
            name,
            Spread.of(run.events / run.seconds for run in runs).text(count),
            Spread.of(map(_an_event, runs)).text(microseconds),
            _of_nginx(paced, name),
        ]
        for name, runs in paced.items()
    ]
    parts = [table(head, rows)]
    head = [f"{scale.open:,} streams, an event each second", "PSS a stream", "CPU in all", "CPU an event"]
    rows = [
        [
            name,
            Spread.of(_a_stream(run) for run in runs).text(kibibytes),
            f"{median(run.processor / run.seconds for run in runs):.0%}",
            Spread.of(map(_an_event, runs)).text(microseconds),
        ]
        for name, runs in slow.items()
    ]
    parts.append(table(head, rows))
    return "\n\n".join(parts if NGINX in paced else [*parts, NO_NGINX])


def _of_nginx(paced: Runs, name: str) -> str:
    if NGINX not in paced or name == NGINX:
        return "-"
    return ratios([*map(_an_event, paced[name])], [*map(_an_event, paced[NGINX])]).text(times)


def _an_event(run: Streams) -> float:
    return run.processor / max(run.events, 1)


def _a_stream(run: Streams) -> float:
    return (run.after - run.before) / max(run.opened, 1)


def _goals(scale: Scale, paced: Runs, slow: Runs) -> tuple[Goal, ...]:
    found = []
    if NGINX in paced:
        ours = ratios([*map(_an_event, paced[GATEWAY])], [*map(_an_event, paced[NGINX])])
        found.append(Goal("paced streams: CPU an event of nginx's", ours, times, most=EVENT_GOAL))
    name = f"{scale.open:,} open streams: PSS a stream"
    found.append(Goal(name, Spread.of(map(_a_stream, slow[GATEWAY])), kibibytes, most=STREAM_GOAL))
    return tuple(found)
