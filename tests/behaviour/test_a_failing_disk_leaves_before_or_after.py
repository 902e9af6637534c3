"""The disk fails at any call that a command makes of it, once or from then on, or is full: the store is as before, or as
after; the command ends with 0 or says in words what happened and ends with 5; and the next try works.

The suite tries a few calls of each command, chosen by ROUTERCTL_TEST_SEED; `make torture` tries every one. How many is set by
ROUTERCTL_TEST_FAILING_CALLS and ROUTERCTL_TEST_FULL_AT.
"""

import random
import re
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fakes.command_processes import Conditions, start
from fakes.disk import Failure, wrapped_disk
from fakes.running import Said, routerctl, said, served_by
from sizes import seed, size

from reconciler.control.manifest.writer import export
from reconciler.store import files
from reconciler.store.reader import Reader
from reconciler.store.verify import verify

pytestmark = [pytest.mark.slow, pytest.mark.torture]
SCHEMA_1 = Path(__file__).parents[1] / "data" / "store-schema-1.sql"


@dataclass(frozen=True, slots=True)
class Operation:
    """A command in a copy of the folder `home`."""

    home: str
    arguments: tuple[str, ...]


OPERATIONS: Mapping[str, Operation] = {
    "the first apply": Operation("empty", ("apply", "-f", "manifests")),
    "an apply": Operation("used", ("apply", "-f", "manifests")),
    "a rollback": Operation("used", ("rollback", "1")),
    "a compaction": Operation("used", ("history", "prune", "--keep", "1")),
    "a backup": Operation("used", ("backup", "copy.db")),
    "a restore": Operation("used", ("restore", "older.db")),
    "a migration": Operation("old", ("status",)),
}
_LARGEST = 200_000
"""Bytes; no file that these commands write becomes larger."""
FAULTS: Mapping[str, Failure] = {
    "fails once": Failure(),
    "fails from then on": Failure(lasting=True),
    "is full": Failure(lasting=True, space=True),
}


def write(home: Path, turn: int) -> None:
    folder = home / "manifests"
    folder.mkdir(parents=True, exist_ok=True)
    for name in "abcdefgh":
        config = {"baseURL": "http://127.0.0.1:9/v1", "apiKey": f"sk-{name}-{turn}"}
        spec = {"type": "openai-compatible", "description": f"{turn}" * 500, "config": config}
        (folder / f"{name}.yaml").write_text(served_by(name, spec))


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders to be copied: without a store; with one that has a log, a key and a backup; with one of an older schema."""
    homes = tmp_path_factory.mktemp("homes")
    for name in ("empty", "used", "old"):
        write(homes / name, 4)
        (homes / name / "routerctl.yaml").write_text("source: git\n")
    made = homes / "made"
    for turn in (1, 2, 3):
        write(made, turn)
        shutil.copy(homes / "used" / "routerctl.yaml", made)
        if turn < 3:
            routerctl(made / "store.db", "apply", "-f", str(made / "manifests"))
    routerctl(made / "store.db", "backup", str(made / "older.db"))
    with Reader(made / "store.db"):  # so that what is written next stays in the log
        routerctl(made / "store.db", "apply", "-f", str(made / "manifests"))
        for name in ("store.db", "store.db-wal", "store.key", "older.db"):
            shutil.copy(made / name, homes / "used")
    old = homes / "old" / "store.db"
    files.create_private(old)
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(SCHEMA_1.read_text(encoding="utf-8"))
        connection.execute("PRAGMA journal_mode=WAL")
    return homes


@dataclass(frozen=True, slots=True)
class Home:
    """A copy of a folder. Whatever a command remembers of earlier runs is in it, too."""

    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "store.db"

    def run(self, operation: Operation) -> Said:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(self.folder / "state"))
            return said(self.store, *self._arguments(operation))

    def run_with_room(self, operation: Operation, room: int) -> Said:
        """As `run`, where the system lets no file grow beyond so many bytes."""
        conditions = Conditions(room=room, environ={"XDG_STATE_HOME": str(self.folder / "state")})
        return start(self.store, *self._arguments(operation), conditions=conditions).said()

    def _arguments(self, operation: Operation) -> list[str]:
        own = ("manifests", "copy.db", "older.db")
        return [str(self.folder / each) if each in own else each for each in operation.arguments]


def rows(path: Path) -> object:
    """All that is stored, as it is stored; None where nothing is."""
    if not path.exists():
        return None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        content = {name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr) for (name,) in tables}
    return (version, content) if any(content[name] for name in content if name != "meta") else None


def meaning(path: Path) -> object:
    """What another run of the same command makes equal: all but ids and times."""
    if rows(path) is None or not _is_current(path):
        return None
    with Reader(path) as reader:
        assert verify(reader) == []
        written = re.sub(r"v-[0-9a-f]{24}", "v-", export(reader.state().values()))
        return written, reader.head(), reader.compacted(), len(reader.versions()), len(reader.holds())


def _is_current(path: Path) -> bool:
    with closing(files.connect_readonly(path)) as connection:
        return files.schema_of(connection, path) == files.SCHEMA_VERSION


def others(home: Path) -> Mapping[str, object]:
    """What copies lie beside the store; their names hold times."""
    found = {}
    for path in sorted(home.iterdir()):
        if not path.name.startswith(("store.db", "store-records.db", "store.key", "routerctl.yaml", "manif")):
            name = re.sub(r"\d{8}T\d{6}Z(-\d+)?", "TIME", path.name)
            found[name] = rows(path) if path.suffix == ".db" else "there"
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """What may be found where an operation was tried: all that was there before, or what stands after it; no other file.

    `calls` is how many it makes of the disk, `growing` how many of them need more room.
    """

    operation: Operation
    before: tuple[object, Mapping[str, object]]
    after: tuple[object, Mapping[str, object]]
    calls: int
    growing: int

    def check(self, home: Home, done: Said, told: str) -> None:
        is_before = rows(home.store) == self.before[0]
        is_after = meaning(home.store) == self.after[0]
        assert is_before or is_after, told
        left = {name.removesuffix("-wal") for name in others(home.folder)}  # a log that could not be removed
        assert left <= self.before[1].keys() | self.after[1].keys(), told
        assert done.code in {0, 5}, told
        if done.code == 0:
            assert is_after, told
            return
        assert re.search("^error: ", done.err, re.MULTILINE), told
        assert is_before or "nothing was" not in done.err, told
        again = home.run(self.operation)
        assert again.code == 0, (told, again)
        assert meaning(home.store) == self.after[0], told


def known(operation: Operation, home: Home) -> Known:
    """By a run without a fault."""
    before = rows(home.store), others(home.folder)
    with wrapped_disk().failing(Failure()) as never:
        done = home.run(operation)
    assert done.code == 0, done.err
    return Known(operation, before, (meaning(home.store), others(home.folder)), never.calls, never.growing)


@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_fails(homes: Path, tmp_path: Path, name: str) -> None:
    operation = OPERATIONS[name]

    def copied(to: object) -> Home:
        return Home(shutil.copytree(homes / operation.home, tmp_path / str(to)))

    expected = known(operation, copied("whole"))
    for fault, kind in FAULTS.items():
        calls = expected.growing if kind.space else expected.calls
        for at in chosen(range(1, calls + 1), "FAILING_CALLS", f"{name} {fault}"):
            home = copied(at)
            with wrapped_disk().failing(replace(kind, at=at)) as failure:
                done = home.run(operation)
            told = f"the disk {fault}, call {at} of {calls}, {failure.struck}: {done}"
            assert failure.struck or done.code == 0, told  # ids are random: it may write a page less
            expected.check(home, done, told)
            shutil.rmtree(home.folder)
    # And where the system itself refuses the write, whoever writes: SQLite or Python.
    for room in chosen(range(0, _LARGEST, 64), "FULL_AT", f"{name} full"):
        home = copied(room)
        done = home.run_with_room(operation, room)
        expected.check(home, done, f"room for {room} bytes: {done}")
        shutil.rmtree(home.folder)


def chosen(every: range, how_many: str, what: str) -> Sequence[int]:
    """All, or as many as are wanted."""
    wanted = size(how_many)
    return every if wanted >= len(every) else sorted(random.Random(seed(what)).sample(every, wanted))
