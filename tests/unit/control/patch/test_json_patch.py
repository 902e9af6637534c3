import pytest

from reconciler.control.patch.json_patch import json_patch
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject, JsonValue

Case = tuple[JsonValue, list[JsonValue], JsonValue]

APPENDIX_A: dict[str, Case] = {
    "A.1 add a member": (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux"}],
        {"baz": "qux", "foo": "bar"},
    ),
    "A.2 add an element": (
        {"foo": ["bar", "baz"]},
        [{"op": "add", "path": "/foo/1", "value": "qux"}],
        {"foo": ["bar", "qux", "baz"]},
    ),
    "A.3 remove a member": (
        {"baz": "qux", "foo": "bar"},
        [{"op": "remove", "path": "/baz"}],
        {"foo": "bar"},
    ),
    "A.4 remove an element": (
        {"foo": ["bar", "qux", "baz"]},
        [{"op": "remove", "path": "/foo/1"}],
        {"foo": ["bar", "baz"]},
    ),
    "A.5 replace": (
        {"baz": "qux", "foo": "bar"},
        [{"op": "replace", "path": "/baz", "value": "boo"}],
        {"baz": "boo", "foo": "bar"},
    ),
    "A.6 move a value": (
        {"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
        [{"op": "move", "from": "/foo/waldo", "path": "/qux/thud"}],
        {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}},
    ),
    "A.7 move an element": (
        {"foo": ["all", "grass", "cows", "eat"]},
        [{"op": "move", "from": "/foo/1", "path": "/foo/3"}],
        {"foo": ["all", "cows", "eat", "grass"]},
    ),
    "A.8 test": (
        {"baz": "qux", "foo": ["a", 2, "c"]},
        [{"op": "test", "path": "/baz", "value": "qux"}, {"op": "test", "path": "/foo/1", "value": 2}],
        {"baz": "qux", "foo": ["a", 2, "c"]},
    ),
    "A.10 add a nested object": (
        {"foo": "bar"},
        [{"op": "add", "path": "/child", "value": {"grandchild": {}}}],
        {"foo": "bar", "child": {"grandchild": {}}},
    ),
    "A.11 ignore what is unknown": (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz", "value": "qux", "xyz": 123}],
        {"foo": "bar", "baz": "qux"},
    ),
    "A.14 escapes": ({"/": 9, "~1": 10}, [{"op": "test", "path": "/~01", "value": 10}], {"/": 9, "~1": 10}),
    "A.16 add a list": (
        {"foo": ["bar"]},
        [{"op": "add", "path": "/foo/-", "value": ["abc", "def"]}],
        {"foo": ["bar", ["abc", "def"]]},
    ),
}

MORE: dict[str, Case] = {
    "nothing": ({"a": 1}, [], {"a": 1}),
    "add replaces a member": ({"a": 1}, [{"op": "add", "path": "/a", "value": 2}], {"a": 2}),
    "add null": ({}, [{"op": "add", "path": "/a", "value": None}], {"a": None}),
    "add at the length": ([1], [{"op": "add", "path": "/1", "value": 2}], [1, 2]),
    "add at the start": ([1], [{"op": "add", "path": "/0", "value": 0}], [0, 1]),
    "replace an element": ([1, 2], [{"op": "replace", "path": "/1", "value": 3}], [1, 3]),
    "replace the document": ({"a": 1}, [{"op": "replace", "path": "", "value": [1]}], [1]),
    "add the document": ({"a": 1}, [{"op": "add", "path": "", "value": 1}], 1),
    "test the document": ({"a": 1}, [{"op": "test", "path": "", "value": {"a": 1}}], {"a": 1}),
    "a slash and a tilde in a name": (
        {"a/b": 1, "~": 2},
        [{"op": "remove", "path": "/a~1b"}, {"op": "replace", "path": "/~0", "value": 3}],
        {"~": 3},
    ),
    "the empty name": ({"": {"": 1}}, [{"op": "replace", "path": "//", "value": 2}], {"": {"": 2}}),
    "digits name a member, too": ({"01": 1}, [{"op": "remove", "path": "/01"}], {}),
    "copy": (
        {"a": {"b": 1}},
        [{"op": "copy", "from": "/a", "path": "/a/c"}],
        {"a": {"b": 1, "c": {"b": 1}}},
    ),
    "copy the document": ({"a": 1}, [{"op": "copy", "from": "", "path": "/b"}], {"a": 1, "b": {"a": 1}}),
    "a copy is a value of its own": (
        {"a": {"n": 1}},
        [{"op": "copy", "from": "/a", "path": "/b"}, {"op": "replace", "path": "/b/n", "value": 2}],
        {"a": {"n": 1}, "b": {"n": 2}},
    ),
    "an added value may be changed": (
        {},
        [{"op": "add", "path": "/a", "value": []}, {"op": "add", "path": "/a/-", "value": 1}],
        {"a": [1]},
    ),
    "move onto itself": ({"a": 1}, [{"op": "move", "from": "/a", "path": "/a"}], {"a": 1}),
    "move into the list's end": (
        {"a": 1, "l": [0]},
        [{"op": "move", "from": "/a", "path": "/l/-"}],
        {"l": [0, 1]},
    ),
    "move up": ({"a": {"b": 1}}, [{"op": "move", "from": "/a/b", "path": "/a"}], {"a": 1}),
}


@pytest.mark.parametrize(
    ("target", "operations", "expected"), [*APPENDIX_A.values(), *MORE.values()], ids=[*APPENDIX_A, *MORE]
)
def test_what_a_patch_makes(target: JsonValue, operations: list[JsonValue], expected: JsonValue) -> None:
    assert json_patch(target, operations) == expected


NO_LIST = "a JSON patch is a list of operations"
MUST_FAIL: dict[str, tuple[JsonValue, JsonValue, str]] = {
    "A.9 a failing test": (
        {"baz": "qux"},
        [{"op": "test", "path": "/baz", "value": "bar"}],
        "operation 1 (test /baz): the test failed: another value stands there",
    ),
    "A.12 add below nothing": (
        {"foo": "bar"},
        [{"op": "add", "path": "/baz/bat", "value": "qux"}],
        'operation 1 (add /baz/bat): there is no "baz"',
    ),
    "A.15 a number is no text": (
        {"/": 9, "~1": 10},
        [{"op": "test", "path": "/~01", "value": "10"}],
        "operation 1 (test /~01): the test failed: another value stands there",
    ),
    "the second fails": (
        {"a": 1},
        [{"op": "remove", "path": "/a"}, {"op": "remove", "path": "/a"}],
        'operation 2 (remove /a): there is no "a"',
    ),
    "no list": ({}, {"op": "remove", "path": "/a"}, NO_LIST),
    "no object": ({}, ["remove"], "operation 1: not an object"),
    "no op": (
        {},
        [{"path": "/a"}],
        'operation 1: "op" is none of add, remove, replace, move, copy, test',
    ),
    "op of another type": (
        {},
        [{"op": ["add"], "path": "/a"}],
        'operation 1: "op" is none of add, remove, replace, move, copy, test',
    ),
    "no path": ({}, [{"op": "remove"}], 'operation 1 (remove): it needs "path", a text'),
    "no value": ({}, [{"op": "add", "path": "/a"}], 'operation 1 (add /a): it needs "value"'),
    "no from": ({}, [{"op": "copy", "path": "/a"}], 'operation 1 (copy /a): it needs "from"'),
    "from of another type": (
        {},
        [{"op": "copy", "path": "/a", "from": 1}],
        'operation 1 (copy /a): "from" is a text',
    ),
    "a path without slash": (
        {"a": 1},
        [{"op": "remove", "path": "a"}],
        'operation 1 (remove a): a path is "" or begins with /',
    ),
    "a wrong escape": (
        {"a": 1},
        [{"op": "remove", "path": "/~2"}],
        "operation 1 (remove /~2): in a path ~ is written ~0 and / is written ~1",
    ),
    "replace nothing": (
        {},
        [{"op": "replace", "path": "/a", "value": 1}],
        'operation 1 (replace /a): there is no "a"',
    ),
    "below a text": (
        {"a": "x"},
        [{"op": "add", "path": "/a/b", "value": 1}],
        "operation 1 (add /a/b): what is above it is no object and no list",
    ),
    "read below a text": (
        {"a": "x"},
        [{"op": "remove", "path": "/a/b"}],
        'operation 1 (remove /a/b): there is no "b"',
    ),
    "behind a list's end": (
        [1],
        [{"op": "add", "path": "/2", "value": 1}],
        "operation 1 (add /2): the list ends before place 2",
    ),
    "at a list's end": (
        [1],
        [{"op": "remove", "path": "/1"}],
        "operation 1 (remove /1): the list ends before place 1",
    ),
    "far behind": (
        [1],
        [{"op": "remove", "path": "/" + "9" * 5_000}],
        f"operation 1 (remove /{'9' * 5_000}): the list ends before place {'9' * 5_000}",
    ),
    "- is nothing that is there": (
        [1],
        [{"op": "remove", "path": "/-"}],
        'operation 1 (remove /-): "-" is no place in a list',
    ),
    "leading zeros": (
        [1],
        [{"op": "remove", "path": "/00"}],
        'operation 1 (remove /00): "00" is no place in a list',
    ),
    "from the end": (
        [1],
        [{"op": "remove", "path": "/-1"}],
        'operation 1 (remove /-1): "-1" is no place in a list',
    ),
    "digits of another script": (
        [1, 2],
        [{"op": "remove", "path": "/\u0661"}],
        'operation 1 (remove /\u0661): "\u0661" is no place in a list',
    ),
    "into itself": (
        {"a": {"b": 1}},
        [{"op": "move", "from": "/a", "path": "/a/b"}],
        "operation 1 (move /a/b): a value can't be moved into itself",
    ),
    "the document": (
        {},
        [{"op": "remove", "path": ""}],
        "operation 1 (remove ): the whole document can't be removed",
    ),
    "a terminal's escape": (
        {},
        [{"op": "remove", "path": "/\x1b[2J"}],
        'operation 1 (remove /\\x1b[2J): there is no "\\x1b[2J"',
    ),
}


@pytest.mark.parametrize(("target", "operations", "message"), MUST_FAIL.values(), ids=MUST_FAIL)
def test_what_is_refused(target: JsonValue, operations: JsonValue, message: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        json_patch(target, operations)
    assert raised.value.message == message


def test_no_message_shows_a_value() -> None:
    with pytest.raises(InvalidInput) as raised:
        json_patch({"key": "sk-stored"}, [{"op": "test", "path": "/key", "value": "sk-guessed"}])
    assert "sk-" not in str(raised.value)


def test_neither_the_target_nor_the_patch_changes_also_where_it_fails() -> None:
    target: JsonObject = {"a": [{"b": 1}]}
    operations: list[JsonValue] = [
        {"op": "add", "path": "/a/-", "value": {"c": [1]}},
        {"op": "add", "path": "/a/1/c/-", "value": 2},
        {"op": "replace", "path": "/a/0/b", "value": 2},
    ]
    assert json_patch(target, operations) == {"a": [{"b": 2}, {"c": [1, 2]}]}
    with pytest.raises(InvalidInput):
        json_patch(target, [*operations, {"op": "remove", "path": "/x"}])
    assert target == {"a": [{"b": 1}]}
    assert operations[0] == {"op": "add", "path": "/a/-", "value": {"c": [1]}}


def test_copies_that_double_end_early() -> None:
    """40 of them would make a million million values."""
    doubling: list[JsonValue] = [{"op": "copy", "from": "/a", "path": "/a/-"}] * 40
    with pytest.raises(InvalidInput, match="more than 3145728 characters"):
        json_patch({"a": ["x" * 1_000]}, doubling)
    with pytest.raises(InvalidInput, match="more than 3145728 characters"):
        json_patch({"a": "x" * 100_000}, [{"op": "copy", "from": "/a", "path": f"/{n}"} for n in range(40)])


def test_so_many_operations_are_refused() -> None:
    with pytest.raises(InvalidInput, match="more than 10000 operations"):
        json_patch({}, [{"op": "test", "path": "", "value": {}}] * 10_001)


def test_moves_that_nest_ever_deeper_are_refused() -> None:
    deeper: list[JsonValue] = [
        {"op": "move", "from": "/a", "path": "/b"},
        {"op": "add", "path": "/a", "value": {}},
        {"op": "move", "from": "/b", "path": "/a/b"},
    ]
    with pytest.raises(InvalidInput, match="what the patch makes has more than 64 collections"):
        json_patch({"a": {}}, deeper * 3_000)


def test_a_value_that_nests_too_deep_is_refused() -> None:
    value: JsonValue = 1
    for _ in range(5_000):
        value = [value]
    with pytest.raises(InvalidInput, match=r"operation 1 \(add /a\) has more than 64 collections"):
        json_patch({}, [{"op": "add", "path": "/a", "value": value}])
