from pathlib import Path

import pytest
from fakes.traffic import row, write

from reconciler.errors import Forbidden
from reconciler.management.showing.traffic import ShownTraffic
from reconciler.resources.principal import Principal, Role
from reconciler.store.traffic import Bodies
from reconciler.store.traffic_query import SoughtRequests, TrafficReader

ADA = Principal("token:ada", Role.OPERATOR)
BOB = Principal("token:bob", Role.OPERATOR, namespaces=frozenset({"team-a", "team-b"}))
ALL = SoughtRequests()


@pytest.fixture
def reader(tmp_path: Path) -> TrafficReader:
    path = tmp_path / "t.db"
    said = tuple(Bodies(name, 1, b"q", 1, b"a", 1) for name in ("ours", "theirs"))
    write(path, row(id="ours", namespace="team-a", session="s"), row(id="theirs", session="s"), bodies=said)
    return TrafficReader(path)


def test_who_sees_all_is_told_all(reader: TrafficReader) -> None:
    shown = ShownTraffic(reader, ADA)
    assert len(shown.find(ALL)) == len(shown.portion(ALL).rows) == len(shown.sessions(ALL)) == 2
    assert shown.bodies("theirs") is not None
    assert shown.last() == 1


def test_who_sees_namespaces_is_told_of_those(reader: TrafficReader) -> None:
    shown = ShownTraffic(reader, BOB)
    assert [each.id for each in shown.find(ALL)] == ["ours"]
    assert [each.id for each in shown.portion(ALL).rows] == ["ours"]
    assert [each.namespace for each in shown.sessions(ALL)] == ["team-a"]
    assert [group.requests for group in shown.groups(("model",), ALL)] == [1]
    assert shown.get("ours") is not None
    assert shown.get("theirs") is None
    assert shown.bodies("ours") is not None
    assert shown.bodies("theirs") is None
    assert shown.find(SoughtRequests(namespace="team-b")) == []
    with pytest.raises(Forbidden, match="the namespace default"):
        shown.find(SoughtRequests(namespace="default"))


def test_what_somebody_says_to_see_does_not_count(reader: TrafficReader) -> None:
    widened = SoughtRequests(namespaces=frozenset({"default"}))
    assert [each.id for each in ShownTraffic(reader, BOB).find(widened)] == ["ours"]
