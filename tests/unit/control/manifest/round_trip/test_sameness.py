from reconciler.control.manifest.round_trip.loader import load
from reconciler.control.manifest.round_trip.nodes import Mapping, Node, Scalar, Sequence
from reconciler.control.manifest.round_trip.sameness import (
    ABSENT,
    entries_of,
    items_of,
    keeps_shape,
    same,
    sites,
)
from reconciler.json_types import JsonValue
from reconciler.resources.structure import ATOMIC, Shape, Structure

DURATION = Structure(Shape.DURATION)


def node(text: str) -> Node:
    found = load(text)
    assert found is not None
    return found


def test_values_are_compared_not_writings() -> None:
    assert same(DURATION, "90s", 90_000)
    assert same(Structure(Shape.GRANULAR, values=DURATION), {"a": "1m", "b": None}, {"a": "60s"})
    assert same(ATOMIC, {"a": {"b": None}}, {"a": {}})
    assert not same(ATOMIC, {"a": True}, {"a": 1})
    assert not same(ATOMIC, [None], [])
    assert not same(ATOMIC, ["a", "b"], ["b", "a"])


def test_entries_meet_what_is_wanted_of_them() -> None:
    root = node("a: 1\nb: 2\nc:\n")
    assert isinstance(root, Mapping)
    met = {entry.key: wanted for entry, wanted, _ in entries_of(root, {"a": 3, "d": 4}, ATOMIC)}
    assert met == {"a": 3, "b": ABSENT, "c": None}
    assert [wanted for _, wanted, _ in entries_of(root, None, ATOMIC)] == [ABSENT] * 3


def test_items_meet_those_that_they_are_most_like() -> None:
    root = node("[a, b, c, d]")
    assert isinstance(root, Sequence)

    def met(wanted: list[JsonValue]) -> list[tuple[JsonValue, object]]:
        return [
            (item.value.value if item is not None and isinstance(item.value, Scalar) else None, value)
            for item, value, _ in items_of(root, wanted, ATOMIC)
        ]

    assert met(["a", "x", "b", "d", "e"]) == [
        ("a", "a"), (None, "x"), ("b", "b"), ("c", ABSENT), ("d", "d"), (None, "e"),
    ]  # fmt: skip
    assert met(["a", "x", "y", "z", "d"]) == [("a", "a"), ("b", "x"), ("c", "y"), (None, "z"), ("d", "d")]


def test_a_collection_keeps_its_shape_while_something_of_it_stays() -> None:
    assert keeps_shape(node("{a: 1, b: 2}"), {"b": 3})
    assert keeps_shape(node("[a]"), ["b"])
    cases: list[tuple[str, JsonValue]] = [
        ("{a: 1}", {"b": 1}), ("{a: 1}", {}), ("{}", {}), ("[a]", []), ("[]", ["a"]), ("a", "a"), ("[a]", {}),
    ]  # fmt: skip
    assert [text for text, wanted in cases if keeps_shape(node(text), wanted)] == []
    assert not keeps_shape(node("[a]"), ABSENT)


def test_what_is_written_anew_holds_nothing_of_before() -> None:
    found = [
        wanted
        for _, wanted, _ in sites(node("a: [x, {b: 1}]\nc: {d: [y]}\n"), {"a": ["x"], "c": "z"}, ATOMIC)
    ]
    assert found == [{"a": ["x"], "c": "z"}, ["x"], "x", ABSENT, ABSENT, "z", ABSENT, ABSENT]
