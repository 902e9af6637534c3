"""What it does is told by test_writes.py and tests/behaviour/both_ways."""

from reconciler.remote.returning import RemoteReturns
from reconciler.remote.writes import RemoteWrites


def test_it_is_a_part_of_what_writes_remotely() -> None:
    for name in ["way_back", "rollback", "resume"]:
        assert getattr(RemoteWrites, name) is getattr(RemoteReturns, name)
