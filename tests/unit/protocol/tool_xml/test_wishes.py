import pytest

from reconciler.protocol.errors import InvalidRequest
from reconciler.protocol.tool_xml.wishes import wishes


def declared(*names: str) -> list[dict[str, object]]:
    return [{"type": "function", "function": {"name": name, "description": 5}} for name in names]


def named(name: str) -> dict[str, object]:
    return {"type": "function", "function": {"name": name}}


@pytest.mark.parametrize(
    ("choice", "names", "must"),
    [
        (None, ["a", "b"], False),
        ("auto", ["a", "b"], False),
        ("none", [], False),
        ("required", ["a", "b"], True),
        (named("b"), ["b"], True),
        ({"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [named("a")]}}, ["a"], False),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [named("a")]}},
            ["a"],
            True,
        ),
    ],
)
def test_what_is_wished_for(choice: object, names: list[str], must: bool) -> None:
    found = wishes({"tools": declared("a", "b"), "tool_choice": choice})
    assert [each.name for each in found.tools] == names
    assert (found.must, found.one) == (must, False)


def test_one_at_a_time() -> None:
    assert wishes({"tools": declared("a"), "parallel_tool_calls": False}).one
    assert wishes({}).tools == ()


@pytest.mark.parametrize(
    ("request_", "param"),
    [
        ({"functions": [{}]}, "functions"),
        ({"tools": {}}, "tools"),
        ({"tools": ["a"]}, "tools[0]"),
        ({"tools": [{"type": "custom", "custom": {}}]}, "tools[0]"),
        ({"tools": [{"type": "function"}]}, "tools[0]"),
        ({"tools": declared("a b")}, "tools[0].function.name"),
        ({"tools": declared("a", "a")}, "tools"),
        ({"tools": declared("a"), "tool_choice": "perhaps"}, "tool_choice"),
        ({"tools": declared("a"), "tool_choice": named("b")}, "tool_choice"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_place(request_: dict[str, object], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        wishes(request_)
    assert (caught.value.error.status, caught.value.error.param) == (400, param)
