"""Measures both planes and prints ratios.

`make bench` takes about fifteen minutes, `make bench ARGS=--quick` about three. `ARGS="--only WHAT ..."` measures a part;
`curve`, which shows how the control plane's cost grows up to 100,000 resources in about ten minutes, is measured only
then. `ARGS="--write docs/performance.md"` puts the figures into that document, where the control plane, the data plane
and the curve have a place each, so that each can be measured again alone.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks import (
    bytecodes,
    control_plane,
    curve,
    data_plane,
    document,
    held_streams,
    interpreter,
    machine,
    memory,
    one_core,
    two_workers,
    upstream_tls,
)
from benchmarks.control_plane import SLOW_PARSE, Size
from benchmarks.figures import Goal, Part, goals_table
from benchmarks.processes import Failed
from benchmarks.stand import Scale
from reconciler.control.manifest.events import ACCELERATED

CONTROL, DATA, CURVE = "control", "data", "curve"
DATA_PARTS: dict[str, tuple[str, Callable[[Scale, Path, Callable[[str], None]], Part]]] = {
    "load": ("Data plane: load", data_plane.part),
    "streams": ("Data plane: streams that are held", held_streams.part),
    "latency": ("Data plane: latency", one_core.part),
    "workers": ("Data plane: a second worker", two_workers.part),
    "tls": ("Data plane: TLS to the upstream", upstream_tls.part),
    "memory": ("Data plane: memory", memory.part),
    "calls": ("Data plane: what a request executes", bytecodes.part),
}
"""word -> title, what measures it."""
CHOICES = (CONTROL, DATA, CURVE, *DATA_PARTS)


@dataclass(frozen=True, slots=True)
class Scope:
    sizes: tuple[Size, ...]
    scale: Scale
    curve: tuple[int, ...]


FULL = Scope(
    (Size(1_000, rounds=4, commits=10, budget=45), Size(10_000, rounds=3, commits=10, budget=80)),
    Scale(rounds=5, seconds=2.0, warm_up=0.3),
    (1_000, 10_000, 100_000),
)
QUICK = Scope(
    (Size(1_000, rounds=1, commits=3, budget=20),),
    Scale(rounds=1, seconds=1.0, warm_up=0.2, open=1_000),
    (1_000, 10_000),
)
SMOKE = Scope(
    (Size(20, rounds=1, commits=1, budget=20),),
    Scale(1, seconds=0.1, warm_up=0.0, limit=50, paced=4, open=4, resources=(20, 40)),
    (20, 40),
)


def main(arguments: list[str]) -> int:
    """0; 1 where something that is measured failed; 2 for wrong usage."""
    told = _parser().parse_args(arguments)
    scope = SMOKE if told.smoke else QUICK if told.quick else FULL
    wanted = _wanted(told.only)
    places = _places(wanted)
    if told.write is not None and (wrong := _unwritable(told.write, wanted, places)):
        print(wrong, file=sys.stderr)
        return 2
    machine.raise_descriptors()
    began, load = perf_counter(), machine.load()
    try:
        parts = _measured(scope, wanted)
    except Failed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    about = [
        *machine.description(),
        f"load average {load} at the start, {machine.load()} at the end; {perf_counter() - began:.0f} s in all",
    ]
    print("\n".join(about))
    if told.write is not None:
        for plane, place in places.items():
            place.write(told.write, document.taken(machine.today(), about, parts[plane]))
        machine.say(f"written to {told.write}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py", description="Measure both planes; print ratios."
    )
    parser.add_argument("--quick", action="store_true", help="1,000 resources and one short round")
    parser.add_argument(
        "--smoke", action="store_true", help="see that all of it works; the figures mean nothing"
    )
    parser.add_argument(
        "--only",
        choices=CHOICES,
        nargs="+",
        metavar="WHAT",
        help=f"planes, or parts of the data plane: {', '.join(CHOICES)}",
    )
    parser.add_argument("--write", metavar="FILE", type=Path, help="put the figures into a document, too")
    parser.add_argument(
        interpreter.OPTION,
        metavar="PATH",
        help="the Python to run on (default: the distribution's, where it fits and is not slower)",
    )
    return parser


def _wanted(only: Sequence[str] | None) -> list[str]:
    """The planes, and the parts of the data plane, in their order."""
    asked = set(only or (CONTROL, DATA))
    if DATA in asked:
        asked |= DATA_PARTS.keys()
    return [one for one in CHOICES if one in asked]


def _places(wanted: Sequence[str]) -> dict[str, document.Place]:
    places = {CONTROL: document.CONTROL, DATA: document.DATA, CURVE: document.CURVE}
    return {plane: place for plane, place in places.items() if plane in wanted}


def _unwritable(file: Path, wanted: Sequence[str], places: dict[str, document.Place]) -> str | None:
    if DATA not in wanted and DATA_PARTS.keys() & set(wanted):
        return "a part of the data plane is not written by itself: --only data measures all of it"
    return document.missing(file, places.values())


def _measured(scope: Scope, wanted: Sequence[str]) -> dict[str, list[str]]:
    """The parts of each plane in Markdown; each is printed as soon as it is known."""
    parts: dict[str, list[str]] = {}

    def add(plane: str, title: str, text: str) -> None:
        parts.setdefault(plane, []).append(f"### {title}\n\n{text}")
        print(f"{parts[plane][-1]}\n", flush=True)

    with tempfile.TemporaryDirectory(prefix="routerctl-benchmark-") as name:
        if {CONTROL, CURVE} & set(wanted):
            _warn_and_warm_up(Path(name))
        if CURVE in wanted:
            add(CURVE, "How cost grows", curve.report(curve.measure(scope.curve, Path(name), machine.say)))
        if CONTROL in wanted:
            _control_plane(scope, Path(name), add)
        _data_plane(scope, Path(name), [one for one in wanted if one in DATA_PARTS], add)
    return parts


def _warn_and_warm_up(folder: Path) -> None:
    if not ACCELERATED:
        machine.say(f"warning: {SLOW_PARSE}")
    machine.say("warming up")
    control_plane.warm_up(folder)


def _control_plane(scope: Scope, folder: Path, add: Callable[[str, str, str], None]) -> None:
    for size in scope.sizes:
        place = folder / f"control-{size.resources}"
        place.mkdir()
        result = control_plane.measure(size, place, machine.say)
        add(CONTROL, f"Control plane, {size.resources:,} resources", control_plane.report(result))


def _data_plane(
    scope: Scope, folder: Path, wanted: Sequence[str], add: Callable[[str, str, str], None]
) -> None:
    if wanted and sys.platform != "linux":
        machine.say("the data plane is measured on Linux only")
        return
    goals: list[Goal] = []
    for word in wanted:
        title, measure = DATA_PARTS[word]
        part = measure(scope.scale, folder / word, machine.say)
        goals += part.goals
        add(DATA, title, part.text)
    if goals:
        add(DATA, "Data plane: against its goals", goals_table(goals))


if __name__ == "__main__":
    interpreter.use_the_best(sys.argv, machine.say)
    sys.exit(main(sys.argv[1:]))
