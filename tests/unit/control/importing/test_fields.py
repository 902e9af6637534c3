import pytest

from reconciler.control.importing.fields import Fields, duration, integer_of, truth_of


def test_what_nobody_took_is_left() -> None:
    fields = Fields(
        {"a": "1", "b": None, "c": {"d": 1, "e": 2}, "f": True, "g": [" x ", 1, ""], "": 7, "h": ""}, "top"
    )
    assert "b" not in fields
    assert fields.integer("a") == 1
    inner = fields.mapping("c")
    assert inner.integer("d") == 1
    assert inner.rest() == {"top.c.e": 2}
    assert fields.texts("g") == ["x"]
    assert fields.text("f") is None
    assert fields.text("h") is None
    assert sorted(fields.names()) == ["", "f"]
    assert fields.rest() == {"top": 7, "top.f": True}
    assert fields.rest() == {}


def test_what_has_another_shape_is_put_back() -> None:
    fields = Fields({"a": [1], "b": "x", "c": 1, "d": 2, "e": "maybe"})
    assert fields.text("a") is None
    assert fields.integer("b") is None
    assert fields.texts("c") == []
    assert fields.mapping("d").names() == []
    assert [*fields.mappings("b")] == []
    assert fields.truth("e") is None
    assert fields.rest() == {"a": [1], "b": "x", "c": 1, "d": 2, "e": "maybe"}


def test_a_text_may_stand_for_a_list_and_an_item_for_a_mapping() -> None:
    fields = Fields({"a": "x", "b": [{"c": 1}, 5]})
    assert fields.texts("a") == ["x"]
    first, second = fields.mappings("b")
    assert first.rest() == {"b[0].c": 1}
    assert second.rest() == {"b[1]": 5}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (5, 5),
        ("-5", -5),
        (" 7 ", 7),
        ("+3", 3),
        (True, None),
        ("1.5", None),
        ("", None),
        ("-", None),
        (None, None),
        ("9" * 20, None),
        ("²", None),
    ],
)
def test_integers(value: str | int | None, number: int | None) -> None:
    assert integer_of(value) == number


@pytest.mark.parametrize(
    ("value", "truth"),
    [(1, True), ("TRUE", True), ("off", False), (False, False), ("x", None), ([], None), (None, None)],
)
def test_truth(value: str | int | list[object] | None, truth: bool | None) -> None:
    assert truth_of(value) is truth  # type: ignore[arg-type]  # any JSON


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [
        (0, None),
        (-5, None),
        (500, "500ms"),
        (120_000, "120s"),
        (1500, "1500ms"),
        (100_500, "101s"),
        (99_999_000, "99999s"),
        (100_001_000, "1666m41s"),
        (10**9 * 7, "99999m"),
    ],
)
def test_durations(milliseconds: int, text: str | None) -> None:
    assert duration(milliseconds) == text
