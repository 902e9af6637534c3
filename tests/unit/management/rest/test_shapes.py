import pytest

from reconciler.json_types import JsonObject
from reconciler.management.rest import shapes
from reconciler.management.rest.shapes import Depended, InvalidField


def test_unknown_fields_are_refused_with_the_one_that_was_meant() -> None:
    shapes.check_fields({"name": 1}, {"name", "type"})
    for body, hint in (({"nam": 1}, "did you mean name?"), ({"zzzzzz": 1}, "known here: name, type")):
        with pytest.raises(InvalidField) as raised:
            shapes.check_fields(body, {"name", "type"})  # type: ignore[arg-type]  # a test's own
        assert raised.value.hint == hint
        assert raised.value.causes[0]["field"] == next(iter(body))
    with pytest.raises(InvalidField) as raised:
        shapes.check_fields({"zzzzzz": 1}, {"name"}, hint="elsewhere")
    assert raised.value.hint == "elsewhere"


def test_fields_by_their_types() -> None:
    body: JsonObject = {"t": "x", "n": None, "b": True, "o": {"a": 1}}
    assert (shapes.text(body, "t"), shapes.text(body, "n"), shapes.text(body, "z")) == ("x", None, None)
    assert (shapes.yes_no(body, "b"), shapes.yes_no(body, "n")) == (True, None)
    assert (shapes.object_of(body, "o"), shapes.object_of(body, "n")) == ({"a": 1}, None)
    assert shapes.required_text(body, "t") == "x"
    for read, name in (
        (shapes.text, "b"),
        (shapes.yes_no, "t"),
        (shapes.object_of, "t"),
        (shapes.required_text, "n"),
    ):
        with pytest.raises(InvalidField):
            read(body, name)


def test_what_stands_on_it_is_named() -> None:
    error = Depended("no", [{"resource": "Binding/x", "detail": "names it"}], hint="first")
    assert error.causes == ({"resource": "Binding/x", "detail": "names it"},)


def test_what_only_stands_for_a_field_is_not_written() -> None:
    shown = {"displayName": "name", "capabilities": "capabilities"}
    whole: JsonObject = {"metadata": {"name": "m"}, "spec": {}}
    assert shapes.without_shown(whole, {"name": "m", "capabilities": [], "x": 1}, shown) == {"x": 1}
    assert shapes.without_shown(whole, {"name": "M"}, shown) == {"name": "M"}
    named: JsonObject = {"metadata": {"name": "m"}, "spec": {"displayName": "M"}}
    assert shapes.without_shown(named, {"name": "m"}, shown) == {"name": "m"}
