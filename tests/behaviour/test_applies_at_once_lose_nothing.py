"""Several processes apply at the same moment: each is planned again until nothing came between."""

import json
from pathlib import Path

import pytest
from fakes.apply_processes import FIELDS, FIRST, apply_many
from fakes.store_processes import fork_server

from reconciler.resources.resource import ResourceKey
from reconciler.store.engine import open_engine
from reconciler.store.reader import Reader

PROCESSES = 4
TIMES = 12


def race(path: Path, *, same: bool) -> list[list[tuple[int, int, int]]]:
    """(revision, parent, attempts) of each apply of each process."""
    open_engine(path).dispose()
    context = fork_server()
    running = []
    for number in range(PROCESSES):
        mine, theirs = context.Pipe(duplex=False)
        process = context.Process(target=apply_many, args=(path, number, TIMES, same, theirs))
        process.start()
        theirs.close()
        running.append((process, mine))
    results = []
    for process, mine in running:
        assert mine.poll(60), "no answer within 60 s"
        results.append(mine.recv())
        process.join(10)
        assert process.exitcode == 0
    for result in results:
        assert isinstance(result, list), result
    return results


@pytest.mark.slow
@pytest.mark.parametrize("same", [False, True], ids=["own resources", "one resource"])
def test_nothing_is_lost(tmp_path: Path, *, same: bool) -> None:
    """Each process declares a field of its own, of its own resource or of the one that all share."""
    path = tmp_path / "store.db"
    results = race(path, same=same)
    made = [one for result in results for one in result]
    assert sorted(number for number, _, _ in made) == list(range(1, PROCESSES * TIMES + 1))
    assert all(parent == number - 1 for number, parent, _ in made)
    assert max(attempts for _, _, attempts in made) > 1, "they never met, so this showed nothing"
    with Reader(path) as reader:
        state = reader.state()
    for number in range(PROCESSES):
        key = ResourceKey("Provider", "default", "shared" if same else f"own-{number}")
        config = state[key].resource.spec["config"]
        assert isinstance(config, dict)
        assert config[FIELDS[number]] == FIRST + TIMES, json.dumps(config)
        assert f"git:source-{number}" in [entry.manager for entry in state[key].managed_fields]
