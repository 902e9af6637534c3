"""One measured piece of work in a process of its own: `python -m benchmarks.timed parse FOLDER | command ARGUMENTS`.

Prints `{"code", "seconds", "peak"}`: `seconds` without the start of Python and the imports, `peak` memory in bytes.
What the work itself prints is written where nobody reads it, at the cost of writing it.
"""

import json
import os
import resource
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from time import perf_counter

from ruamel.yaml import YAML

from reconciler.cli.main import COMMANDS, run


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
    for verb in COMMANDS.keys() & set(arguments):
        import_module(f"reconciler.cli.commands.{verb}")
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        began = perf_counter()
        code = parse(Path(arguments[0])) if work == "parse" else run(arguments)
        seconds = perf_counter() - began
    print(json.dumps({"code": code, "seconds": seconds, "peak": peak()}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
