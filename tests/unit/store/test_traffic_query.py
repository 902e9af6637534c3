import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from fakes.traffic import NOW, row, write

from reconciler.errors import StoreError
from reconciler.store import traffic_query
from reconciler.store.traffic_batch import Columns, decoded
from reconciler.store.traffic_query import (
    Dimension,
    Group,
    Portion,
    SoughtRequests,
    TrafficReader,
    percentile,
    stream,
)
from reconciler.store.traffic_sessions import session_id
from reconciler.store.traffic_units import units

ROWS = (
    row(id="a", model="m", provider="p", status=200, session="s-1", finish_reason="stop"),
    row(
        id="b",
        model="n",
        provider="p",
        status=503,
        ending="refused",
        tokens_in=None,
        tokens_out=None,
        cost=None,
    ),
    row(
        id="c",
        model="m",
        provider="q",
        status=200,
        ending="broken",
        time=NOW + 3_600_000,
        attempts=2,
        finish_reason="stop",
    ),
    row(
        id="d",
        model="m",
        provider="q",
        status=499,
        ending="gone",
        time=NOW + 3_600_000,
        cost=None,
        estimated=1,
    ),
    row(
        id="e",
        model=None,
        provider=None,
        status=404,
        endpoint="embeddings",
        first_byte=None,
        namespace="team-a",
    ),
)


@pytest.fixture
def reader(tmp_path: Path) -> TrafficReader:
    path = tmp_path / "t.db"
    write(path, *ROWS[:2])
    write(path, *ROWS[2:])
    return TrafficReader(path)


def test_the_newest_come_first(reader: TrafficReader) -> None:
    assert reader.find(SoughtRequests()) == [*reversed(ROWS)]
    assert [each.id for each in reader.find(SoughtRequests(), 2)] == ["e", "d"]


def test_only_what_came_later(reader: TrafficReader) -> None:
    assert reader.last() == 2
    assert [each.id for each in reader.find(SoughtRequests(), after=1)] == ["e", "d", "c"]
    assert reader.find(SoughtRequests(), after=2) == []


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (SoughtRequests(model="m"), "dca"),
        (SoughtRequests(provider="q"), "dc"),
        (SoughtRequests(model="m", provider="p"), "a"),
        (SoughtRequests(statuses=((500, 599),)), "b"),
        (SoughtRequests(statuses=((499, 499), (404, 404))), "ed"),
        (SoughtRequests(endings=("gone",)), "d"),
        (SoughtRequests(statuses=((500, 599),), endings=("gone",)), "db"),
        (SoughtRequests(failed=True), "ecb"),
        (SoughtRequests(endpoint="embeddings"), "e"),
        (SoughtRequests(session="s-1"), "a"),
        (SoughtRequests(namespace="default"), "dcba"),
        (SoughtRequests(since=NOW + 1), "dc"),
        (SoughtRequests(model="none"), ""),
    ],
)
def test_all_that_is_asked_for_must_fit(reader: TrafficReader, sought: SoughtRequests, found: str) -> None:
    assert "".join(each.id for each in reader.find(sought)) == found


def test_one_is_found_by_its_id(reader: TrafficReader) -> None:
    assert reader.get("b") == ROWS[1]
    assert reader.get("z") is None
    assert reader.bodies("b") is None


def test_groups_sum_up(reader: TrafficReader) -> None:
    groups = {group.key: group for group in reader.groups(["model", "provider"], SoughtRequests())}
    of_q = groups["m", "q"]
    assert (of_q.requests, of_q.failed, of_q.gone, of_q.fallen_over) == (2, 1, 1, 1)
    assert (of_q.tokens_in, of_q.tokens_out, of_q.estimated) == (20, 40, 1)
    assert (of_q.cost, of_q.unpriced) == (30_000_000_000, 1)
    assert list(of_q.durations) == [12_345, 12_345]
    assert groups[None, None].first_bytes.tolist() == []
    assert groups["n", "p"].unpriced == 0


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (["provider"], [("p",), ("q",), (None,)]),
        (["status"], [(200,), (404,), (499,), (503,)]),
        (["hour"], [("2026-09-21T14:00:00Z",), ("2026-09-21T15:00:00Z",)]),
        (["day", "endpoint"], [("2026-09-21", "chat"), ("2026-09-21", "embeddings")]),
        ([], [()]),
    ],
)
def test_groups_have_an_order(reader: TrafficReader, by: list[Dimension], keys: list[object]) -> None:
    assert [group.key for group in reader.groups(by, SoughtRequests())] == keys


def test_a_file_that_is_not_there_is_empty(tmp_path: Path) -> None:
    reader = TrafficReader(tmp_path / "none.db")
    assert reader.find(SoughtRequests()) == []
    assert reader.groups(["model"], SoughtRequests()) == []
    assert (reader.get("a"), reader.bodies("a"), reader.last()) == (None, None, 0)


def test_so_is_one_that_somebody_is_making(tmp_path: Path) -> None:
    (tmp_path / "t.db").touch()
    assert TrafficReader(tmp_path / "t.db").last() == 0


def test_a_foreign_one_is_said(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "t.db")) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    with pytest.raises(StoreError, match="not a store of routerctl"):
        TrafficReader(tmp_path / "t.db").last()


@pytest.mark.parametrize(
    ("values", "percent", "found"),
    [
        ([], 50, None),
        ([7], 95, 7),
        ([3, 1, 2], 50, 2),
        ([*range(1, 101)], 95, 95),
        ([1, 2], 99, 2),
        ([1, 2], 1, 1),
    ],
)
def test_percentiles(values: list[int], percent: int, found: int | None) -> None:
    assert percentile(values, percent) == found


def test_a_cost_is_counted_in_its_smallest_unit() -> None:
    assert (units("0"), units("1.5"), units("0.000000000000001")) == (0, 1_500_000_000_000_000, 1)


def test_a_group_begins_with_nothing() -> None:
    assert Group(("m",)).requests == 0


def test_a_damaged_one_can_be_given_up(tmp_path: Path) -> None:
    (tmp_path / "t.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError, match="are damaged") as raised:
        TrafficReader(tmp_path / "t.db").last()
    assert "remove it" in (raised.value.hint or "")


def test_of_the_newest_some_can_be_passed_over(reader: TrafficReader) -> None:
    assert [each.id for each in reader.find(SoughtRequests(), 2, offset=1)] == ["d", "c"]
    assert [each.id for each in reader.find(SoughtRequests(), 9, offset=4)] == ["a"]
    assert reader.find(SoughtRequests(), 9, offset=5) == []
    assert reader.count(SoughtRequests(provider="p"), 10) == (2, True)


def test_how_many_there_are_is_counted_without_reading_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.db"
    reader = TrafficReader(path)
    assert reader.count(SoughtRequests(), 1) == (0, True)
    for number in range(3):
        write(path, *(row(id=f"r{number}{place}", time=NOW + 10 * number + place) for place in range(4)))
    read: list[int] = []

    def watched(data: bytes, count: int) -> Columns:
        read.append(count)
        return decoded(data, count)

    monkeypatch.setattr(traffic_query, "decoded", watched)
    assert reader.count(SoughtRequests(), 1) == (12, True)
    assert reader.count(SoughtRequests(until=NOW + 10), 1) == (4, True)
    assert read == []
    assert reader.count(SoughtRequests(since=NOW + 2, until=NOW + 22), 1) == (8, True)
    assert len(read) == 2
    assert reader.count(SoughtRequests(model="m"), 4) == (4, False)
    assert reader.count(SoughtRequests(model="m"), 13) == (12, True)
    assert reader.count(SoughtRequests(model="other"), 1) == (0, True)


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        (SoughtRequests(until=NOW + 1), "eba"),
        (SoughtRequests(id="c"), "c"),
        (SoughtRequests(stream=False), "edcba"),
        (SoughtRequests(finish_reason="stop"), "a"),
        (SoughtRequests(finish_reason="error"), "ecb"),
        (SoughtRequests(finish_reason="length"), ""),
        (SoughtRequests(stream=True), ""),
        (SoughtRequests(of_sessions=True), "a"),
        (SoughtRequests(succeeded=True), "da"),
        (SoughtRequests(succeeded=True, failed=True), ""),
        (SoughtRequests(namespaces=frozenset({"team-a"})), "e"),
        (SoughtRequests(namespaces=frozenset()), ""),
        (SoughtRequests(session=session_id("default", None, "s-1")), "a"),
        (SoughtRequests(session=session_id("default", "ada", "s-1")), ""),
    ],
)
def test_what_fits_besides(reader: TrafficReader, sought: SoughtRequests, found: str) -> None:
    assert "".join(each.id for each in reader.find(sought)) == found


def test_all_of_them_come_in_portions_the_oldest_first(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    reader = TrafficReader(path)
    assert list(stream(reader.portion, SoughtRequests())) == []
    rows = [row(id=f"r{number}", client="ada" if number % 2 else "bob") for number in range(2400)]
    for start in range(0, 2400, 600):
        write(path, *rows[start : start + 600])
    assert list(stream(reader.portion, SoughtRequests())) == rows
    first = reader.portion(SoughtRequests())
    assert (len(first.rows), first.last) == (1200, 2)
    assert len(list(stream(reader.portion, SoughtRequests(client="ada")))) == 1200


def test_what_is_joined_while_it_is_read_comes_once() -> None:
    """Small batches go into later ones: the rows that were told come again behind them."""
    told = {
        0: Portion((row(id="a"), row(id="b")), 1),
        1: Portion((row(id="a"), row(id="b"), row(id="c")), None),
    }
    assert [each.id for each in stream(lambda _, after: told[after], SoughtRequests())] == ["a", "b", "c"]


def test_what_came_two_portions_ago_can_come_again_and_no_earlier() -> None:
    ids = {0: "ab", 1: "c", 2: "bd", 3: "e", 4: "f", 5: "cg"}
    told = {
        after: Portion(tuple(row(id=each) for each in found), after + 1 if after < 5 else None)
        for after, found in ids.items()
    }
    found = stream(lambda _, after: told[after], SoughtRequests())
    assert "".join(each.id for each in found) == "abcdefcg"


def test_sessions_are_summed_up_by_client(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    write(
        path,
        row(id="a", client="ada", session="s", time=NOW + 5),
        row(id="b", client="ada", session="s", status=500, cost=None, provider="q", model=None),
        row(id="c", client="bob", session="s", time=NOW + 9, tokens_in=None, tokens_out=None, cost=None),
        row(id="d"),
    )
    bobs, adas = TrafficReader(path).sessions(SoughtRequests())
    assert (bobs.client, bobs.id, bobs.unpriced) == ("bob", session_id("default", "bob", "s"), 0)
    assert (adas.first, adas.last, adas.requests, adas.failed) == (NOW, NOW + 5, 2, 1)
    assert (adas.tokens_in, adas.tokens_out, adas.cost, adas.unpriced) == (20, 40, units("0.00003"), 1)
    assert (adas.micros, adas.models, adas.providers) == (24_690, ("m",), ("p", "q"))


def test_what_two_clients_call_alike_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "t.db"
    write(path, row(client="ada", session="s"), row(client="bob", session="s"), row())
    keys = {group.key for group in TrafficReader(path).groups(("session",), SoughtRequests())}
    assert keys == {(session_id("default", each, "s"),) for each in ("ada", "bob")} | {(None,)}
