"""Measures both planes and prints ratios.

`make bench` takes about five minutes, `make bench ARGS=--quick` about one. `ARGS="--only curve"` shows how the control
plane's cost grows up to 100,000 resources, in about ten. `ARGS="--write docs/performance.md"` puts the figures into that
document; those of the curve have a place of their own there, so that either can be measured again alone.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks import control_plane, curve, data_plane, machine
from benchmarks.control_plane import SLOW_PARSE, Size
from benchmarks.data_plane import Windows
from benchmarks.processes import Failed
from reconciler.control.manifest.events import ACCELERATED

BEGIN = "<!-- figures: written by benchmarks/run.py -->"
END = "<!-- end of figures -->"
CURVE_BEGIN = "<!-- curve: written by benchmarks/run.py --only curve -->"
CURVE_END = "<!-- end of the curve -->"
CONTROL, DATA, CURVE = "control", "data", "curve"


@dataclass(frozen=True, slots=True)
class Scope:
    sizes: tuple[Size, ...]
    windows: Windows
    curve: tuple[int, ...]


FULL = Scope(
    (Size(1_000, rounds=4, commits=10, budget=45), Size(10_000, rounds=3, commits=10, budget=80)),
    Windows(rounds=4, seconds=2.0, warm_up=0.3),
    (1_000, 10_000, 100_000),
)
QUICK = Scope(
    (Size(1_000, rounds=1, commits=3, budget=20),),
    Windows(rounds=1, seconds=1.0, warm_up=0.2),
    (1_000, 10_000),
)
SMOKE = Scope(
    (Size(20, rounds=1, commits=1, budget=20),), Windows(1, seconds=5.0, warm_up=0.0, limit=50), (20, 40)
)


def main(arguments: list[str]) -> int:
    """0; 1 where something that is measured failed; 2 for wrong usage."""
    told = _parser().parse_args(arguments)
    scope = SMOKE if told.smoke else QUICK if told.quick else FULL
    lines = (CURVE_BEGIN, CURVE_END) if told.only == CURVE else (BEGIN, END)
    if told.write is not None and not _holds(told.write, lines):
        print(f"{told.write}: there are no lines {' and '.join(lines)} to write between", file=sys.stderr)
        return 2
    began, load = perf_counter(), machine.load()
    try:
        parts = _parts(scope, told.only)
    except Failed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    about = [
        *machine.description(),
        f"load average {load} at the start, {machine.load()} at the end; {perf_counter() - began:.0f} s in all",
    ]
    print("\n".join(about))
    if told.write is not None:
        listed = "\n".join(f"- {line}" for line in about)
        _write(told.write, "\n\n".join([f"Taken on {machine.today()}.", listed, *parts]), lines)
        say(f"written to {told.write}")
    return 0


def say(line: str) -> None:
    """What is going on, beside the result."""
    print(f"... {line}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks/run.py", description="Measure both planes; print ratios."
    )
    parser.add_argument("--quick", action="store_true", help="1,000 resources and one short round")
    parser.add_argument(
        "--smoke", action="store_true", help="see that all of it works; the figures mean nothing"
    )
    parser.add_argument(
        "--only", choices=[CONTROL, DATA, CURVE], help="one plane, or how the control plane's cost grows"
    )
    parser.add_argument("--write", metavar="FILE", type=Path, help="put the figures into a document, too")
    return parser


def _parts(scope: Scope, only: str | None) -> list[str]:
    """Markdown; each part is printed as soon as it is known."""
    parts: list[str] = []

    def add(title: str, text: str) -> None:
        parts.append(f"### {title}\n\n{text}")
        print(f"{parts[-1]}\n", flush=True)

    with tempfile.TemporaryDirectory(prefix="routerctl-benchmark-") as name:
        if only != DATA:
            _warn_and_warm_up(Path(name))
        if only == CURVE:
            add("How cost grows", curve.report(curve.measure(scope.curve, Path(name), say)))
        if only in {None, CONTROL}:
            _control_plane(scope, Path(name), add)
        if only in {None, DATA}:
            _data_plane(scope, Path(name), add)
    return parts


def _warn_and_warm_up(folder: Path) -> None:
    if not ACCELERATED:
        say(f"warning: {SLOW_PARSE}")
    say("warming up")
    control_plane.warm_up(folder)


def _control_plane(scope: Scope, folder: Path, add: Callable[[str, str], None]) -> None:
    for size in scope.sizes:
        place = folder / f"control-{size.resources}"
        place.mkdir()
        result = control_plane.measure(size, place, say)
        add(f"Control plane, {size.resources:,} resources", control_plane.report(result))


def _data_plane(scope: Scope, folder: Path, add: Callable[[str, str], None]) -> None:
    if sys.platform != "linux":
        say("the data plane is measured on Linux only")
        return
    add("Data plane", data_plane.report(data_plane.measure(scope.windows, folder / "data", say)))


def _holds(document: Path, lines: tuple[str, str]) -> bool:
    text = document.read_text(encoding="utf-8") if document.is_file() else ""
    return -1 < text.find(lines[0]) < text.find(lines[1])


def _write(document: Path, figures: str, lines: tuple[str, str]) -> None:
    """Replaces what stands between the two lines, and nothing else."""
    begin, end = lines
    text = document.read_text(encoding="utf-8")
    before, after = text.partition(begin)[0], text.partition(end)[2]
    document.write_text(f"{before}{begin}\n\n{figures}\n\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
