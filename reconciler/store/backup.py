"""A copy of a store in one file, and back.

Both ways go through SQLite's own online backup, so others may write meanwhile, and both are verified: pages, chain,
contents. The records' file is no part of it: it holds what workers observed, and is made again. Nor is the
encryption key: whoever has both has every secret.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reconciler.clock import Clock
from reconciler.errors import InvalidInput, NotFound, Refused, StoreError
from reconciler.store import failures, files, migrations
from reconciler.store.checksums import with_checksum
from reconciler.store.failpoints import FROM_ENVIRONMENT, Failpoints
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.records import EMPTY_STORE, Revision
from reconciler.store.url import StoreLocation
from reconciler.store.verify import verify

_KEPT = "before-restore"
_PAGES = 16
"""Copied at a time by a restore; the store's own transaction spans all of them."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A verified copy. `key_ids` are the keys that its sealed values need; none: it holds nothing sealed."""

    file: Path
    head: Revision
    size: int
    key_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Restored:
    """`kept` is the copy of the store as it was; None where there was none."""

    head: Revision
    kept: Path | None
    key_ids: frozenset[str]


def back_up(
    store: StoreLocation,
    target: Path,
    *,
    force: bool = False,
    noted: Callable[[Revision], None] = lambda _: None,
) -> Backup:
    """Writes a verified copy of the store to `target`, whole or not at all, readable by its owner alone.

    `noted` is told which revision is in it before it is there. Raises Refused where `target` is there (unless `force`) or a part of the store itself; StoreError where the store is
    not whole, or the file can't be written.
    """
    _check_target(store, target, force=force)
    migrations.migrate(store.config_path)
    with _translated_files(target), _scratch(target) as copy:
        with failures.translated(store.config_path):
            files.copy(store.config_path, copy)
        head, keys = _verified(copy, f"the store at {store.config_path}", "history verify")
        noted(head)
        _install(copy, target, force=force)
    return Backup(target, head, target.stat().st_size, keys)


def receive(target: Path, fill: Callable[[BinaryIO], object], what: str, *, force: bool = False) -> Backup:
    """As back_up, of a copy that is made elsewhere: `fill` writes it, and it is verified here. `what` it is a copy of."""
    _check_free(target, force=force)
    with _translated_files(target), _scratch(target) as copy:
        with copy.open("wb") as stream:
            fill(stream)
            stream.flush()
            os.fsync(stream.fileno())
        head, keys = _verified(copy, what, "history verify")
        _install(copy, target, force=force)
    return Backup(target, head, target.stat().st_size, keys)


def restore(
    backup: Path,
    store: StoreLocation,
    clock: Clock,
    *,
    noted: Callable[[Path], None] = lambda _: None,
    failpoints: Failpoints = FROM_ENVIRONMENT,
) -> Restored:
    """Makes the store what the backup holds, in one transaction, and keeps a copy of what it was. `noted` writes who did so
    into the store that is to be, before it takes the other's place.

    An older backup is migrated on its way; the file itself is never changed. The numbers that followers compare (claims
    and resourceVersions) do not go back. Raises NotFound where there is no backup, StoreError where it is not whole or
    newer than this program, Refused while anybody uses the store. The store is then as it was.
    """
    path = store.config_path
    if not backup.is_file():
        raise NotFound(f"no backup at {backup}", hint="make one with", command="backup FILE")
    if path.exists() and path.samefile(backup):
        raise Refused(f"{backup} is the store itself")
    _refuse_while_served(store, clock)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _translated_files(path), _scratch(path) as copy:
        with failures.translated(backup):
            files.copy(backup, copy)
            with closing(files.connect_readonly(copy)) as reading:
                files.schema_of(reading, backup)  # what is wrong with it is said of the file that was named
        migrations.migrate(copy, copied=False)
        head, keys = _verified(copy, f"the backup at {backup}", None)
        kept = None
        if path.exists() and path.stat().st_size:
            kept = _put_aside(path, clock)
            _carry_over(kept, copy, store)
        noted(copy)
        files.create_private(path)
        _replace(path, copy, failpoints)
    return Restored(head, kept, keys)


def _check_target(store: StoreLocation, target: Path, *, force: bool) -> None:
    databases = (store.config_path, store.records_path, store.traffic_path)
    own = [path.with_name(path.name + suffix) for path in databases for suffix in ("", "-wal", "-shm")]
    if Path(os.path.realpath(target)) in own:
        raise Refused(f"{target} is a part of the store itself", hint="name another file")
    _check_free(target, force=force)


def _check_free(target: Path, *, force: bool) -> None:
    if target.is_dir():
        raise InvalidInput(f"{target} is a folder", hint="name a file in it")
    if not force and os.path.lexists(target):
        raise Refused(f"{target} exists already", hint="name another file, or write over it with --force")


def _verified(copy: Path, what: str, command: str | None) -> tuple[Revision, frozenset[str]]:
    """The head and the keys of a copy. Raises StoreError where it is not whole; `what` it is a copy of."""
    with failures.translated(copy):
        with closing(files.connect_readonly(copy)) as connection:
            found = [line for (line,) in connection.execute("PRAGMA integrity_check(3)")]
        if found != ["ok"]:
            raise StoreError(f"{what} is damaged: {found[0]}", hint="nothing was changed")
        with Reader(copy) as reader:
            problems = verify(reader)
            if problems:
                more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
                raise StoreError(
                    f"{what} is not what was committed: {problems[0]}{more}",
                    hint="nothing was written"
                    if command is None
                    else "nothing was written; all of it is shown by",
                    command=command,
                )
            return reader.head_revision() or EMPTY_STORE, reader.key_ids()


def _install(copy: Path, target: Path, *, force: bool) -> None:
    if force:
        copy.replace(target)
    else:
        try:
            target.hardlink_to(copy)  # fails where the name exists, also where it was made just now
        except FileExistsError:
            raise Refused(f"{target} exists already", hint="write over it with --force") from None
    files.sync_folder(target.parent)


def _refuse_while_served(store: StoreLocation, clock: Clock) -> None:
    try:
        with closing(Observations(store.records_path)) as observations:
            live = observations.live(clock.now().timestamp())
    except StoreError:  # who uses the store is found out once more, by its lock
        return
    if live:
        pids = ", ".join(str(worker.pid) for worker in live)
        raise Refused(
            f"the store is being served (pid {pids})",
            hint="stop the up or serve that uses it, restore, and start it again",
        )


def _put_aside(path: Path, clock: Clock) -> Path:
    """A copy of the store as it is, or the very file where its content is damaged. Raises Refused while others have it open."""
    try:
        with closing(files.connect_readonly(path)) as reading:
            files.schema_of(reading, path)  # another program's database, or a newer store, is let alone
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as connection:
            # A store that others have open can't leave the write-ahead log.
            connection.execute("PRAGMA journal_mode=DELETE").fetchall()
            files.use_write_ahead_log(connection, path)
        return files.copy_beside(path, _KEPT, clock.now())
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Refused(
                "another process has the store open",
                hint="end it (an up, serve, sync or watch on this store), and try again",
            ) from error
        if not failures.is_damage(error):
            raise failures.in_words(path, error) from error
    kept = files.free_name(path, _KEPT, clock.now())
    path.replace(kept)
    for suffix in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).replace(kept.with_name(kept.name + suffix))
    return kept


def _carry_over(old: Path, copy: Path, store: StoreLocation) -> None:
    """Lets the numbers that followers compare go on from the old store, and forgets builds of revisions that are gone."""
    with failures.translated(store.config_path):
        before, digests = _before(old)
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            common = _continue(connection, before, digests)
    with suppress(StoreError), closing(Observations(store.records_path)) as observations:
        observations.forget_builds(common)


def _before(old: Path) -> tuple[dict[str, int], dict[int, str]]:
    """Facts of a store, and the digests of its revisions; none of one that is damaged: whatever follows it failed already."""
    try:
        with closing(files.connect_readonly(old)) as connection:
            return _facts(connection), dict(connection.execute("SELECT number, digest FROM revision"))
    except sqlite3.Error as error:
        if not failures.is_damage(error):
            raise
        return {}, {}


def _continue(connection: sqlite3.Connection, before: Mapping[str, int], digests: Mapping[int, str]) -> int:
    """Lets a store's numbers go on from `before`; the last revision that is also among `digests`."""
    after = _facts(connection)
    moved = {
        "claims": max(before.get("claims", 0), after.get("claims", 0)) + 1,
        "resource_version": max(before.get("resource_version", 0), after.get("resource_version", 0)),
    }
    for key, value in moved.items():
        row = with_checksum("meta", {"key": key, "value": str(value)})
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value, checksum) VALUES (:key, :value, :checksum)", row
        )
    common = 0
    for number, digest in connection.execute("SELECT number, digest FROM revision ORDER BY number"):
        if digests.get(number) != digest:
            break
        common = number
    return common


def _facts(connection: sqlite3.Connection) -> dict[str, int]:
    return {key: int(value) for key, value in connection.execute("SELECT key, value FROM meta")}


def _replace(path: Path, copy: Path, failpoints: Failpoints) -> None:
    """One transaction of the store, whatever its size: who dies in it leaves the store as it was."""
    with (
        failures.translated(path),
        closing(sqlite3.connect(copy)) as reading,
        closing(sqlite3.connect(path, timeout=failures.BUSY_SECONDS, isolation_level=None)) as writing,
    ):
        files.use_write_ahead_log(writing, path)
        reading.backup(writing, pages=_PAGES, progress=lambda *_: failpoints.reach("before-restored"))
        with suppress(sqlite3.Error):  # it is restored: what is left in the log is read from there
            writing.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """A private file beside `path` that is gone afterwards, unless it took its place."""
    file = files.unfinished(path)
    try:
        yield file
    finally:
        files.remove(file)


@contextmanager
def _translated_files(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{path} can't be written: {(error.strerror or 'no reason given').lower()}"
        ) from error
