"""One measured piece of work in a process of its own:
`python -m benchmarks.timed parse FOLDER | command ARGUMENTS | stages ARGUMENTS`.

Prints `{"code", "seconds", "processor", "peak"}`: `seconds` and processor seconds without the start of Python and the
imports, `peak` memory in bytes; of `stages` also where the processor time of the command went. What the work itself prints
is written where nobody reads it, at the cost of writing it.
"""

import json
import os
import resource
import sys
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from importlib import import_module
from pathlib import Path
from time import perf_counter, process_time

from ruamel.yaml import YAML

from benchmarks.stages import sampled
from reconciler.cli.leaving import leave
from reconciler.cli.main import COMMANDS, collect_seldom, run


def parse(folder: Path) -> int:
    """What reading costs at least: the values of every document, and nothing checked. 0, as a command that went well."""
    for file in sorted(folder.glob("provider-*.yaml")):
        for _ in YAML(typ="safe").load_all(file.read_text(encoding="utf-8")):
            pass
    return 0


def peak() -> int:
    """In bytes. ru_maxrss would count what the starting process held, too."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def main(work: str, arguments: list[str]) -> None:
    if work != "parse":
        collect_seldom()
    sampling: AbstractContextManager[dict[str, float]] = sampled() if work == "stages" else nullcontext({})
    with sampling as stages:
        for verb in COMMANDS.keys() & set(arguments):
            import_module(f"reconciler.cli.commands.{verb}")
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            began, used = perf_counter(), process_time()
            code = parse(Path(arguments[0])) if work == "parse" else run(arguments)
            seconds, processor = perf_counter() - began, process_time() - used
    told = {"code": code, "seconds": seconds, "processor": processor, "peak": peak(), "stages": stages}
    print(json.dumps(told))
    leave(0)  # as a command does


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
