"""Several processes apply at the same moment: each is planned again until nothing came between.

What they did is linear: one revision after another, each holding all that was before it and its own change; and who began
after another had ended comes after it. ROUTERCTL_TEST_APPLIERS and ROUTERCTL_TEST_APPLIES make it longer.
"""

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from fakes.apply_processes import SHARED, Done, apply_many
from fakes.store_processes import fork_server
from sizes import seed, size

from reconciler.resources.resource import ResourceKey
from reconciler.store.engine import open_engine
from reconciler.store.reader import Reader
from reconciler.store.verify import verify

PROCESSES = size("APPLIERS")
TIMES = size("APPLIES") // PROCESSES
PATIENCE = 1200


def race(path: Path) -> list[Done]:
    """Every apply, in the order of revisions."""
    open_engine(path).dispose()
    context = fork_server()
    running = []
    for number in range(PROCESSES):
        mine, theirs = context.Pipe(duplex=False)
        chance = random.Random(seed(f"applies {number}"))
        process = context.Process(target=apply_many, args=(path, number, TIMES, chance, theirs), daemon=True)
        process.start()
        theirs.close()
        running.append((process, mine))
    made: list[Done] = []
    for process, mine in running:
        assert mine.poll(PATIENCE), "no answer"
        result = mine.recv()
        process.join(30)
        assert process.exitcode == 0
        assert isinstance(result, list), result
        made += result
    return sorted(made, key=lambda done: done.revision)


@pytest.mark.slow
@pytest.mark.torture
def test_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    made = race(path)
    assert [(done.revision, done.parent) for done in made] == [
        (number, number - 1) for number in range(1, PROCESSES * TIMES + 1)
    ]
    assert max(done.attempts for done in made) > 1, "they never met, so this showed nothing"
    in_real_order(made)
    labels: dict[str, dict[str, str]] = {}
    with Reader(path) as reader:
        for done in made:
            labels.setdefault(done.name, {})[done.label] = done.value
            state = reader.state_at(done.revision)
            assert {key.name: dict(stored.resource.labels) for key, stored in state.items()} == labels
        shared = reader.state()[ResourceKey("Provider", "default", SHARED)]
        owners = [entry.manager for entry in shared.managed_fields]
        assert set(owners) == {f"git:source-{number}" for number in range(PROCESSES)}
        assert verify(reader) == []


def in_real_order(made: Sequence[Done]) -> None:
    """No apply ended before one began that has a smaller number."""
    earliest_end = made[-1].ended
    for later, done in pairwise(reversed(made)):
        earliest_end = min(earliest_end, later.ended)
        assert done.began < earliest_end, (done, later)
