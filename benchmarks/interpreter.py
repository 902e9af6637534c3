"""Which Python the benchmarks, and all that they start, run on.

A Python that was built without profile-guided optimisation takes up to 1.8 times as long, and most people's Python is
their distribution's, which has it. How a build was made it does not reliably say, so both are asked to count.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

OPTION = "--python"
FOLDERS = ("/usr/bin", "/usr/local/bin")
"""Where distributions put theirs."""
WORTH = 1.05
"""The distribution's is taken where it needs at most this share of our own time."""
_TRIES = 3
_ABI = "import sysconfig; print(sysconfig.get_config_var('SOABI'))"
_IMPORTS = (
    "import uvicorn, uvloop, httptools, ssl, sqlite3, pydantic, cryptography, reconciler.bootstrap.worker"
)
_COUNT = """
from time import process_time
class Thing:
    def __init__(self): self.one = {}
    def add(self, name, more): self.one[name] = self.one.get(name, 0) + more
def work():
    thing = Thing()
    for number in range(40_000): thing.add(f"n{number % 97}", number & 7)
best = 9.0
for _ in range(5):
    began = process_time(); work(); best = min(best, process_time() - began)
print(best)
"""
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Choice:
    """`why` is for people. `python` is None where the one that runs already is to do it."""

    python: str | None
    why: str


def choose(told: str | None, folders: Sequence[str] = FOLDERS) -> Choice:
    """`told` is what the user wants; without it, the distribution's Python where it fits our packages and is not slower."""
    if told is not None:
        found = shutil.which(told) or told
        same = Path(found).exists() and Path(found).samefile(sys.executable)
        return Choice(None if same else found, found)
    own = sys.executable
    other = _distributions(folders)
    if other is None:
        return Choice(
            None, f"{own}: there is no Python of the distribution's that could load the same packages"
        )
    pairs = [(_seconds(own), _seconds(other)) for _ in range(_TRIES)]
    ours, theirs = (min(tries) for tries in zip(*pairs, strict=True))
    if theirs > ours * WORTH:
        return Choice(None, f"{own}: the distribution's {other} is slower")
    return Choice(other, f"{other}: it counts in {theirs / ours:.2f} of the time that {own} takes")


def replace_this_process(choice: Choice, script: str, arguments: Sequence[str]) -> None:
    """Goes on as `script` on the chosen Python, with our packages; returns where that is this one already."""
    if choice.python is None:
        return
    given = [choice.python, script, *without_option(arguments), OPTION, choice.python]
    os.execve(choice.python, given, environment())


def use_the_best(argv: Sequence[str], say: Callable[[str], None]) -> None:
    """Of a script's start: goes on with the same arguments on the Python of choice."""
    told = option(argv[1:])
    if told is None and {"-h", "--help"} & set(argv):
        return
    choice = choose(told)
    if told is None:
        say(f"on {choice.why}")
    elif choice.python is not None and not _fits(choice.python):
        say(f"{told} is no Python that could load the packages of {sys.executable}")
        sys.exit(2)
    replace_this_process(choice, argv[0], argv[1:])


def without_option(arguments: Sequence[str]) -> list[str]:
    left = iter(arguments)
    kept = []
    for argument in left:
        if argument == OPTION:
            next(left, None)
        elif not argument.startswith(f"{OPTION}="):
            kept.append(argument)
    return kept


def option(arguments: Sequence[str]) -> str | None:
    for place, argument in enumerate(arguments):
        if argument == OPTION:
            return arguments[place + 1] if place + 1 < len(arguments) else None
        if argument.startswith(f"{OPTION}="):
            return argument.partition("=")[2]
    return None


def environment() -> dict[str, str]:
    """Such that another Python of the same ABI finds our packages, and the project before them."""
    root = str(Path(__file__).parents[1])
    found = [root, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(found))}


def _distributions(folders: Sequence[str]) -> str | None:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for folder in folders:
        path = Path(folder) / name
        if path.is_file() and not path.samefile(sys.executable) and _fits(str(path)):
            return str(path)
    return None


def _fits(python: str) -> bool:
    own = sysconfig.get_config_var("SOABI")
    return _said(python, _ABI) == str(own) and _said(python, _IMPORTS) is not None


def _seconds(python: str) -> float:
    return float(_said(python, _COUNT) or "inf")


def _said(python: str, code: str) -> str | None:
    """What the code prints; None where it fails."""
    try:
        done = subprocess.run(
            [python, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            timeout=_SECONDS,
            env=environment(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
