"""What a process of its own does with a store, for tests of races and crashes.

A fork server that has everything imported starts the processes: a fork costs milliseconds, an import half a second.
Each opens the store itself, since SQLite's connections must not cross a fork.
"""

import multiprocessing
import os
import signal
import sys
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path

from fakes.store import META, FakeEdit, SteppingClock, provider, put

from reconciler.resources.resource import Resource, ResourceKey
from reconciler.store import files
from reconciler.store.backup import restore
from reconciler.store.compaction import Keep, compact
from reconciler.store.engine import open_engine
from reconciler.store.failpoints import Failpoints, UpkeepPlace
from reconciler.store.migrations import MIGRATIONS, Migration, migrate
from reconciler.store.reader import Reader
from reconciler.store.records import Hold, StaleBase, VaultEntry
from reconciler.store.url import parse
from reconciler.store.writer import Writer

COUNTER = ResourceKey("Provider", "default", "counter")
NEXT_SCHEMA = (
    *MIGRATIONS,
    Migration(files.SCHEMA_VERSION + 1, ("ALTER TABLE version ADD COLUMN note TEXT",)),
)
"""What a later release might bring."""

WIDTH = 20
"""Resources that one crashing commit rewrites, so that a torn one would show."""


def fork_server() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["fakes.apply_processes", "fakes.command_processes"])
    before = os.environ.get("PYTHONPATH", "")
    os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)  # it preloads before it is told this process's path
    try:
        forkserver.ensure_running()
    finally:
        os.environ["PYTHONPATH"] = before
    return context


def killed_at(place: UpkeepPlace, path: Path, backup: Path | None = None) -> None:
    """Lets a process die at a place of what is done to a whole store: a migration, a compaction, a restore."""
    process = fork_server().Process(target=_upkeep, args=(place, path, backup), daemon=True)
    process.start()
    process.join(30)
    assert process.exitcode == -signal.SIGKILL


def migrating(path: Path) -> tuple[ForkServerProcess, Connection]:
    """A process that has said that it is about to migrate a store, and will say when it has."""
    context = fork_server()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_migrate, args=(path, sender), daemon=True)
    process.start()
    sender.close()
    assert receiver.poll(30)
    receiver.recv()
    return process, receiver


def _migrate(path: Path, said: Connection) -> None:
    said.send("ready")
    migrate(path, schema=NEXT_SCHEMA)
    said.send("migrated")


def _upkeep(place: UpkeepPlace, path: Path, backup: Path | None) -> None:
    failpoints = Failpoints(place)
    if backup is not None:
        restore(backup, parse(str(path)), SteppingClock(), failpoints=failpoints)
    elif place == "before-compacted":
        compact(path, Keep(revisions=1), failpoints=failpoints)
    else:
        migrate(path, schema=NEXT_SCHEMA, failpoints=failpoints)


def count_up(path: Path, worker: int, times: int, result: Connection) -> None:
    """Adds one to the shared counter again and again; after StaleBase, reads and tries once more.

    Sends (revision number, parent) of each commit, or the text of the first other error.
    """
    writer = Writer(open_engine(path), SteppingClock())
    made: list[tuple[int, int]] = []
    try:
        with Reader(path) as reader:
            while len(made) < times:
                try:
                    made.append(_add_one(reader, writer, worker))
                except StaleBase:
                    continue
        result.send(made)
    except Exception as error:  # noqa: BLE001  whatever it is, the test shows it
        result.send(repr(error))
    finally:
        writer.close()
        result.close()


def _add_one(reader: Reader, writer: Writer, worker: int) -> tuple[int, int]:
    state = reader.state()
    stored = state.get(COUNTER)
    value = stored.resource.spec["value"] if stored else 0
    assert isinstance(value, int)
    edits = [
        FakeEdit(COUNTER, Resource(COUNTER, {"value": value + 1})),
        put(provider(f"worker-{worker}", latency=value)),
    ]
    revision = writer.commit(edits, base=state.revision, meta=META)
    return revision.number, revision.parent


def rewrite_all(path: Path, base: int, failpoint: str | None, ready: Connection) -> None:
    """Commits revision `base + 1`, in which every resource says so. Says when it is about to, and when it has."""
    writer = Writer(open_engine(path), SteppingClock(), failpoints=Failpoints(failpoint))
    number = base + 1
    edits = [put(provider(f"p-{each}", text=f"{number}" * 200)) for each in range(WIDTH)]
    ready.send("ready")
    writer.commit(
        edits,
        base=base,
        meta=META,
        seals=[VaultEntry(f"v-{number}", "place", b"token" * 50, f"{number}", "key-1")],
        holds=[Hold(COUNTER, "source", None)],
    )
    ready.send("committed")
    writer.close()
