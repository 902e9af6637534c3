"""Both ends of writing are compared in tests/behaviour/both_ways."""

from inspect import getmembers, isfunction, signature

from reconciler.api.writes import Writes
from reconciler.bootstrap.writes import LocalWrites
from reconciler.remote.writes import RemoteWrites


def test_both_do_what_is_asked_of_either() -> None:
    asked = {name for name, _ in getmembers(Writes, isfunction) if not name.startswith("_")}
    assert len(asked) > 10
    for kind in (LocalWrites, RemoteWrites):
        for name in asked:
            given = [each.kind for each in signature(getattr(kind, name)).parameters.values()]
            assert given == [each.kind for each in signature(getattr(Writes, name)).parameters.values()], name
