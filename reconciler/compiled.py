"""The compiled form of the gateway's hot modules: a worker takes it where it is there and fits, else it runs the sources.

`scripts/compile.py` makes it, with the digest of what it was made from, so it can be old but never wrong: after an edit, an
update of Python, or half a build the sources are what runs. Nothing but a worker takes it; all other processes and the
tests run the sources, which are what is debugged, covered and patched.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

_PACKAGE = Path(__file__).parent
FOLDER = _PACKAGE / "native"
RECORD = "compiled.json"
LIBRARY = "routerctl__mypyc"
"""The module that all the others are parts of."""


def digest(modules: Iterable[str]) -> str:
    """Of the sources of these modules, by full name, and of what Python they would be compiled for: one form does for all
    versions that differ in the third number alone, as with all extensions.
    """
    digested = sha256(f"{EXTENSION_SUFFIXES[0]} {sys.version_info[:2]}".encode())
    for module in sorted({*modules} - {LIBRARY}):
        digested.update(source(module).read_bytes())
    return digested.hexdigest()


def source(module: str) -> Path:
    return _PACKAGE.joinpath(*module.split(".")[1:]).with_suffix(".py")


def record(files: Mapping[str, str], made_from: str) -> str:
    """What is kept of a build: `files` are those in the folder by the full names of their modules.

    `made_from` is the digest of before, since a source may be edited meanwhile.
    """
    return json.dumps({"digest": made_from, "files": dict(files)}, indent=1) + "\n"


def fitting(folder: Path = FOLDER) -> Mapping[str, Path]:
    """The compiled modules by name; none where there are none, or where they are not of these sources."""
    try:
        kept = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files: dict[str, str] = kept["files"]
        if kept["digest"] != digest(files):
            return {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {name: folder / file for name, file in files.items()}


def take(folder: Path = FOLDER) -> bool:
    """From here on imports find what is compiled. To be called before any such module is imported; else nothing is taken."""
    files = fitting(folder)
    if not files or not files.keys().isdisjoint(sys.modules):
        return False
    sys.meta_path.insert(0, _Finder(files))
    return True


class _Finder(MetaPathFinder):
    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002  the protocol's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        file = self._files.get(fullname)
        if file is None:
            return None
        return spec_from_file_location(fullname, file, loader=ExtensionFileLoader(fullname, str(file)))
