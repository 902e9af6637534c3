import pytest

from reconciler.control.importing.rows import parsed, parsed_columns, plain, record, rows_text
from reconciler.json_types import JsonValue
from reconciler.store.foreign import Value


@pytest.mark.parametrize(
    ("value", "made"), [(1.0, 1), (1.5, "1.5"), (b"x", "x"), ("y", "y"), (None, None), (float("inf"), "inf")]
)
def test_values_of_a_database(value: Value, made: JsonValue) -> None:
    assert plain(value) == made


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            '["a", 1.5, {"b": 9007199254740993, "c": true}]',
            ["a", "1.5", {"b": "9007199254740993", "c": True}],
        ),
        ("plain", "plain"),
        (5, 5),
        ("[" * 100_000, "[" * 100_000),
        ("NaN", "NaN"),
    ],
)
def test_json_in_a_text(text: JsonValue, value: JsonValue) -> None:
    assert parsed(text) == value


def test_columns() -> None:
    assert parsed_columns(record({"a": "[1]", "b": "[1]"}), ("a",)) == {"a": [1], "b": "[1]"}
    assert [rows_text(1), rows_text(2)] == ["1 row", "2 rows"]
