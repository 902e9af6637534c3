"""What a worker holds: with a small configuration, and for each resource more."""

from collections.abc import Callable
from pathlib import Path

from benchmarks import corpus
from benchmarks.corpus import KEY_VARIABLE
from benchmarks.figures import Goal, Part, Spread, kibibytes, mebibytes_and_tenths, table
from benchmarks.processes import gateway, proportional_bytes
from benchmarks.serving import apply_here
from benchmarks.stand import Scale

WORKER_GOAL, RESOURCE_GOAL = 60 * 2**20, 3 * 1024
_ROUNDS = 3


def part(scale: Scale, folder: Path, say: Callable[[str], None]) -> Part:
    folder.mkdir(exist_ok=True)
    say(f"memory of a worker with {scale.resources[0]:,} and {scale.resources[1]:,} resources")
    small, large = scale.resources
    found = {
        size: [_worker(size, folder / f"{number}-{size}") for number in range(min(scale.rounds, _ROUNDS))]
        for size in scale.resources
    }
    more = Spread.of(
        (most - least) / (large - small) for least, most in zip(found[small], found[large], strict=True)
    )
    rows = [
        [f"{size:,} resources", Spread.of(found[size]).text(mebibytes_and_tenths)] for size in scale.resources
    ]
    rows.append(["each resource more", more.text(kibibytes)])
    goals = (
        Goal(
            f"a worker with {small:,} resources: PSS",
            Spread.of(found[small]),
            mebibytes_and_tenths,
            most=WORKER_GOAL,
        ),
        Goal("each resource more: PSS", more, kibibytes, most=RESOURCE_GOAL),
    )
    return Part(table(["a worker", "PSS"], rows), goals)


def _worker(resources: int, folder: Path) -> int:
    """Bytes of the one worker, the supervisor not counted."""
    folder.mkdir()
    made, db = corpus.write(folder / "manifests", resources), folder / "memory.db"
    apply_here(db, made.folder)
    with gateway(db, env={KEY_VARIABLE: "sk-benchmark"}) as (server, _):
        return sum(proportional_bytes(pid) for pid in server.pids[1:])
