"""What it does is told by test_writes.py and tests/behaviour/both_ways."""

from reconciler.remote.object_writes import RemoteObjectWrites
from reconciler.remote.writes import RemoteWrites


def test_it_is_a_part_of_what_writes_remotely() -> None:
    for name in ["change"]:
        assert getattr(RemoteWrites, name) is getattr(RemoteObjectWrites, name)
