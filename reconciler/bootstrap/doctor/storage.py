"""The store's files: can they be read, are they whole, who else may read them, is there room."""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.finding import failed, ok
from reconciler.errors import StoreError
from reconciler.settings import key_file_beside
from reconciler.store import failures, files
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation
from reconciler.store.verify import verify

LARGE_LOG = 64 * 1024 * 1024
LITTLE_ROOM = 256 * 1024 * 1024
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "ceph", "glusterfs", "afs"})
_MOUNTS = Path("/proc/mounts")


def store_findings(location: StoreLocation, reader: Reader, program: str) -> Iterator[Finding]:
    """Of a store that could be opened: its pages, and its record."""
    path = location.config_path
    for each in (path, location.records_path, location.traffic_path):
        if each.exists():
            yield _pages(each, program)
    problems = verify(reader)
    head = reader.head_revision()
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        yield Finding(
            "record",
            "error",
            f"the record is not what was committed: {problems[0]}{more}",
            "somebody, or a failing disk, changed what was written: neither history nor what is served can be trusted",
            f"all of it is shown by: {program} history verify; restore the store from a backup",
        )
    elif head is not None:
        yield ok(
            "record", f"every revision up to {head.number} is what was committed; its head is {head.digest}"
        )


def _pages(path: Path, program: str) -> Finding:
    """SQLite's own check; of the write-ahead log, its size."""
    try:
        with failures.translated(path), closing(files.connect_readonly(path)) as connection:
            found = [line for (line,) in connection.execute("PRAGMA quick_check(3)")]
            mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    except StoreError as error:
        return failed("file", error, program, "what is in it can't be used")
    if found != ["ok"]:
        return Finding(
            "file",
            "error",
            f"{path} is damaged: {found[0]}",
            "a failing disk, or a program that wrote into it, changed it",
            "restore it from a backup; what was observed (-records, -traffic) may be removed instead",
        )
    log = _size(path.with_name(f"{path.name}-wal"))
    if log > LARGE_LOG:
        return Finding(
            "file",
            "warning",
            f"the write-ahead log of {path} has {log // 2**20} MiB",
            "a process that reads for long keeps it from being taken in: reading gets slower and the disk fills",
            "look for a program that has the file open, such as an sqlite3 shell, and end it",
        )
    return ok("file", f"{path} is whole ({mode} mode, {_size(path) // 1024} KiB)")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def folder_findings(location: StoreLocation) -> Iterator[Finding]:
    """Owners, modes, the kind of the disk, its room: whether or not there is a store yet."""
    folder = location.config_path.parent
    open_to_others = sorted(path for path in _own_files(location) if _shared(path))
    for path in open_to_others:
        yield Finding(
            "permissions",
            "error" if path == key_file_beside(location.config_path) else "warning",
            f"{path} may be read or written by other users of this machine",
            "it holds configuration, records of requests, sealed values or their key",
            f"chmod {'go-w' if path.is_dir() else '600'} {path}",
        )
    if not open_to_others:
        yield ok("permissions", f"what is kept in {folder} is its owner's alone")
    yield from _disk(folder)


def _own_files(location: StoreLocation) -> Iterator[Path]:
    """The folder itself counts where it was made for the store: who may write there could put another file in place."""
    folder, stem = location.config_path.parent, location.config_path.stem
    try:
        there = [path for path in folder.iterdir() if path.name.startswith(stem) and path.is_file()]
    except OSError:
        return
    yield from there
    mode = folder.stat().st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        yield folder


def _shared(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:  # it was there a moment ago: SQLite's own come and go
        return False
    return bool(mode & (stat.S_IWGRP | stat.S_IWOTH if stat.S_ISDIR(mode) else stat.S_IRWXG | stat.S_IRWXO))


def _disk(folder: Path) -> Iterator[Finding]:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    if free < LITTLE_ROOM:
        yield Finding(
            "disk",
            "warning",
            f"{there} has {free // 2**20} MiB left",
            "an apply that finds no room is undone, and what workers observe is not written",
            "make room; old contents are removed by: routerctl history prune",
        )
    else:
        yield ok("disk", f"{there} has {free // 2**20} MiB left")
    kind = _kind_of_disk(there)
    if kind in _NETWORK:
        yield Finding(
            "disk",
            "error",
            f"{there} lies on a network ({kind})",
            "SQLite's write-ahead log needs memory that all its processes share; over a network commits are lost",
            "put the store on a local disk",
        )


def _kind_of_disk(folder: Path, mounts: Path = _MOUNTS) -> str | None:
    """The type of the file system that holds it; None where the system does not tell."""
    try:
        rows = [line.split(" ") for line in mounts.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return None
    real = os.path.realpath(folder)
    holding = [(row[1], row[2]) for row in rows if len(row) > 2 and _is_below(real, row[1])]
    return max(holding, key=lambda each: len(each[0]))[1] if holding else None


def _is_below(path: str, mount: str) -> bool:
    return path == mount or path.startswith(mount.rstrip("/") + "/")


def open_store(location: StoreLocation, program: str) -> "tuple[Reader | None, Finding]":
    """Its reader, where it can be read. An older store is not migrated: that is left to who works with it."""
    path = location.config_path
    if not path.exists():
        return None, Finding(
            "store",
            "warning",
            f"there is no store at {path}",
            "nothing is configured yet, or --db and ROUTERCTL_DB name another place",
            f"{program} apply -f DIR makes one",
        )
    try:
        reader = Reader(path)
    except StoreError as error:
        return None, failed("store", error, program, "nothing can be read, applied or served")
    head = reader.head()
    return reader, ok("store", f"{path}: schema {files.SCHEMA_VERSION}, revision {head}")
