"""What the figures were taken on, said by the machine itself."""

import os
import platform
import resource
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from reconciler import compiled
from reconciler.clock import SystemClock

PACKAGES = (
    "ruamel.yaml",
    "ruamel.yaml.clib",
    "pydantic",
    "sqlalchemy",
    "uvicorn",
    "uvloop",
    "httptools",
    "starlette",
    "httpx2",
)
_SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin"
"""Where distributions put servers; not on everybody's PATH."""


def cores() -> tuple[int, ...]:
    """Those that this process may use; a single 0 where the system does not say."""
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else (0,)


def nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{_SYSTEM_FOLDERS}")


def description() -> list[str]:
    """Lines: machine, interpreter, libraries."""
    libraries = [f"{name} {_version(name)}" for name in PACKAGES]
    return [
        f"{len(cores())} cores of {_processor()}, {platform.system()} {platform.release()}",
        f"{platform.python_implementation()} {platform.python_version()}, {_build()}",
        ", ".join([*libraries, f"SQLite {sqlite3.sqlite_version}", _nginx_version()]),
        _form(),
    ]


def _form() -> str:
    """What the gateway's workers run here."""
    if compiled.fitting():
        return "the gateway's hot modules are compiled (`make compile`)"
    return "the gateway's hot modules are not compiled (`make compile` does so)"


def raise_descriptors() -> None:
    """As many files as the system allows, for all that is started from now on: thousands of streams are that many."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def say(line: str) -> None:
    """What is going on, beside the result."""
    print(f"... {line}", file=sys.stderr, flush=True)


def load() -> str:
    return " ".join(f"{each:.2f}" for each in os.getloadavg())


def today() -> str:
    return f"{SystemClock().now():%Y-%m-%d}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _build() -> str:
    """Python built without profile-guided optimisation takes up to 1.8 times as long. Not every build says which it is:
    distributions optimise theirs by other means.
    """
    arguments = str(sysconfig.get_config_var("CONFIG_ARGS") or "")
    if "--enable-optimizations" in arguments:
        return "configured with --enable-optimizations"
    if sys.base_prefix == "/usr":
        return "the distribution's build"
    return "configured without --enable-optimizations"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"


def _nginx_version() -> str:
    program = nginx()
    if program is None:
        return "no nginx"
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=False, timeout=30).stderr
    return said.strip().rpartition(": ")[2].replace("/", " ") or "nginx"
