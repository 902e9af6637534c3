"""What a second worker gives, where the load shares the two cores: nothing is pinned to one."""

from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Goal, Part, Spread, count, ratios, table, times
from benchmarks.stand import GATEWAY, Run, Scale, Stand, closed_loop, only

GOAL = 1.5
_FLAGS = ["--connections", "32"]
_WORKERS = (1, 2)

Runs = dict[str, dict[int, list[Run]]]


def part(scale: Scale, folder: Path, say: Callable[[str], None]) -> Part:
    runs: Runs = {}
    with Stand(folder, say) as stand:
        far = stand.upstream(None)
        servers = [
            (workers, target) for workers in _WORKERS for target in stand.proxies(far, None, workers=workers)
        ]
        for number in range(scale.rounds):
            say(f"one worker and two, round {number + 1} of {scale.rounds}")
            for workers, target in servers:
                only(target, [each for _, each in servers])
                run = closed_loop(target, _FLAGS, scale, far, None)
                runs.setdefault(target.name, {}).setdefault(workers, []).append(run)
    goal = Goal("a second worker: rate of one's", gain(runs[GATEWAY]), times, least=GOAL)
    return Part(report(runs), (goal,))


def gain(runs: dict[int, list[Run]]) -> Spread:
    one, two = ([run.outcome.rate for run in runs[workers]] for workers in _WORKERS)
    return ratios(two, one)


def report(runs: Runs) -> str:
    head = [
        "plain, 32 connections, both cores for all",
        "1 worker, requests/s",
        "2 workers, requests/s",
        "gain",
    ]
    rows = [
        [
            name,
            *(Spread.of(run.outcome.rate for run in mine[workers]).text(count) for workers in _WORKERS),
            gain(mine).text(times),
        ]
        for name, mine in runs.items()
    ]
    return table(head, rows)
