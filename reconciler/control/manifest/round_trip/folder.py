"""What to change in a folder of manifests so that its documents agree with the store. Reads; writes nothing."""

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from reconciler.control.manifest.decode import Declared
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.round_trip.literals import Literals
from reconciler.control.manifest.round_trip.naming import file_of, is_usable
from reconciler.control.manifest.round_trip.sameness import same
from reconciler.control.manifest.round_trip.text import patched_text
from reconciler.control.manifest.round_trip.wanted import wanted_document
from reconciler.control.manifest.writer import in_order, manifest
from reconciler.errors import Conflict, Refused
from reconciler.json_types import JsonObject
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey, StoredResource
from reconciler.resources.scheme import structure_of_kind


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file, `name` below the folder. before, after: its content; None where it is not there."""

    name: str
    before: bytes | None = field(repr=False)
    after: bytes | None = field(repr=False)
    written: tuple[ResourceKey, ...] = ()
    removed: tuple[ResourceKey, ...] = ()

    @property
    def done(self) -> str:
        if self.before is None:
            return "created"
        return "removed" if self.after is None else "updated"


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """unchanged: files that stay as they are. gone: what the store no longer has and stays written, with its file."""

    folder: Path
    changes: tuple[FileChange, ...]
    unchanged: tuple[str, ...]
    gone: tuple[tuple[ResourceKey, str], ...]


@dataclass(frozen=True, slots=True)
class Manifests:
    """What was read of a folder. `files`: all that was looked at, by the names that were given to them.

    source: whose manifests they are; recorded: where the store says that a resource stood, below the folder.
    """

    folder: Path
    declared: Sequence[Declared]
    files: Sequence[str]
    namespace: str | None = None
    source: str | None = None
    recorded: Callable[[StoredResource], PurePosixPath | None] = lambda _: None


def plan_folder(
    manifests: Manifests,
    state: Mapping[ResourceKey, StoredResource],
    selects: Callable[[ResourceKey], bool],
    literals: Literals,
    *,
    prune: bool = False,
) -> FolderPlan:
    """Raises InvalidManifests where a document can't be changed in place, Refused where a prune would empty the folder
    from a store that knows nothing of it, and Conflict where a file changes meanwhile.

    selects: what of store and files is meant; the rest stays as it is.
    """
    held = {item.key: item for item in manifests.declared}
    gone = [item for key, item in held.items() if key not in state and selects(key)]
    if prune and gone and not any(key in state for key in held):
        raise Refused(
            f"the store holds nothing of what {manifests.folder} declares, so --prune would empty it",
            hint="look whether --db names the right store; or delete the files by hand",
        )
    changed: dict[str, dict[ResourceKey, JsonObject | None]] = {}
    for key, item in held.items():
        if key in state and selects(key):
            data = item.document.data
            wanted = wanted_document(data, state[key], literals, source=manifests.source)
            if not same(structure_of_kind(key.kind), data, wanted):
                changed.setdefault(item.document.file, {})[key] = wanted
    for item in gone if prune else ():
        changed.setdefault(item.document.file, {})[item.key] = None
    updates = [updated(manifests, file, documents) for file, documents in sorted(changed.items())]
    new = [stored for key, stored in state.items() if key not in held and selects(key)]
    creations = _created(manifests, new)
    names = {_below(manifests.folder, file) for file in manifests.files}
    return FolderPlan(
        manifests.folder,
        tuple(sorted([*updates, *creations], key=lambda change: change.name)),
        tuple(sorted(names - {change.name for change in updates})),
        () if prune else tuple((item.key, _below(manifests.folder, item.document.file)) for item in gone),
    )


def _below(folder: Path, file: str) -> str:
    """The real file's name below the folder: what a symlink inside leads to is what is written."""
    return Path(os.path.realpath(file)).relative_to(folder).as_posix()


def updated(
    manifests: Manifests, file: str, documents: Mapping[ResourceKey, JsonObject | None]
) -> FileChange:
    """One file, with what its `documents` want. Raises as plan_folder does."""
    before = Path(file).read_bytes()
    text = before.decode()
    items = [item for item in manifests.declared if item.document.file == file]
    if not all(item.document.text in text for item in items):
        raise Conflict(f"{file} changed while it was read", hint="run the command again")
    removed = tuple(key for key, wanted in documents.items() if wanted is None)
    name = _below(manifests.folder, file)
    namespace = manifests.namespace or DEFAULT_NAMESPACE
    after = patched_text(text, documents, namespace=namespace, file=file)
    empties = {item.key for item in items} == set(removed)
    content = None if empties else after.encode()
    return FileChange(name, before, content, tuple(key for key in documents if key not in removed), removed)


def _created(manifests: Manifests, new: Iterable[StoredResource]) -> list[FileChange]:
    found = {stored.key: stored for stored in new}
    recorded = {key: manifests.recorded(stored) for key, stored in found.items()}
    return created(manifests, {key: manifest(stored) for key, stored in found.items()}, recorded)


def created(
    manifests: Manifests,
    new: Mapping[ResourceKey, JsonObject],
    recorded: Mapping[ResourceKey, PurePosixPath | None],
) -> list[FileChange]:
    """New files of documents that have none: where they stood once, else by their kind and name."""
    return [
        FileChange(
            path.as_posix(), None, _text(path, [new[key] for key in keys]).encode(), tuple(sorted(keys))
        )
        for path, keys in _placed(manifests, recorded).items()
    ]


def _placed(
    manifests: Manifests, new: Mapping[ResourceKey, PurePosixPath | None]
) -> dict[PurePosixPath, list[ResourceKey]]:
    """The new files of what has none, by their paths below the folder: that where it stood once, if it is known and free."""
    taken = {path.lower() for path in _paths_in_use(manifests.folder)}
    files: dict[PurePosixPath, list[ResourceKey]] = {}
    left: list[tuple[ResourceKey, PurePosixPath | None]] = []
    for key in sorted(new):
        path = new[key]
        if path is None or not is_usable(path):
            left.append((key, None))
        elif path.as_posix().lower() in taken or (path.suffix == ".json" and path in files):
            left.append((key, path.parent))
        else:
            files.setdefault(path, []).append(key)
    taken |= {path.as_posix().lower() for path in files}
    for key, folder in left:
        path = file_of(key, taken, folder)
        taken.add(path.as_posix().lower())
        files[path] = [key]
    return files


def _text(path: PurePosixPath, documents: Sequence[JsonObject]) -> str:
    if path.suffix == ".json":
        return json.dumps(documents[0], indent=2) + "\n"
    return to_yaml(in_order(documents))


def _paths_in_use(folder: Path) -> Iterable[str]:
    for found, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(found).relative_to(folder)
        yield from ((inside / name).as_posix() for name in files)
