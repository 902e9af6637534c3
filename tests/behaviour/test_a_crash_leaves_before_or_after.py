"""kill -9 at every named place of a commit and at random times: the store is as before, or as after, never between.

Only kills that the process did not outrun are counted. ROUTERCTL_TEST_KILLS and ROUTERCTL_TEST_KILLS_AT_PLACES set their number.
"""

import random
import signal
import sqlite3
import time
from contextlib import closing
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from fakes.store import META, open_writer, provider, put, vault_ids
from fakes.store_processes import WIDTH, fork_server, rewrite_all
from sizes import seed, size

from reconciler.store.failpoints import NAMES, FailpointName
from reconciler.store.reader import Reader
from reconciler.store.verify import verify

_AT_EACH_PLACE = size("KILLS_AT_PLACES")
_AT_RANDOM = size("KILLS")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "store.db"
    with open_writer(path) as writer:
        writer.commit(
            [put(provider(f"p-{each}", text="1" * 200)) for each in range(WIDTH)], base=0, meta=META
        )
    return path


def _start(path: Path, base: int, failpoint: FailpointName | None) -> tuple[ForkServerProcess, Connection]:
    """A process that has said that it is about to commit."""
    context = fork_server()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=rewrite_all, args=(path, base, failpoint, sender), daemon=True)
    process.start()
    sender.close()
    assert receiver.poll(30)
    assert receiver.recv() == "ready"
    return process, receiver


def _seconds_of_a_commit(path: Path, base: int) -> float:
    process, receiver = _start(path, base, None)
    started = time.monotonic()
    assert receiver.poll(30)
    seconds = time.monotonic() - started
    process.join(30)
    return seconds


def _said_done(receiver: Connection) -> bool:
    try:
        return receiver.poll(0) and bool(receiver.recv())
    except EOFError:
        return False


def _head_of_whole_store(path: Path) -> int:
    """The head, after looking whether everything is as that revision left it."""
    with Reader(path) as reader, reader.consistent():
        head = reader.head()
        state = reader.state()
        texts = {str(stored.resource.spec["text"]) for stored in state.values()}
        assert len(state) == WIDTH
        assert texts == {f"{head}" * 200}
        assert len(vault_ids(path)) == head - 1
        assert [hold.revision for hold in reader.holds()] == ([head] if head > 1 else [])
        assert len(reader.events(head)) == WIDTH
        assert reader.events(head + 1) == ()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return head


@pytest.mark.torture
@pytest.mark.parametrize("failpoint", NAMES)
def test_at_every_named_place(path: Path, failpoint: FailpointName) -> None:
    for _ in range(_AT_EACH_PLACE):
        base = _head_of_whole_store(path)
        process, _ = _start(path, base, failpoint)
        process.join(30)
        assert process.exitcode == -signal.SIGKILL
        assert _head_of_whole_store(path) == base + (failpoint == "after-commit")
    _next_commit_works(path)


@pytest.mark.torture
@pytest.mark.slow
def test_at_random_times(path: Path) -> None:
    chance = random.Random(seed("crash"))
    longest = max(_seconds_of_a_commit(path, base) for base in range(1, 6))
    outcomes: list[int] = []
    head = _head_of_whole_store(path)
    for _ in range(10 * _AT_RANDOM):
        process, receiver = _start(path, head, None)
        receiver.poll(chance.uniform(0, longest))
        process.kill()
        process.join(30)
        assert process.exitcode in {0, -signal.SIGKILL}
        done = _said_done(receiver)
        now = _head_of_whole_store(path)
        assert now in ({head + 1} if done else {head, head + 1})
        if process.exitcode == -signal.SIGKILL:
            outcomes.append(now - head)
        head = now
        if len(outcomes) == _AT_RANDOM:
            break
    assert len(outcomes) == _AT_RANDOM
    assert set(outcomes) == {0, 1}, "the kills did not fall into the commits"
    _next_commit_works(path)


def _next_commit_works(path: Path) -> None:
    head = _head_of_whole_store(path)
    with open_writer(path) as writer:
        assert writer.commit([put(provider("next"))], base=head, meta=META).number == head + 1
    with Reader(path) as reader:
        assert verify(reader) == []
