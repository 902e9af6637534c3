"""Where the processor time of a command goes: samples of its stack, each counted for the innermost stage that it shows.

Sampled and not traced: tracing makes small functions look several times as costly as they are.
"""

import signal
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import process_time
from types import FrameType

IMPORTS = "start of Python, imports"
REST = "all else"
_STAGES: Mapping[str, tuple[str, ...]] = {
    IMPORTS: ("<frozen importlib",),
    "read files, recall what is remembered": (
        "control/manifest/files.py",
        "control/manifest/reader.py",
        "control/manifest/memory.py",
    ),
    "parse YAML": ("control/manifest/constructor.py", "control/manifest/events.py"),
    "documents to resources": ("control/manifest/decode.py",),
    "sources and secrets of declarations": (
        "control/source.py",
        "control/seal.py",
        "control/intake.py",
        "control/proposal.py",
    ),
    "read the state": ("store/reader.py",),
    "compare": ("control/plan/", "control/ownership/", "control/rollback.py", "control/holding.py"),
    "rules between resources": ("control/outcome.py", "control/manifest/validate.py"),
    "impact and drift": ("control/plan/impact.py", "control/review.py", "control/drift.py"),
    "write": ("store/writer.py", "store/versioning.py", "store/engine.py"),
}
"""Stage → what the path of its code holds. The longest that fits decides."""
NAMES = (*_STAGES, REST)
_MARKS = sorted(
    ((mark, stage) for stage, marks in _STAGES.items() for mark in marks), key=lambda pair: -len(pair[0])
)
_INTERVAL = 0.001
"""Seconds; the kernel may make it longer."""


@contextmanager
def sampled() -> Iterator[dict[str, float]]:
    """What runs inside, in processor seconds by stage; filled in when it is done. What this process had used before
    counts as its start. In the main thread alone.
    """
    counted: Counter[str] = Counter()
    known: dict[str, str | None] = {}
    seconds: dict[str, float] = {}

    def sample(_number: int, frame: FrameType | None) -> None:
        counted[_stage(frame, known)] += 1

    began = process_time()
    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
    try:
        yield seconds
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        each = (process_time() - began) / max(1, counted.total())
        seconds.update({name: counted[name] * each for name in NAMES})
        seconds[IMPORTS] += began


def _stage(frame: FrameType | None, known: dict[str, str | None]) -> str:
    while frame is not None:
        file = frame.f_code.co_filename
        if file not in known:
            known[file] = next((stage for mark, stage in _MARKS if mark in file), None)
        if found := known[file]:
            return found
        frame = frame.f_back
    return REST
