"""What a commit holds, and what of it is of interest: manifests below a path, and the settings above it. Pure.

Names come from a repository that anybody may have written: one that could lead elsewhere ends the reading.
"""

import posixpath
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reconciler.control.kustomize.kustomization import FILE_NAMES
from reconciler.control.kustomize.overlay import Overlay
from reconciler.control.manifest.document import Location, Problem
from reconciler.control.manifest.files import SUFFIXES
from reconciler.control.manifest.limits import MAX_FILES
from reconciler.control.source import SETTINGS_FILE

_LINK = "120000"
_SUBMODULE = "160000"
_FOLDER_LINK_HINT = "commit the files themselves: links are not followed in a commit"


class Entry(NamedTuple):
    """A file of a commit. `mode` as git writes it: a link and a submodule are entries as well."""

    mode: str
    oid: str
    path: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is to be read: the files, and the links whose targets decide whether something would be missed."""

    files: tuple[Entry, ...]
    links: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def entries(listing: bytes) -> tuple[Entry, ...]:
    """Of the output of `git ls-tree -r -z --full-tree`. A name that is not UTF-8 is shown with escapes."""
    found = []
    for line in listing.split(b"\0"):
        if line:
            told, _, path = line.partition(b"\t")
            mode, _, oid = told.decode("ascii").split(" ")
            found.append(Entry(mode, oid, path.decode("utf-8", "backslashreplace")))
    return tuple(found)


def choose(all_entries: Sequence[Entry], path: str) -> Chosen:
    """`path` is "" for the root, else a folder or a file of the commit; or an Overlay, which may name all of them."""
    if isinstance(path, Overlay):
        return _checked([entry for entry in all_entries if _may_be_named(entry)], [], [], path)
    settings = {posixpath.join(folder, SETTINGS_FILE) for folder in _above(path)}
    files: list[Entry] = []
    links: list[Entry] = []
    problems: list[Problem] = []
    for entry in all_entries:
        inside = _below(entry.path, path)
        if not (inside or entry.path in settings) or _hidden(entry.path, path if inside else ""):
            continue
        if entry.mode == _LINK:
            links += [entry] if inside else []
        elif entry.mode == _SUBMODULE:
            problems.append(_warning(entry, "a submodule; what it holds is not read"))
        elif entry.path in settings or entry.path == path or entry.path.endswith(SUFFIXES):
            files.append(entry)
    return _checked(files, links, problems, path)


def _may_be_named(entry: Entry) -> bool:
    """By a kustomization. A link or a submodule that one names is not there, which is an error by itself."""
    return entry.mode not in {_LINK, _SUBMODULE} and (
        entry.path.endswith(SUFFIXES) or posixpath.basename(entry.path) in FILE_NAMES
    )


def _checked(
    files: Sequence[Entry], links: Sequence[Entry], problems: Sequence[Problem], path: str
) -> Chosen:
    problems = [*problems]
    unsafe = [entry for entry in files if not _is_plain(entry.path)]
    problems += [_error(entry.path, "a name that can't stand in a working tree") for entry in unsafe]
    if len(files) > MAX_FILES:
        problems.append(_error(path or ".", f"more than {MAX_FILES} manifest files", "name a smaller folder"))
    return Chosen(tuple(files), tuple(links), tuple(problems))


def judge_links(
    links: Iterable[Entry], target_of: Callable[[Entry], str], all_entries: Sequence[Entry], path: str
) -> tuple[Problem, ...]:
    """An error for each link behind which something may stand that a checkout would read and we don't."""
    files = {entry.path for entry in all_entries}
    folders = {folder for entry in all_entries for folder in _above(posixpath.dirname(entry.path))}
    found = []
    for link in links:
        target = target_of(link)
        place = posixpath.normpath(posixpath.join(posixpath.dirname(link.path), target))
        place = "" if place == "." else place
        manifest = link.path.endswith(SUFFIXES)
        read = _below(place, path) and not _hidden(place, path)
        if target.startswith("/") or place.startswith(".."):
            found.append(_error(link.path, "a link that leads out of the repository", _FOLDER_LINK_HINT))
        elif (place in folders and not read) or (
            manifest and not (place in files and read and place.endswith(SUFFIXES))
        ):
            found.append(_error(link.path, "a link; what stands behind it is not read", _FOLDER_LINK_HINT))
    return tuple(found)


def _above(path: str) -> list[str]:
    """`path`, and all folders above it, up to the root ""."""
    found = [path]
    while found[-1]:
        found.append(posixpath.dirname(found[-1]))
    return found


def _below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _hidden(path: str, folder: str) -> bool:
    """As a folder is read: what begins with a dot below it does not count."""
    return any(part.startswith(".") and part != ".." for part in path[len(folder) :].split("/") if part)


def _is_plain(path: str) -> bool:
    parts = path.split("/")
    return path.isprintable() and not any(part in {"", ".", ".."} or part.lower() == ".git" for part in parts)


def _error(path: str, message: str, hint: str | None = None) -> Problem:
    return Problem(Location(path, 0, 0), message, hint=hint)


def _warning(entry: Entry, message: str) -> Problem:
    return Problem(Location(entry.path, 0, 0), message, warning=True)
