"""The control plane's commands and the time from commit to serving, as multiples of the bare parse of the same files.

A round parses, then does each thing once, and parses again halfway and at its end. A figure is divided by the median
of its own round's parses, so that a machine that gets slower for a while slows both.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import corpus, serving
from benchmarks.corpus import Corpus
from benchmarks.figures import Spread, mebibytes, milliseconds, ratios, seconds, table, times
from benchmarks.processes import Timing, timed
from reconciler.control.manifest.events import ACCELERATED

SLOW_PARSE = "ruamel.yaml.clib is missing: the parse is pure Python, and every ratio below is far too good"
FIRST, NONE, ONE = "apply, first", "diff, no change", "apply, one changed"
WORK = ("validate", FIRST, NONE, ONE, "rollback of it", "export")
_DIFFERENT = 7


@dataclass(frozen=True, slots=True)
class Size:
    """`budget` in seconds: no round begins after it, so that a slow machine ends too."""

    resources: int
    rounds: int
    commits: int
    budget: float


@dataclass(slots=True)
class Result:
    corpus: Corpus
    parses: list[float] = field(default_factory=list)
    """Seconds, one a round: the median of that round's."""
    parse_peaks: list[int] = field(default_factory=list)
    work: dict[str, list[Timing]] = field(default_factory=dict)
    served: list[serving.Delay] = field(default_factory=list)


def measure(size: Size, folder: Path, say: Callable[[str], None]) -> Result:
    """Leaves nothing running; `folder` holds what it wrote."""
    result = Result(corpus.write(folder / "manifests", size.resources))
    began = perf_counter()
    for number in range(size.rounds):
        if number and perf_counter() - began > size.budget:
            say(f"stopped after {number} of {size.rounds} rounds: {size.budget:g} s are used up")
            break
        say(f"{result.corpus.resources} resources, round {number + 1} of {size.rounds}")
        _round(result, folder / f"round-{number}.db")
    say(f"{result.corpus.resources} resources, {size.commits} commits to a running gateway")
    result.served = serving.measure(result.corpus, folder / "served.db", size.commits)
    return result


def _round(result: Result, db: Path) -> None:
    files = ("-f", str(result.corpus.folder))
    parses: list[Timing] = []

    def parse() -> None:
        parses.append(timed("parse", str(result.corpus.folder)))

    def do(name: str, *arguments: str) -> None:
        result.work.setdefault(name, []).append(timed("command", "--db", str(db), *arguments))

    result.corpus.touch(0)
    parse()
    do("validate", "validate", *files)
    do(FIRST, "apply", *files)
    parse()
    do(NONE, "diff", *files)
    result.corpus.touch(_DIFFERENT)
    do(ONE, "apply", *files)
    do("rollback of it", "rollback", "1")
    do("export", "export")
    parse()
    result.parses.append(median(timing.inside for timing in parses))
    result.parse_peaks.append(max(timing.peak for timing in parses))


def report(result: Result) -> str:
    """Markdown: a table of the commands, and one of commit to serving."""
    about = result.corpus
    head = [
        f"{about.resources:,} resources in {about.files:,} files",
        "times the parse",
        "in process, times the parse",
        "time",
        "start and imports",
        "peak memory",
    ]
    peak = mebibytes(max(result.parse_peaks))
    rows = [["parse", "1", "1", Spread.of(result.parses).text(seconds), "", peak]]
    rows += [_row(name, result) for name in WORK]
    warning = "" if ACCELERATED else f"**{SLOW_PARSE}.**\n\n"
    rounds = f"{about.size / 2**20:.1f} MiB of YAML; medians, rounds: {len(result.parses)} (least to most)."
    return f"{warning}{rounds}\n\n{table(head, rows)}\n\n{_served(result)}"


def _row(name: str, result: Result) -> list[str]:
    timings = result.work[name]
    return [
        f"`{name}`" if name in {"validate", "export"} else name,
        ratios([timing.wall for timing in timings], result.parses).text(times),
        ratios([timing.inside for timing in timings], result.parses).text(times),
        seconds(median(timing.wall for timing in timings)),
        seconds(median(timing.wall - timing.inside for timing in timings)),
        mebibytes(max(timing.peak for timing in timings)),
    ]


def _served(result: Result) -> str:
    parse = median(result.parses)
    named = {
        "worker has acknowledged it": [delay.acknowledged for delay in result.served],
        "client is answered from it": [delay.answered for delay in result.served],
    }
    rows = [
        [name, times(median(samples) / parse), Spread.of(samples).text(milliseconds)]
        for name, samples in named.items()
    ]
    return table([f"From commit to serving, {len(result.served)} commits", "times the parse", "time"], rows)
