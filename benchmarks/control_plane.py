"""The control plane's commands and the time from commit to serving, as multiples of the bare parse of the same files.

A round parses, then does each thing once, and parses again halfway and at its end. A figure is divided by the median
of its own round's parses, so that a machine that gets slower for a while slows both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import corpus, serving
from benchmarks.corpus import Corpus
from benchmarks.figures import Spread, mebibytes, milliseconds, ratios, seconds, table, times
from benchmarks.processes import Timing, timed, wall
from benchmarks.stages import NAMES
from reconciler.control.manifest.events import ACCELERATED
from reconciler.store.url import parse as location_of

SLOW_PARSE = "ruamel.yaml.clib is missing: the parse is pure Python, and every ratio below is far too good"
VALIDATE, FIRST, COLD, NONE = "validate", "apply, first", "diff, nothing remembered", "diff, files remembered"
ONE, BACK, EXPORT = "apply, one changed", "rollback of it", "export"
WORK = (VALIDATE, FIRST, COLD, NONE, ONE, BACK, EXPORT)
HELP, GET = "--help", f"get provider/{corpus.PROVIDER}"
BOUNDED = 10_000
"""The number of resources that the bounds are for."""
BOUNDS: Mapping[str, float] = {FIRST: 3.0, COLD: 1.2, NONE: 0.4, ONE: 0.6, BACK: 1.0}
"""Times the parse."""
START_BOUNDS: Mapping[str, float] = {HELP: 0.150, GET: 0.300}
"""Seconds."""
PEAK_BOUND = 400 * 2**20
SERVING_BOUND = 0.1
_DIFFERENT = 7
_STARTS = 3
"""Of each command that is over at once, in a round."""


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
    processor_parses: list[float] = field(default_factory=list)
    """The same in processor time."""
    parse_peaks: list[int] = field(default_factory=list)
    work: dict[str, list[Timing]] = field(default_factory=dict)
    starts: dict[str, list[float]] = field(default_factory=dict)
    """Seconds from the start of a process to its end."""
    stages: dict[str, Mapping[str, float]] = field(default_factory=dict)
    """Work → stage → processor seconds, of one run."""
    served: list[serving.Delay] = field(default_factory=list)

    @property
    def bounded(self) -> bool:
        return self.corpus.resources == BOUNDED


def measure(size: Size, folder: Path, say: Callable[[str], None]) -> Result:
    """Leaves nothing running; `folder` holds what it wrote."""
    result = Result(corpus.write(folder / "manifests", size.resources))
    began = perf_counter()
    for number in range(size.rounds):
        if number and perf_counter() - began > size.budget:
            say(f"stopped after {number} of {size.rounds} rounds: {size.budget:g} s are used up")
            break
        say(f"{result.corpus.resources} resources, round {number + 1} of {size.rounds}")
        one_round(result, folder / f"round-{number}.db")
    say(f"{result.corpus.resources} resources: where the time goes")
    _stages(result, folder / "stages.db")
    say(f"{result.corpus.resources} resources, {size.commits} commits to a running gateway")
    result.served = serving.measure(result.corpus, folder / "served.db", size.commits)
    return result


def warm_up(folder: Path) -> None:
    """Runs everything once on little: the first start after a change compiles what it imports, and no other does."""
    few = corpus.write(folder / "few", 2 * corpus.PER_FILE)
    one_round(Result(few), folder / "few.db")


def one_round(result: Result, db: Path) -> None:
    """Adds a round to `result`, in a store of its own."""
    files = ("-f", str(result.corpus.folder))
    parses: list[Timing] = []

    def parse() -> None:
        parses.append(timed("parse", str(result.corpus.folder)))

    def do(name: str, *arguments: str) -> None:
        result.work.setdefault(name, []).append(timed("command", "--db", str(db), *arguments))

    result.corpus.touch(0)
    parse()
    do(VALIDATE, "validate", *files)
    do(FIRST, "apply", *files)
    parse()
    location_of(str(db)).memory_path.unlink()
    do(COLD, "diff", *files)
    do(NONE, "diff", *files)
    result.corpus.touch(_DIFFERENT)
    do(ONE, "apply", *files)
    do(BACK, "rollback", "1")
    do(EXPORT, "export")
    for start in START_BOUNDS:
        samples = (wall("--db", str(db), *start.split()) for _ in range(_STARTS))
        result.starts.setdefault(start, []).extend(samples)
    parse()
    result.parses.append(median(timing.inside for timing in parses))
    result.processor_parses.append(median(timing.processor_inside for timing in parses))
    result.parse_peaks.append(max(timing.peak for timing in parses))


def _stages(result: Result, db: Path) -> None:
    files = ("-f", str(result.corpus.folder))

    def do(*arguments: str) -> Mapping[str, float]:
        return timed("stages", "--db", str(db), *arguments).stages

    result.corpus.touch(0)
    result.stages[FIRST] = do("apply", *files)
    result.stages[NONE] = do("diff", *files)
    result.corpus.touch(_DIFFERENT)
    result.stages[ONE] = do("apply", *files)
    result.stages[BACK] = do("rollback", "1")


def report(result: Result) -> str:
    """Markdown: tables of the commands, of starts, of where the time goes, and of commit to serving."""
    about = result.corpus
    head = [
        f"{about.resources:,} resources in {about.files:,} files",
        "times the parse",
        *(["bound"] if result.bounded else []),
        "in process, times the parse",
        "time",
        "start and imports",
        "peak memory",
    ]
    peak = mebibytes(max(result.parse_peaks))
    bound = [""] if result.bounded else []
    rows = [["parse", "1", *bound, "1", Spread.of(result.parses).text(seconds), "", peak]]
    rows += [_row(name, result) for name in WORK]
    warning = "" if ACCELERATED else f"**{SLOW_PARSE}.**\n\n"
    rounds = f"{about.size / 2**20:.1f} MiB of YAML; medians, rounds: {len(result.parses)} (least to most)."
    if result.bounded:
        rounds += f" The bound of peak memory is {mebibytes(PEAK_BOUND)}."
    parts = [table(head, rows), _starts(result), _where(result), _served(result)]
    return f"{warning}{rounds}\n\n" + "\n\n".join(parts)


def _row(name: str, result: Result) -> list[str]:
    timings = result.work[name]
    bound = [times(BOUNDS[name]) if name in BOUNDS else ""] if result.bounded else []
    return [
        f"`{name}`" if name in {VALIDATE, EXPORT} else name,
        ratios([timing.wall for timing in timings], result.parses).text(times),
        *bound,
        ratios([timing.inside for timing in timings], result.parses).text(times),
        seconds(median(timing.wall for timing in timings)),
        seconds(median(timing.wall - timing.inside for timing in timings)),
        mebibytes(max(timing.peak for timing in timings)),
    ]


def _starts(result: Result) -> str:
    rows = [
        [f"`routerctl {name}`", Spread.of(samples).text(milliseconds), milliseconds(START_BOUNDS[name])]
        for name, samples in result.starts.items()
    ]
    return table(["From start to end", "time", "bound"], rows)


def _where(result: Result) -> str:
    """Of one run each; a stage that takes nothing anywhere is left out."""
    works = list(result.stages)
    rows = [
        [name, *(_share(result.stages[work], name) for work in works)]
        for name in NAMES
        if any(result.stages[work].get(name, 0) for work in works)
    ]
    totals = ["processor time", *(seconds(sum(result.stages[work].values())) for work in works)]
    return table(["Where the time goes", *works], [*rows, totals])


def _share(stages: Mapping[str, float], name: str) -> str:
    total = sum(stages.values())
    return f"{stages.get(name, 0.0) / total:.0%}" if total else "-"


def _served(result: Result) -> str:
    parse = median(result.parses)
    named = {
        "worker has acknowledged it": [delay.acknowledged for delay in result.served],
        "client is answered from it": [delay.answered for delay in result.served],
    }
    rows = [
        [
            name,
            times(median(samples) / parse),
            Spread.of(samples).text(milliseconds),
            milliseconds(SERVING_BOUND),
        ]
        for name, samples in named.items()
    ]
    head = [f"From commit to serving, {len(result.served)} commits", "times the parse", "time", "bound"]
    return table(head, rows)
