from reconciler.control.manifest.round_trip.loader import load
from reconciler.control.manifest.round_trip.nodes import Alias, Mapping, Scalar, at_path, data_of, walk

TEXT = "a: &a {b: 1}\nc: [*a, 2]\nd: *a\n"


def test_data_holds_what_aliases_stand_for() -> None:
    root = load(TEXT)
    assert root is not None
    assert data_of(root) == {"a": {"b": 1}, "c": [{"b": 1}, 2], "d": {"b": 1}}


def test_a_walk_goes_in_the_order_of_the_text_and_not_into_aliases() -> None:
    root = load(TEXT)
    assert root is not None
    nodes = list(walk(root))
    assert [type(node).__name__ for node in nodes] == [
        "Mapping", "Mapping", "Scalar", "Sequence", "Alias", "Scalar", "Alias",
    ]  # fmt: skip
    assert [node.start for node in nodes] == sorted(node.start for node in nodes)


def test_a_path_leads_through_aliases() -> None:
    root = load(TEXT)
    assert root is not None
    found = at_path(root, ("d", "b"))
    assert isinstance(found, Scalar)
    assert found.value == 1
    assert isinstance(at_path(root, ("d",)), Alias)
    assert isinstance(at_path(root, ()), Mapping)
    assert at_path(root, ("c", "b")) is None
    assert at_path(root, ("x",)) is None


def test_a_repr_shows_no_value() -> None:
    root = load("a: sk-secret\n")
    assert "sk-secret" not in repr(root)
