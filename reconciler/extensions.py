"""What installed packages give to routerctl: entry points, found without importing anything, and loaded one by one.

`importlib.metadata` would do it, and takes longer than a whole `get`: all that is asked here is which packages name a group.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PROVIDER_TYPE_GROUP = "routerctl.provider_types"
"""The name of a provider type, and where its ProviderType is."""

_FOLDERS = (".dist-info", ".egg-info")
_FILE = "entry_points.txt"
_MOST_FILES = 10_000
_MOST_BYTES = 1024 * 1024
_TARGET = re.compile(r"([A-Za-z_][A-Za-z0-9_.]*):([A-Za-z_][A-Za-z0-9_.]*)")


class NotLoaded(Exception):
    """Why an entry gives nothing, in words of ours."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`package` is its distribution with its version, as it is installed; `folder` what is written down of it."""

    name: str
    target: str
    package: str
    folder: Path

    def load(self) -> object:
        """Imports what it names. Raises NotLoaded, whatever happens there, but for what a user asks."""
        found = _TARGET.fullmatch(self.target)
        if found is None:
            raise NotLoaded(f'"{self.target[:100]}" does not name a module and something in it')
        module, names = found.groups()
        try:
            value: object = import_module(module)
            for name in names.split("."):
                value = getattr(value, name)
        except (Exception, SystemExit) as error:
            raise NotLoaded(f"{self.target} can't be imported: {_told(error)}") from error
        return value


def _told(error: BaseException) -> str:
    line = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def entries(group: str) -> tuple[Entry, ...]:
    """Of all packages that this interpreter finds, by package and name; of one that is found twice, the first counts."""
    found: dict[str, list[Entry]] = {}
    for folder in _folders():
        stem, _, ending = os.path.basename(folder).rpartition(".")  # noqa: PTH119  a hundred of them each time
        name, _, version = stem.rpartition("-") if ending == "dist-info" else stem.partition("-")
        plain = re.sub(r"[-_.]+", "-", name).lower()
        if plain not in found:
            package = f"{plain} {version.partition('-')[0]}".strip()
            read = _read(folder, group)
            found[plain] = [Entry(word, target, package, Path(folder)) for word, target in read]
    listed = (each for of_package in found.values() for each in of_package)
    return tuple(sorted(listed, key=lambda one: (one.package, one.name)))


def _folders() -> Iterator[str]:
    for place in dict.fromkeys(sys.path):
        with suppress(OSError), os.scandir(place or ".") as listed:
            yield from sorted(each.path for each in listed if each.name.endswith(_FOLDERS))


def _read(folder: str, group: str) -> Iterator[tuple[str, str]]:
    try:
        with open(f"{folder}/{_FILE}", "rb") as file:  # noqa: PTH123  as above
            content = file.read(_MOST_BYTES)
    except OSError:
        return
    if group.encode() not in content:
        return
    section = ""
    for line in map(str.strip, content.decode(errors="replace").splitlines()):
        if line.startswith("["):
            section = line.strip("[]").strip()
        elif section == group and not line.startswith(("#", ";")):
            name, equals, target = line.partition("=")
            if equals:
                yield name.strip(), target.partition("[")[0].strip()


def digest(group: str) -> bytes:
    """Of all that gives to a group: another version, or an edit, has another. Empty where nothing does. Imports nothing."""
    found = entries(group)
    if not found:
        return b""
    sum_ = hashlib.sha256()
    for entry in found:
        sum_.update(f"{entry.package}\0{entry.name}\0{entry.target}\0".encode())
        with suppress(OSError):
            sum_.update((entry.folder / "RECORD").read_bytes())
        for file in _sources(entry.target.partition(":")[0].partition(".")[0]):
            seen = file.stat()
            sum_.update(f"{file}\0{seen.st_size}\0{seen.st_mtime_ns}\0".encode())
    return sum_.digest()


def _sources(top: str) -> Iterator[Path]:
    """The Python files of a top-level module or package."""
    try:
        spec = find_spec(top) if top.isidentifier() else None
    except (ImportError, ValueError, AttributeError):
        spec = None
    if spec is None:
        return
    places = [Path(place) for place in spec.submodule_search_locations or ()]
    files = [file for place in places for file in sorted(place.rglob("*.py"))[:_MOST_FILES]]
    if not places and spec.origin is not None:
        files = [Path(spec.origin)]
    yield from (file for file in files if file.is_file())
