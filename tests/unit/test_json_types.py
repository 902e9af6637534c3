import pytest

from reconciler.json_types import JsonValue, same, value_at


def test_the_value_at_a_path() -> None:
    assert value_at({"a": {"b": 1}}, ("a", "b")) == 1
    assert value_at({"a": {"b": 1}}, ()) == {"a": {"b": 1}}
    assert value_at({"a": 1}, ("a", "b")) is None
    assert value_at({}, ("a",)) is None


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1, True),
        (1, True, False),
        (0, False, False),
        (True, True, True),
        (None, False, False),
        ("1", 1, False),
        ([1, [True]], [1, [True]], True),
        ([1, [True]], [1, [1]], False),
        ([1], [1, 2], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"b": 1}, False),
        ({}, [], False),
    ],
    ids=str,
)
def test_equality_is_that_of_json(one: JsonValue, other: JsonValue, expected: bool) -> None:
    assert same(one, other) is expected
