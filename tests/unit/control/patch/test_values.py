import pytest

from reconciler.control.patch.values import check_depth, copied
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue


def nested(depth: int) -> JsonValue:
    value: JsonValue = "x"
    for level in range(depth):
        value = {"a": value} if level % 2 else [value]
    return value


def test_a_copy_shares_nothing() -> None:
    inner: list[JsonValue] = [1]
    value: JsonObject = {"a": {"b": inner}}
    copy = copied(value)
    inner.append(2)
    assert copy == {"a": {"b": [1]}}


def test_the_depth_of_a_manifest_is_the_bound() -> None:
    check_depth(nested(64), "it")
    with pytest.raises(InvalidInput, match=r"^it has more than 64 collections inside one another$"):
        check_depth(nested(65), "it")
