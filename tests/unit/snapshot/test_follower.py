import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress

import pytest
from fakes.loop import on_loop
from fakes.providers import PlainBuilder
from fakes.states import stored
from fakes.waiting import until
from fakes.workshop import simulator

from reconciler.errors import StoreError
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.resources.state import State
from reconciler.snapshot import follower
from reconciler.snapshot.compile import Built, Resources
from reconciler.snapshot.follower import Follower
from reconciler.snapshot.model import Upstream
from reconciler.snapshot.registry import Registry

Changes = Sequence[tuple[ResourceKey, StoredResource | None]]


class FakeStore:
    """A source and a signal in one. Revision n holds the providers p-0 to p-n."""

    def __init__(self) -> None:
        self.revision = 0
        self.seen = 0
        self.claimed = 0
        self.tokens = False
        self.width = 1
        self.broken: Exception | None = None
        self.deaf: Exception | None = None
        self.asked: list[str] = []

    def moved(self) -> bool:
        if self.deaf is not None:
            raise self.deaf
        moved, self.seen = self.seen != self.revision, self.revision
        return moved

    def head(self) -> int:
        if self.broken is not None:
            raise self.broken
        return self.revision

    @contextmanager
    def consistent(self) -> Iterator[None]:
        yield

    def claims(self) -> int:
        return self.claimed

    def guarded(self) -> bool:
        return self.tokens

    def state_at(self, revision: int) -> State:
        self.asked.append(f"state {revision}")
        items = [stored(simulator(f"p-{each}")) for each in range(revision * self.width)]
        return State(items, revision=revision)

    def changes_between(self, start: int, end: int) -> Changes:
        self.asked.append(f"changes {start} {end}")
        return [(key, item) for key, item in self.state_at(end).items() if key not in self.state_at(start)]


class Stand:
    def __init__(self) -> None:
        self.store = FakeStore()
        self.registry = Registry()
        self.builder = PlainBuilder()
        self.problems = 0
        self.follower = Follower(self.store, self.store, self.builder, self.registry, on_problem=self.count)

    def count(self) -> None:
        self.problems += 1

    @property
    def served(self) -> int | None:
        return self.registry.current.revision if self.registry.current is not None else None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.ensure_future(self.follower.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


@on_loop
async def test_an_empty_store_is_served_as_such_and_each_commit_follows() -> None:
    stand = Stand()
    async with stand.running():
        await until(lambda: stand.served == 0, "the empty snapshot")
        for number in (1, 2, 5):
            stand.store.revision = number
            await until(lambda: stand.served == stand.store.revision, "the revision")
    assert stand.registry.current is not None
    assert len(stand.registry.current.upstreams) == 5
    assert [asked for asked in stand.store.asked if asked.startswith("changes")] == [
        "changes 1 2",
        "changes 2 5",
    ]


@on_loop
async def test_the_first_token_changes_the_egress_policy_without_a_revision() -> None:
    stand = Stand()
    stand.store.revision = 1
    await stand.follower.catch_up()
    assert stand.registry.current is not None
    before = stand.registry.current
    stand.store.tokens = True
    await stand.follower.catch_up()
    assert stand.registry.current.egress.guarded
    assert stand.registry.current.upstreams == before.upstreams
    after = stand.registry.current
    await stand.follower.catch_up()
    assert stand.registry.current is after


@on_loop
async def test_nothing_is_read_while_nothing_moves() -> None:
    stand = Stand()
    stand.store.revision = 1
    await stand.follower.catch_up()
    asked = list(stand.store.asked)
    await stand.follower.catch_up()
    assert stand.store.asked == asked


class Noting(PlainBuilder):
    """Notes in which thread it builds."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        self.threads.add(threading.get_ident())
        return super().build(provider, resources, previous)


@on_loop
async def test_a_revision_is_compiled_in_a_thread() -> None:
    stand = Stand()
    noting = Noting()
    stand.store.revision = 1
    await Follower(stand.store, stand.store, noting, stand.registry).catch_up()
    assert stand.served == 1
    assert noting.threads
    assert threading.get_ident() not in noting.threads


@on_loop
async def test_after_a_claim_everything_is_compared() -> None:
    stand = Stand()
    async with stand.running():
        stand.store.revision = 1
        await until(lambda: stand.served == 1, "the first")
        stand.store.claimed = 1
        stand.store.seen = 0
        await until(lambda: stand.store.asked.count("state 1") == 2, "the comparison")
        stand.store.revision = 2
        await until(lambda: stand.served == 2, "the second")
    assert "changes 1 2" in stand.store.asked


@on_loop
async def test_a_store_that_can_not_be_read_leaves_the_last_good_one_and_heals() -> None:
    stand = Stand()
    async with stand.running():
        stand.store.revision = 1
        await until(lambda: stand.served == 1, "the first")
        stand.store.broken = StoreError("the store can't be read")
        stand.store.revision = 2
        await until(lambda: stand.follower.problem, "the problem")
        assert (stand.follower.problem, stand.served) == ("the store can't be read", 1)
        stand.store.broken = None
        await until(lambda: stand.served == 2, "the second")
        await until(lambda: stand.follower.problem is None, "the end of the problem")
    assert stand.problems == 1


@on_loop
async def test_a_signal_that_fails_is_a_problem_as_well() -> None:
    stand = Stand()
    async with stand.running():
        await until(lambda: stand.served == 0, "the empty snapshot")
        stand.store.deaf = StoreError("the store is gone")
        await until(lambda: stand.follower.problem == "the store is gone", "the problem")
        stand.store.deaf = None
        await until(lambda: stand.follower.problem is None, "the end of the problem")
    assert stand.problems == 1


class Faulty(PlainBuilder):
    def __init__(self) -> None:
        super().__init__()
        self.fails = 0

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        if self.fails:
            self.fails -= 1
            raise ValueError("sk-secret")
        return super().build(provider, resources, previous)


@on_loop
async def test_a_bug_is_logged_once_and_tried_again_until_it_is_gone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stand = Stand()
    faulty = Faulty()
    faulty.fails = 3
    follower = Follower(stand.store, stand.store, faulty, stand.registry, on_problem=stand.count)
    stand.store.revision = 1
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await follower.catch_up()
            assert follower.problem == "the revision could not be compiled; see the gateway's log"
            assert stand.served is None
        await follower.catch_up()
    assert (stand.served, follower.problem, stand.problems) == (1, None, 1)
    assert [record.exc_info is not None for record in caplog.records] == [True, False]


class Asked:
    """Notes for whom it is asked; raises `errors` first, the last one first."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = [*errors]
        self.keys: list[str] = []
        self.builder = PlainBuilder()

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        if previous is not None and self.errors:
            raise self.errors.pop()
        self.keys.append(provider.key.name)
        return self.builder.build(provider, resources, previous)


@on_loop
async def test_only_providers_whose_files_changed_are_built_anew() -> None:
    stand, asked = Stand(), Asked()
    changed: list[ResourceKey] = []
    told: list[int] = []
    stand.follower = Follower(stand.store, stand.store, asked, stand.registry, reread=lambda: changed)
    stand.store.revision = 3
    await stand.follower.catch_up()
    first = stand.registry.current
    stand.registry.listen(lambda snapshot: told.append(snapshot.revision))
    asked.keys.clear()
    await stand.follower.look_at_files()
    assert (asked.keys, told) == ([], [])
    changed[:] = [ResourceKey("Provider", "default", name) for name in ("p-1", "gone")]
    await stand.follower.look_at_files()
    assert (asked.keys, told) == (["p-1"], [3])
    assert stand.registry.current is not first
    stand.store.tokens = True
    await stand.follower.catch_up()
    await stand.follower.look_at_files()
    assert stand.registry.current is not None
    assert stand.registry.current.egress.guarded


@on_loop
async def test_what_could_not_be_built_anew_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    stand, asked = Stand(), Asked(StoreError("locked"), ValueError("a bug"))
    changed = [ResourceKey("Provider", "default", "p-0")]

    def once() -> list[ResourceKey]:
        found, changed[:] = changed[:], []
        return found

    stand.follower = Follower(stand.store, stand.store, asked, stand.registry, reread=once)
    stand.store.revision = 1
    await stand.follower.catch_up()
    asked.keys.clear()
    for _ in range(2):
        await stand.follower.look_at_files()
        assert asked.keys == []
    assert "could not be compiled" in caplog.text
    assert "can't be used yet: locked" in caplog.text
    for _ in range(2):
        await stand.follower.look_at_files()
        assert asked.keys == ["p-0"]


@on_loop
async def test_files_are_looked_at_while_it_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follower, "REREAD_SECONDS", 0.0)
    stand = Stand()
    looks: list[int] = []

    def look() -> tuple[ResourceKey, ...]:
        looks.append(1)
        return ()

    stand.follower = Follower(stand.store, stand.store, stand.builder, stand.registry, reread=look)
    async with stand.running():
        await until(lambda: len(looks) > 1, "a second look")
