"""Compile the gateway's hot modules, with mypyc and the C compiler that Python's own configuration names.

    python scripts/compile.py [--into FOLDER] [MODULE ...]

Where something that is needed is missing, it says what and fails; all runs from the sources as ever. What is there and fits
is not compiled again. With modules by full name, just those: what they import is run from its source.
"""

import argparse
import ast
import json
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Protocol

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from reconciler import compiled  # noqa: E402  this script runs by its path

HOT = (
    "gateway/cost.py",
    "gateway/dispatch/a*.py",
    "gateway/dispatch/c*.py",
    "gateway/dispatch/faults.py",
    "gateway/dispatch/machine.py",
    "gateway/dispatch/memory.py",
    "gateway/dispatch/metering.py",
    "gateway/dispatch/nobody.py",
    "gateway/dispatch/outcome.py",
    "gateway/dispatch/patience.py",
    "gateway/dispatch/ports.py",
    "gateway/dispatch/re*.py",
    "gateway/dispatch/spending.py",
    "gateway/dispatch/trial.py",
    "gateway/dispatch/usage.py",
    "gateway/endpoints/asking.py",
    "gateway/endpoints/authentication.py",
    "gateway/endpoints/heading.py",
    "gateway/endpoints/http.py",
    "gateway/endpoints/inference.py",
    "gateway/endpoints/reading.py",
    "gateway/endpoints/request.py",
    "gateway/endpoints/stand.py",
    "gateway/endpoints/under_way.py",
    "gateway/limits/holding.py",
    "gateway/limits/limiter.py",
    "gateway/limits/limiters.py",
    "gateway/limits/telling.py",
    "gateway/openings.py",
    "gateway/routing/balance.py",
    "gateway/routing/breaker.py",
    "gateway/routing/circuits.py",
    "gateway/routing/decision.py",
    "gateway/routing/facts.py",
    "gateway/routing/matching.py",
    "gateway/routing/r*.py",
    "gateway/routing/s*.py",
    "gateway/telemetry.py",
    "gateway/traffic_*.py",
    "gateway/transport/http1/connection.py",
    "gateway/transport/http1/exchange.py",
    "gateway/transport/http1/head_lines.py",
    "gateway/transport/http1/idle.py",
    "gateway/transport/http1/origin_pool.py",
    "gateway/transport/http1/request_head.py",
    "gateway/transport/http1/response.py",
    "gateway/transport/http1/secure_connection.py",
    "gateway/transport/pool.py",
    "listener/cork.py",
    "listener/default_headers.py",
    "listener/head.py",
    "listener/hot.py",
    "listener/hot_protocol.py",
    "listener/hot_turn.py",
    "listener/turns.py",
    "protocol/answer_ends.py",
    "protocol/body*.py",
    "protocol/chat.py",
    "protocol/estimate.py",
    "protocol/finish_reasons.py",
    "protocol/outline.py",
    "protocol/rate_limits.py",
    "protocol/recurring.py",
    "protocol/reservation.py",
    "protocol/sse.py",
    "protocol/streams.py",
    "protocol/usage.py",
    "provider_types/endpoints.py",
    "snapshot/clients.py",
    "snapshot/limits.py",
    "snapshot/model.py",
    "snapshot/registry.py",
    "store/traffic_batch.py",
    "store/traffic_column.py",
)
"""What a request passes. Of enums with an `__init__` of their own mypyc makes none, so of `provider_types` the table alone is here."""

_PARTS = max(2, os.cpu_count() or 2)
"""So many pieces of C are compiled at a time."""
_FILES = "files.json"
_OPTIMIZED = ("-O2", "-fno-semantic-interposition", "-fno-stack-protector")
_LINKED = "-Wl,-Bsymbolic"
"""With both, what is compiled calls what is compiled directly, and not by a table that others might have changed."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compile the gateway's hot modules.")
    parser.add_argument("--into", type=Path, default=compiled.FOLDER, metavar="FOLDER")
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help="by full name; all hot ones where none is given"
    )
    given = parser.parse_args(arguments)
    modules = given.modules or sorted(hot())
    if compiled.fitting(given.into).keys() >= {*modules}:
        print(f"compiled: {len(modules)} modules, as they are")
        return 0
    lacking = missing()
    if lacking:
        print(f"not compiled, there is no {lacking}; workers run the sources", file=sys.stderr)
        return 1
    print(f"compiling {len(modules)} modules, about a minute ...", flush=True)
    began, made_from = perf_counter(), compiled.digest(modules)
    with TemporaryDirectory(prefix="routerctl-") as scratch:
        done = subprocess.run(
            [sys.executable, __file__, "--build", scratch, *modules],
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        if done.returncode != 0:
            print(f"{done.stdout}{done.stderr}"[-4000:], file=sys.stderr)
            print("not compiled, see above; workers run the sources", file=sys.stderr)
            return 1
        _replace(given.into, Path(scratch), made_from)
    print(f"compiled: {len(modules)} modules in {perf_counter() - began:.0f} s")
    return 0


def hot() -> Iterator[str]:
    """The hot modules by full name."""
    package = ROOT / "reconciler"
    for pattern in HOT:
        for path in package.glob(pattern):
            if path.name != "__init__.py":
                yield ".".join(("reconciler", *path.relative_to(package).with_suffix("").parts))


def missing() -> str:
    """What compiling needs and this machine lacks, for people; "" where all is there."""
    if sys.implementation.name != "cpython":
        return "CPython"
    compiler = shlex.split(sysconfig.get_config_var("CC") or "cc")[0]
    if shutil.which(compiler) is None:
        return f"C compiler ({compiler})"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "Python.h (on Debian in python3-dev)"
    return "" if find_spec("mypyc") is not None else "mypyc (it is part of mypy)"


def _replace(folder: Path, scratch: Path, made_from: str) -> None:
    """Files that a worker has mapped are left alone: new ones take their names."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scratch / "built", folder)
    files = json.loads((scratch / _FILES).read_text(encoding="utf-8"))
    (folder / compiled.RECORD).write_text(compiled.record(files, made_from), encoding="utf-8")


def build(scratch: Path, modules: Sequence[str]) -> None:
    """In a process of its own: mypyc ends it where types are wrong. What is made lies in `built`."""
    from mypyc.build import mypycify  # noqa: PLC0415  who only asks what is missing may lack it

    files = [str(compiled.source(module).relative_to(ROOT)) for module in modules]
    group = compiled.LIBRARY.removesuffix("__mypyc")
    made: Sequence[Made] = mypycify(files, multi_file=True, group_name=group, target_dir=str(scratch / "c"))
    for module in modules:
        _check_defaults(module, scratch / "c")
    library = next(each for each in made if each.name == compiled.LIBRARY)
    entrances, places = _entrances([each for each in made if each is not library], scratch)
    compiler = Compiler([sysconfig.get_path("include"), *library.include_dirs])
    (scratch / "built").mkdir()
    with ThreadPoolExecutor(_PARTS) as pool:
        parts = list(pool.map(compiler.object, _in_parts(library.sources, scratch)))
        doors = list(pool.map(compiler.object, entrances))
    named = {compiled.LIBRARY: compiler.library(parts, scratch / "built" / compiled.LIBRARY)}
    for door in doors:
        file = compiler.library([door], scratch / "built" / door.stem)
        named |= dict.fromkeys(places[door.stem], file)
    (scratch / _FILES).write_text(json.dumps(named), encoding="utf-8")


class Made(Protocol):
    """What mypyc tells of an extension."""

    name: str
    sources: list[str]
    include_dirs: list[str]


class Compiler:
    """As Python itself was compiled; setuptools would compile one file after the other."""

    def __init__(self, include: Sequence[str]) -> None:
        self._compile = [*_configured("CC"), *_configured("CFLAGS"), *_configured("CCSHARED")]
        self._compile += [*_OPTIMIZED, "-g0", "-w", *(f"-I{folder}" for folder in include)]

    def object(self, source: Path) -> Path:
        made = source.with_suffix(".o")
        subprocess.run([*self._compile, "-c", str(source), "-o", str(made)], check=True)
        return made

    def library(self, objects: Sequence[Path], path: Path) -> str:
        """Its file's name."""
        made = path.with_name(path.name + sysconfig.get_config_var("EXT_SUFFIX"))
        linker = [*_configured("LDSHARED"), *([_LINKED] if sys.platform == "linux" else [])]
        subprocess.run([*linker, *map(str, objects), "-o", str(made)], check=True)
        return made.name


def _configured(name: str) -> list[str]:
    return shlex.split(sysconfig.get_config_var(name) or "")


def _in_parts(sources: Sequence[str], scratch: Path) -> list[Path]:
    """The same C in fewer files: each file by itself would read all headers once more, which is most of the time."""
    by_size = sorted(sources, key=lambda name: Path(name).stat().st_size)
    return [
        _including(scratch / f"part{number}.c", [f'#include "{name}"' for name in by_size[number::_PARTS]])
        for number in range(min(_PARTS, len(by_size)))
    ]


def _check_defaults(module: str, folder: Path) -> None:
    """What a class gives an attribute that may be a Protocol's or None is left out by mypyc, and would be missing.

    Ends the process where it was: such a default belongs into `__init__`.
    """
    code = (folder / f"__native_{module.replace('.', '___')}.c").read_text(encoding="utf-8")
    for declared in ast.parse(compiled.source(module).read_text(encoding="utf-8")).body:
        if not isinstance(declared, ast.ClassDef):
            continue
        head = f"___{declared.name}_____mypyc_defaults_setup(PyObject *cpy_r___mypyc_self__) {{"
        setup = code.partition(head)[2].partition("\n}")[0]
        given = [each for each in declared.body if isinstance(each, ast.AnnAssign) and each.value is not None]
        for name in [ast.unparse(each.target) for each in given] if setup else []:
            if f"->_{name} = " not in setup:
                sys.exit(f"{module}: {declared.name}.{name} has to get its value in __init__")


def _entrances(shims: Sequence[Made], scratch: Path) -> tuple[list[Path], Mapping[str, Sequence[str]]]:
    """The few lines by which Python finds a module in the library, one file for all whose last names differ.

    And which modules each of these files, by its name, is for.
    """
    files: list[dict[str, Made]] = []
    for shim in shims:
        last = shim.name.rpartition(".")[2]
        place = next((each for each in files if last not in each), None)
        if place is None:
            files.append(place := {})
        place[last] = shim
    entrances, places = [], {}
    for number, place in enumerate(files):
        lines = [
            f'#define PyInit___init__ _{last}\n#include "{shim.sources[0]}"\n#undef PyInit___init__'
            for last, shim in place.items()
        ]
        entrances.append(_including(scratch / f"entrance{number}.c", lines))
        places[f"entrance{number}"] = [shim.name for shim in place.values()]
    return entrances, places


def _including(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    if sys.argv[1:2] == ["--build"]:
        build(Path(sys.argv[2]), sys.argv[3:])
    else:
        sys.exit(main())
