from reconciler.snapshot.model import Snapshot
from reconciler.snapshot.registry import Registry


def test_the_newest_is_in_force_and_listeners_hear_of_it_afterwards() -> None:
    registry = Registry()
    heard: list[tuple[int, bool]] = []
    registry.listen(lambda snapshot: heard.append((snapshot.revision, registry.current is snapshot)))
    assert registry.current is None
    assert registry.publish(Snapshot(1))
    assert registry.publish(Snapshot(3))
    assert heard == [(1, True), (3, True)]


def test_an_earlier_revision_is_not_put_in_force() -> None:
    registry = Registry()
    heard: list[Snapshot] = []
    registry.publish(Snapshot(3))
    registry.listen(heard.append)
    assert not registry.publish(Snapshot(2))
    assert registry.current == Snapshot(3)
    assert heard == []
    again = Snapshot(3)
    assert registry.publish(again)
    assert registry.current is again
