"""Whether a gateway stays as it is: mixed load for a long time, clients that leave, changes of the configuration.

`make soak` takes an hour; `make soak MINUTES=1` sees that it works, and judges no growth. Plain requests, long ones and
streams, of which the client leaves one in a hundred; an apply each ten seconds, under load. Each time the load has ended
for a moment, memory and descriptors are looked at. What the last sixth of the time shows is held against the second.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from threading import Event
from time import perf_counter

from benchmarks import document, interpreter, machine
from benchmarks.figures import count, mebibytes_and_tenths, table
from benchmarks.processes import Failed, descriptors, proportional_bytes, timed
from benchmarks.stand import Run, Scale, Stand, Target, closed_loop, cores, manifests

JUDGED_MINUTES = 10.0
"""A shorter one is all warm-up: it sees that everything works, and does not fail for what has grown."""
SLICE_SECONDS = 10.0
SAMPLES = 24
"""At least, however short it is."""
MEMORY_BOUND = 2 * 2**20
DESCRIPTOR_BOUND = 2
FLAGS = ["--connections", "16", "--mixed", "--abort-every", "100"]
_PATIENCE = 20.0
_IN_FLIGHT = re.compile(r"^routerctl_requests_in_flight(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sample:
    """`worker` and `supervisor` are bytes; `descriptors` those of both."""

    worker: int
    supervisor: int
    descriptors: int


@dataclass(frozen=True, slots=True)
class Change:
    """Of a figure's median, from the second sixth to the last."""

    name: str
    early: float
    late: float
    bound: float
    form: Callable[[float], str]

    @property
    def held(self) -> bool:
        return self.late - self.early <= self.bound


@dataclass(frozen=True, slots=True)
class Soak:
    minutes: float
    samples: list[Sample]
    answered: int
    aborted: int
    applies: int
    left: int
    """Requests that are under way, by the gateway's own count, when all clients have gone."""

    @property
    def changes(self) -> tuple[Change, ...]:
        def change(name: str, values: list[int], bound: float, form: Callable[[float], str]) -> Change:
            sixth = max(1, len(values) // 6)
            early, late = values[sixth : 2 * sixth] or values, values[-sixth:]
            return Change(name, median(early), median(late), bound, form)

        return (
            change("worker, PSS", [one.worker for one in self.samples], MEMORY_BOUND, mebibytes_and_tenths),
            change(
                "supervisor, PSS",
                [one.supervisor for one in self.samples],
                MEMORY_BOUND,
                mebibytes_and_tenths,
            ),
            change("descriptors of both", [one.descriptors for one in self.samples], DESCRIPTOR_BOUND, count),
        )

    @property
    def held(self) -> bool:
        grown = self.minutes >= JUDGED_MINUTES and not all(change.held for change in self.changes)
        return not self.left and not grown


def measure(minutes: float, folder: Path, say: Callable[[str], None]) -> Soak:
    """Raises Failed where a request that its client waited for was not answered rightly."""
    proxy_core, ends_core = cores()
    seconds = minutes * 60
    piece = min(SLICE_SECONDS, seconds / SAMPLES)
    scale = Scale(rounds=1, seconds=piece, warm_up=0.0)
    samples: list[Sample] = []
    runs: list[Run] = []
    with Stand(folder, say) as stand, ThreadPoolExecutor(1) as beside:
        far = stand.upstream(ends_core)
        target = stand.gateway(far, proxy_core)
        end, said = perf_counter() + seconds, perf_counter()
        while perf_counter() < end:
            applying = beside.submit(_apply, target.folder, far.url, len(runs))
            runs.append(closed_loop(target, FLAGS, scale, far, ends_core))
            applying.result()
            samples.append(_sample(target))
            if perf_counter() - said > min(60.0, seconds / 6):
                said = perf_counter()
                say(f"{_minutes(end - said)} left; {_words(samples[-1])}")
        left = _left(target)
    answered, aborted = (sum(getattr(run.outcome, what) for run in runs) for what in ("total", "aborted"))
    return Soak(minutes, samples, answered, aborted, len(runs), left)


def _apply(folder: Path, url: str, number: int) -> None:
    """Another key, another header and another name: nothing that was made of the ones before is of use any more."""
    more = f"config: {{headers: {{x-soak: '{number}'}}, "
    text = manifests(url).replace("config: {", more, 1)
    text = text.replace("apiKey: sk-upstream", f"apiKey: sk-upstream-{number}", 1)
    text = text.replace("spec: {}", f"spec: {{aliases: [soak-{number}]}}", 1)
    file = folder / "measured.yaml"
    file.write_text(text, encoding="utf-8")
    timed("command", "--db", str(folder / "measured.db"), "apply", "-f", str(file))


def _sample(target: Target) -> Sample:
    assert target.server is not None
    supervisor, *workers = target.server.pids
    return Sample(
        worker=sum(map(proportional_bytes, workers)),
        supervisor=proportional_bytes(supervisor),
        descriptors=sum(map(descriptors, target.server.pids)),
    )


def _left(target: Target) -> int:
    """Workers tell their counts with their heartbeats, so the last ones come a little later."""
    assert target.server is not None
    end, pause = perf_counter() + _PATIENCE, Event()
    while True:
        found = _IN_FLIGHT.search(target.server.metrics())
        if found is None:
            raise Failed("the gateway does not tell how many requests are under way")
        if float(found[1]) == 0 or perf_counter() > end:
            return int(float(found[1]))
        pause.wait(0.2)


def _minutes(seconds: float) -> str:
    return f"{max(0.0, seconds) / 60:.1f} min"


def _words(sample: Sample) -> str:
    return (
        f"worker {mebibytes_and_tenths(sample.worker)}, supervisor {mebibytes_and_tenths(sample.supervisor)}, "
        f"{sample.descriptors} descriptors"
    )


def report(soak: Soak) -> str:
    rows = [
        [
            change.name,
            change.form(change.early),
            change.form(change.late),
            f"+{change.form(change.bound)}",
            "yes" if change.held else "no",
        ]
        for change in soak.changes
    ]
    rows.append(
        ["requests under way at the end", "-", count(soak.left), count(0), "no" if soak.left else "yes"]
    )
    head = ["median", "second sixth", "last sixth", "bound", "held"]
    about = (
        f"{soak.minutes:g} minutes, {soak.answered:,} requests, {soak.aborted:,} more that the client left, "
        f"{soak.applies:,} applies, {len(soak.samples)} samples. No answer was wrong."
    )
    if soak.minutes < JUDGED_MINUTES:
        about += " Too short to tell whether something grows: a worker is not warm yet."
    return f"{about}\n\n{table(head, rows)}"


def main(arguments: Sequence[str]) -> int:
    """0; 1 where a bound is not held or an answer was wrong; 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="benchmarks/soak.py", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--write", metavar="FILE", type=Path, help="put the figures into a document, too")
    parser.add_argument(interpreter.OPTION, metavar="PATH", help="the Python to run on")
    told = parser.parse_args(arguments)
    if told.write is not None and (wrong := document.missing(told.write, [document.SOAK])):
        print(wrong, file=sys.stderr)
        return 2
    machine.raise_descriptors()
    load = machine.load()
    with tempfile.TemporaryDirectory(prefix="routerctl-soak-") as name:
        try:
            soak = measure(told.minutes, Path(name), machine.say)
        except Failed as failure:
            print(f"error: {failure}", file=sys.stderr)
            return 1
    about = [*machine.description(), f"load average {load} at the start, {machine.load()} at the end"]
    print(f"{report(soak)}\n")
    print("\n".join(about))
    if told.write is not None:
        document.SOAK.write(told.write, document.taken(machine.today(), about, [report(soak)]))
    return 0 if soak.held else 1


if __name__ == "__main__":
    interpreter.use_the_best(sys.argv, machine.say)
    sys.exit(main(sys.argv[1:]))
