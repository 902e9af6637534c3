"""How cost grows with the number of resources: each size once, its seconds beside those of its own parse.

In processor time, which is nearly that on the clock (each command is one thread), and tells the same where a machine has
other things to do.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from benchmarks import control_plane, corpus
from benchmarks.control_plane import BACK, COLD, FIRST, NONE, ONE, Result
from benchmarks.figures import mebibytes, microseconds, seconds, table, times

PARSE = "parse"
WORK = (FIRST, COLD, NONE, ONE, BACK)


def measure(sizes: Sequence[int], folder: Path, say: Callable[[str], None]) -> list[Result]:
    results = []
    for size in sizes:
        say(f"{size} resources, once")
        place = folder / f"curve-{size}"
        place.mkdir()
        result = Result(corpus.write(place / "manifests", size))
        control_plane.one_round(result, place / "store.db")
        results.append(result)
    return results


def report(results: Sequence[Result]) -> str:
    """Markdown: the seconds of each size and its multiple of the parse; then what one resource more costs."""
    sizes = [result.corpus.resources for result in results]
    head = ["processor time", *(f"{size:,} resources" for size in sizes)]
    rows = [[PARSE, *(seconds(_time(result, PARSE)) for result in results)]]
    for work in WORK:
        cells = (
            f"{seconds(_time(each, work))}, {times(_time(each, work) / _time(each, PARSE))}"
            for each in results
        )
        rows.append([work, *cells])
    rows.append(["peak memory", *(mebibytes(_peak(result)) for result in results)])
    steps = list(pairwise(results))
    more = ["Each resource more", *(f"{a:,} to {b:,}" for a, b in pairwise(sizes))]
    grown = [[work, *(microseconds(_growth(*step, work)) for step in steps)] for work in (PARSE, *WORK)]
    return f"{table(head, rows)}\n\n{table(more, grown)}"


def _time(result: Result, work: str) -> float:
    return result.processor_parses[0] if work == PARSE else result.work[work][0].processor


def _peak(result: Result) -> int:
    return max(result.work[work][0].peak for work in WORK)


def _growth(smaller: Result, larger: Result, work: str) -> float:
    """Seconds for each resource more: the same from step to step where cost grows linearly."""
    more = larger.corpus.resources - smaller.corpus.resources
    return (_time(larger, work) - _time(smaller, work)) / more
