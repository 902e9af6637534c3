"""Read, compare, insert: the trap of SQLite's default transactions, in which a third of these commits were lost."""

from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest
from fakes.store_processes import COUNTER, count_up, fork_server
from sizes import size

from reconciler.store.reader import Reader
from reconciler.store.verify import verify

_PROCESSES = size("COMMITTERS")
_COMMITS = size("COMMITS") // _PROCESSES


@pytest.mark.torture
def test_processes_that_commit_at_once_lose_none(tmp_path: Path) -> None:
    """They also make the store together: none of them finds one."""
    path = tmp_path / "store.db"
    context = fork_server()
    running: list[ForkServerProcess] = []
    results = []
    for worker in range(_PROCESSES):
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=count_up, args=(path, worker, _COMMITS, sender), daemon=True)
        process.start()
        sender.close()
        running.append(process)
        results.append(receiver)
    made: list[tuple[int, int]] = []
    for receiver in results:
        assert receiver.poll(1200)
        answer = receiver.recv()
        assert isinstance(answer, list), answer
        made += answer
    for process in running:
        process.join(30)

    total = _PROCESSES * _COMMITS
    assert sorted(made) == [(number, number - 1) for number in range(1, total + 1)]
    with Reader(path) as reader:
        assert reader.head() == total
        assert reader.state()[COUNTER].resource.spec == {"value": total}
        assert [revision.parent for revision in reader.revisions()] == list(range(total - 1, -1, -1))
        assert verify(reader) == []
