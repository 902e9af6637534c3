from collections.abc import Iterator, Mapping, Sequence

import pytest

from reconciler.api.records import Seen
from reconciler.errors import Forbidden
from reconciler.management.showing.observing import ShownObserving, ShownWorkers
from reconciler.resources.principal import Principal, Role
from reconciler.store.health import CircuitRow, HealthRows, ProbeRow
from reconciler.store.leases import Counter
from reconciler.store.ledger import Usage
from reconciler.store.observations import WHOLE, WorkerRow
from reconciler.store.source_status import SourceStatus
from reconciler.store.transitions import FAILED, SERVING, Transition

ADA = Principal("token:ada", Role.VIEWER)
BOB = Principal("token:bob", Role.VIEWER, namespaces=frozenset({"team-a"}))
OURS, THEIRS = "Provider/team-a/q", "Provider/p"


def _each(value: int) -> Mapping[str, int]:
    return {OURS: value, THEIRS: value}


SEEN = Seen(
    "sqlite:///s.db",
    5.0,
    (
        WorkerRow(
            "w",
            7,
            1.0,
            5.0,
            3,
            ((OURS, "ours"), (THEIRS, "theirs"), (WHOLE, "all")),
            {"in_flight": 2, "requests": {"x": 1}, "limits": {OURS: {"waiting": 1}, THEIRS: {"waiting": 2}}},
            _each(2),
            {OURS: "a", THEIRS: "b"},
        ),
    ),
    (
        Transition(1.0, "w", SERVING, number=1),
        Transition(2.0, "w", "Refused", THEIRS, number=2),
        Transition(3.0, "w", "Refused", OURS, number=3),
        Transition(4.0, "", FAILED, "acme", number=4),
    ),
    HealthRows(
        tuple(CircuitRow("w", each, "", "open", 1.0) for each in (OURS, THEIRS)),
        {each: ProbeRow(each, healthy=True, since=1.0, probed=2.0) for each in (OURS, THEIRS)},
        "w",
    ),
)


class Told:
    def seen(self, after: int = 0) -> Seen:
        assert after in {0, 2}
        return SEEN

    def source_statuses(self) -> Sequence[SourceStatus]:
        return (SourceStatus(("/m",), "acme", "2026-01-01T00:00:00Z"),)

    def usage(self, counters: Sequence[Counter]) -> Mapping[str, Usage]:
        return {counter.key: Usage(held=1) for counter in counters}

    def counted_since(self) -> float | None:
        return 1.0


def test_who_sees_all_is_told_all() -> None:
    shown = ShownObserving(Told(), ADA)
    assert shown.seen() is SEEN
    assert len(shown.source_statuses()) == 1
    assert shown.counted_since() == 1.0


def test_who_sees_a_namespace_is_told_of_its_providers_alone() -> None:
    shown = ShownObserving(Told(), BOB)
    found = shown.seen(2)
    (worker,) = found.workers
    assert worker.refused == ((OURS, "ours"), (WHOLE, "all"))
    assert worker.counters == {"in_flight": 2, "limits": {OURS: {"waiting": 1}}}
    assert (worker.builds, worker.causes) == ({OURS: 2}, {OURS: "a"})
    assert [each.number for each in found.log] == [1, 3]
    assert [each.provider for each in found.health.circuits] == [OURS]
    assert list(found.health.probes) == [OURS]
    assert shown.source_statuses() == ()


def test_the_same_is_seen_of_workers_that_are_waited_for() -> None:
    class Live:
        def live(self, now: float) -> Sequence[WorkerRow]:
            assert now == 5.0
            return SEEN.workers

    assert ShownWorkers(Live(), ADA).live(5.0) is SEEN.workers
    assert tuple(ShownWorkers(Live(), BOB).live(5.0)) == ShownObserving(Told(), BOB).seen().workers


def test_what_others_may_use_is_not_told() -> None:
    shown = ShownObserving(Told(), BOB)
    ours = Counter(f"{OURS} maxConcurrent", 2)
    assert shown.usage([ours]) == {ours.key: Usage(held=1)}
    with pytest.raises(Forbidden, match="the namespace default"):
        shown.usage([ours, Counter(f"{THEIRS} maxConcurrent", 2)])


def test_a_worker_without_limits_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare() -> Iterator[WorkerRow]:
        yield WorkerRow("w", 7, 1.0, 5.0, 3)

    told = Seen(SEEN.store, SEEN.now, tuple(bare()), (), HealthRows())
    monkeypatch.setattr(Told, "seen", lambda _self, _after=0: told)
    assert ShownObserving(Told(), BOB).seen().workers[0].counters == {}
