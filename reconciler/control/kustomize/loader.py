"""The folders and files that a kustomization names. The only part of overlays that touches the file system.

Kustomize's rule holds: a file has to lie in or below the folder of the kustomization that names it, symlinks followed;
a folder may lie elsewhere, but not at or above one that is being read. What it adds up to is bounded.
"""

import os.path
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import NamedTuple

from reconciler.control.kustomize.kustomization import FILE_NAMES, Kustomization, parse
from reconciler.control.manifest.document import Document, Location, Problem, Reading, quoted
from reconciler.control.manifest.files import read_file
from reconciler.control.manifest.limits import (
    MAX_DEPTH,
    MAX_DOCUMENTS,
    MAX_FILES,
    MAX_KUSTOMIZATIONS,
    MAX_PATCH_STEPS,
    MAX_TOTAL_BYTES,
)
from reconciler.control.manifest.locator import Path
from reconciler.control.manifest.reader import read_text

_URL = ("://", "git::", "git@", "oci:", "?ref=", "github.com/")


class Spot(NamedTuple):
    """What stands at `path` of a document: its place is looked for only when there is something to say."""

    document: Document
    path: Path = ()

    def location(self) -> Location:
        return self.document.locate(self.path)


class TooMuch(Exception):
    """A bound was passed: the overlay is not built any further."""

    def __init__(self, spot: Spot, message: str) -> None:
        super().__init__(message)
        self.place = spot.location()


class Folder(NamedTuple):
    """As it is shown, and its real path."""

    shown: str
    real: str


@dataclass(frozen=True, slots=True)
class Overlaid:
    """A kustomization with its place. `document` is its text, for the places of what stands in it."""

    folder: Folder
    document: Document
    wants: Kustomization


@dataclass(slots=True)
class Loader:
    """What one build has read, and what was wrong with it. A file is read once, however often it is named.

    top: the real path of a folder that nothing may lie outside of.
    """

    files: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    readings: dict[str, Reading] = field(default_factory=dict)
    overlays: dict[str, Overlaid | None] = field(default_factory=dict)
    top: str | None = None
    size: int = 0
    visits: int = 0
    steps: int = 0

    def overlay(self, folder: Folder, spot: Spot) -> Overlaid | None:
        """The kustomization of a folder; None where there is none that can be read, with a problem at `spot`."""
        self.visits += 1
        if self.visits > MAX_KUSTOMIZATIONS:
            raise TooMuch(spot, f"more than {MAX_KUSTOMIZATIONS} kustomizations")
        if folder.real not in self.overlays:
            self.overlays[folder.real] = self._overlay(folder, spot)
        return self.overlays[folder.real]

    def _overlay(self, folder: Folder, spot: Spot) -> Overlaid | None:
        names = [name for name in FILE_NAMES if os.path.lexists(FilePath(folder.real, name))]
        if len(names) != 1:
            found = f"both {' and '.join(names)} stand" if names else f"no {FILE_NAMES[0]} stands"
            self._note(spot, f"{found} in {quoted(folder.shown)}", "a folder has one kustomization")
            return None
        reading = self.file(folder, names[0], spot)
        if reading is None or reading.problems:
            return None
        if len(reading.documents) != 1 or reading.documents[0].items is not None:
            whole = Location(reading.files[0], 0, 0)
            message = "a kustomization is one document"
            self.problems.append(Problem(whole, message, hint="write resources: [...]"))
            return None
        parsed = parse(reading.documents[0])
        if isinstance(parsed, Kustomization):
            return Overlaid(folder, reading.documents[0], parsed)
        self.problems += parsed
        return None

    def file(self, folder: Folder, path: str, spot: Spot) -> Reading | None:
        """The documents of a file that a kustomization in `folder` names at `spot`; roots may be lists.

        None: it can't be read at all, and a problem was noted.
        """
        if "\0" in path:
            self._note(spot, f"{quoted(path)} is no usable path", None)
            return None
        real = os.path.realpath(FilePath(folder.real, path))
        if not _within(real, folder.real):
            hint = "a file lies in or below the folder of the kustomization that names it; a folder may lie elsewhere"
            self._note(spot, f"{quoted(path)} leads out of {quoted(folder.shown)}", hint)
            return None
        if real not in self.readings:
            self.readings[real] = self._read(real, _shown(folder, path, real), spot)
        reading = self.readings[real]
        if not reading.files:
            self._note(spot, f"{quoted(path)}: {reading.problems[0].message}", reading.problems[0].hint)
            return None
        return reading

    def _read(self, real: str, shown: str, spot: Spot) -> Reading:
        found = read_file(real)
        if isinstance(found, Problem):
            return Reading((), (found,), ())
        self.files.append(shown)
        self.size += len(found.content)
        if len(self.files) > MAX_FILES or self.size > MAX_TOTAL_BYTES:
            limits = f"{MAX_FILES} files, or {MAX_TOTAL_BYTES // 1024 // 1024} MiB of them"
            raise TooMuch(spot, f"more than {limits}")
        reading = read_text(found.content, shown, lists=True)
        self.problems += reading.problems
        return reading

    def is_folder(self, folder: Folder, path: str) -> bool:
        return "\0" not in path and FilePath(folder.real, path).is_dir()

    def is_there(self, folder: Folder, path: str) -> bool:
        return "\0" not in path and os.path.lexists(FilePath(folder.real, path))

    def below(self, stack: Sequence[Folder], path: str, spot: Spot) -> Folder | None:
        """The folder that the last one of `stack` names. None: a problem was noted."""
        holder = stack[-1]
        real = os.path.realpath(FilePath(holder.real, path)) if "\0" not in path else ""
        if self.top is not None and not _within(real, self.top):
            self._note(spot, f"{quoted(path)} leads out of the repository", "what it is built of lies inside")
            return None
        if not self.is_folder(holder, path):
            self._note(spot, *_no_folder(path))
            return None
        if FilePath(path).is_absolute():
            self._note(spot, f"{quoted(path)} is absolute", "write it as seen from this file")
        elif any(_within(visited.real, real) for visited in stack):
            hint = "name a folder that holds neither this kustomization nor one that leads to it"
            self._note(spot, f"{quoted(path)} leads in a circle", hint)
        elif len(stack) >= MAX_DEPTH:
            self._note(spot, f"more than {MAX_DEPTH} kustomizations inside one another", "make it flatter")
        else:
            return Folder(_shown(holder, path, real), real)
        return None

    def count(self, documents: Sequence[Document], spot: Spot) -> None:
        """To be called with all that a folder has gathered: bases that are named again and again multiply."""
        size = sum(len(document.text) for document in documents)
        if len(documents) > MAX_DOCUMENTS or size > MAX_TOTAL_BYTES:
            limits = f"{MAX_DOCUMENTS} resources, or {MAX_TOTAL_BYTES // 1024 // 1024} MiB of them"
            raise TooMuch(spot, f"more than {limits}")

    def work(self, steps: int, spot: Spot) -> None:
        """To be called with how long a comparison or a patch takes."""
        self.steps += steps
        if self.steps > MAX_PATCH_STEPS:
            raise TooMuch(spot, "the patches of this overlay have too much to do")

    def _note(self, spot: Spot, message: str, hint: str | None) -> None:
        self.problems.append(Problem(spot.location(), message, hint=hint))


def _within(real: str, folder: str) -> bool:
    """Whether one real path is the other, or lies below it. Asked often: pathlib would be most of the work."""
    return real == folder or real.startswith(folder.rstrip("/") + "/")


def _no_folder(path: str) -> tuple[str, str | None]:
    if any(mark in path for mark in _URL):
        return f"{quoted(path)} is a URL", "nothing is fetched: check it out, and name the folder"
    return f"{quoted(path)}: no such file or folder", None


def _shown(folder: Folder, path: str, real: str) -> str:
    """Without `..` where that leads to the same place."""
    joined = os.path.join(folder.shown, path)  # noqa: PTH118  pathlib drops the "./" that was given
    short = os.path.normpath(joined)
    return short if os.path.realpath(short) == real else joined
